package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Break is a place where the chain does not hold.
type Break struct {
	Book  int64 // whose first broken link it is
	Seq   int64 // the link; 0 where a seal is broken
	Seal  int64 // the seal that does not hold; 0 where a link is broken
	Fault string
}

func (b Break) String() string {
	switch {
	case b.Seq == 0 && b.Seal > 0:
		return fmt.Sprintf("seal %d: %s", b.Seal, b.Fault)
	default:
		return fmt.Sprintf("link %d of book %d: %s", b.Seq, b.Book, b.Fault)
	}
}

// Report is what Verify found.
type Report struct {
	Links      int64
	Transfers  int64
	Seals      int64
	Leaves     int64
	Last       Sealed // the newest seal
	Unsealed   int64  // links that no seal covers yet
	Broken     int64  // how many breaks there are
	Breaks     []Break
	Violations []Violation // what Check says of the balances
}

// Clean says that everything holds.
func (r Report) Clean() bool { return r.Broken == 0 && len(r.Violations) == 0 }

// listed bounds how many breaks a report names.
const listed = 100

// Verify walks every chain from its first link, recomputes every hash, holds every
// seal against its leaves and every leaf against its link, and rebuilds every
// balance. Of each book it names the first link that is broken. It reads one
// snapshot where tx is a repeatable-read transaction. progress is told how many
// links were walked, of how many; it may be nil.
func Verify(ctx context.Context, tx Tx, progress func(done, all int64)) (Report, error) {
	v := &verifier{tx: tx, progress: progress}
	if v.progress == nil {
		v.progress = func(int64, int64) {}
	}
	for _, step := range []func(context.Context) error{v.chains, v.seals, v.leaves, v.balances} {
		if err := step(ctx); err != nil {
			return v.report, fmt.Errorf("verify: %w", err)
		}
	}
	return v.report, nil
}

type verifier struct {
	tx       Tx
	progress func(done, all int64)
	report   Report
	sealed   int64 // links that seals say they cover
}

func (v *verifier) broken(b Break) {
	v.report.Broken++
	if len(v.report.Breaks) < listed {
		v.report.Breaks = append(v.report.Breaks, b)
	}
}

// told is after how many links progress is told.
const told = 10_000

// chains walks the links of all books, each with its transfers.
func (v *verifier) chains(ctx context.Context) error {
	var all int64
	if err := v.tx.QueryRow(ctx, `select count(*) from ledger_record`).Scan(&all); err != nil {
		return err
	}
	links, err := walk(ctx, v.tx, "ledger_links", linksSQL, scanLink)
	if err != nil {
		return err
	}
	transfers, err := walk(ctx, v.tx, "ledger_moves", movesSQL, scanMove)
	if err != nil {
		return err
	}
	at := chain{v: v}
	for {
		link, err := links.next(ctx)
		if err != nil {
			return err
		}
		if err := v.gather(ctx, transfers, link, &at); err != nil || link == nil {
			v.progress(v.report.Links, all)
			return err
		}
		at.take(*link)
		v.report.Links++
		if v.report.Links%told == 0 {
			v.progress(v.report.Links, all)
		}
	}
}

// gather takes the transfers up to a link, and gives the link its own; nil is the
// end of all books.
func (v *verifier) gather(ctx context.Context, transfers *cursor[foundMove], link *foundLink, at *chain) error {
	for {
		t, err := transfers.peek(ctx)
		if err != nil || t == nil {
			return err
		}
		if link != nil {
			switch place := comparePlace(t.Customer, t.seq, link.Book, link.Seq); {
			case place > 0:
				return nil
			case place == 0:
				link.Transfers = append(link.Transfers, t.Transfer)
				link.whole = link.whole && t.whole
			default:
				at.stray(t.placed)
			}
		} else {
			at.stray(t.placed)
		}
		v.report.Transfers++
		if _, err := transfers.next(ctx); err != nil {
			return err
		}
	}
}

func comparePlace(book, seq, otherBook, otherSeq int64) int {
	switch {
	case book < otherBook || book == otherBook && seq < otherSeq:
		return -1
	case book == otherBook && seq == otherSeq:
		return 0
	}
	return 1
}

// chain is how far the walk has come in one book.
type chain struct {
	v     *verifier
	head  Head
	begun bool
	bad   bool // its first broken link was named
}

func (c *chain) enter(book int64) {
	if !c.begun || c.head.Book != book {
		*c = chain{v: c.v, head: Head{Book: book}, begun: true}
	}
}

func (c *chain) fault(seq int64, fault string) {
	if !c.bad {
		c.v.broken(Break{Book: c.head.Book, Seq: seq, Fault: fault})
	}
	c.bad = true
}

func (c *chain) stray(t placed) {
	c.enter(t.Customer)
	c.fault(t.seq, fmt.Sprintf("transfer %s belongs to it, and it is not there", t.ID))
}

func (c *chain) take(l foundLink) {
	c.enter(l.Book)
	switch {
	case l.Seq != c.head.Seq+1:
		c.fault(c.head.Seq+1, fmt.Sprintf("it is not there: %d follows %d", l.Seq, c.head.Seq))
	case !l.whole:
		c.fault(l.Seq, "a value is missing, or none that was ever written")
	case l.sum(c.head.Hash) != l.Hash:
		c.fault(l.Seq, "it is not what was written")
	}
	c.head = l.Head()
}

// seals walks the seals, each with its leaves.
func (v *verifier) seals(ctx context.Context) error {
	seals, err := walk(ctx, v.tx, "ledger_seals", sealsSQL, scanSeal)
	if err != nil {
		return err
	}
	leaves, err := walk(ctx, v.tx, "ledger_sealed", sealedSQL, scanSealed)
	if err != nil {
		return err
	}
	for {
		seal, err := seals.next(ctx)
		if err != nil {
			return err
		}
		last := v.report.Last
		var sum *sealSum
		if seal != nil {
			sum = newSealSum(last.Hash, seal.No, seal.At)
		}
		if err := v.addLeaves(ctx, leaves, seal, sum); err != nil || seal == nil {
			return err
		}
		switch {
		case seal.No != last.No+1:
			v.broken(Break{Seal: last.No + 1, Fault: fmt.Sprintf("it is not there: %d follows %d", seal.No, last.No)})
		case !seal.whole || sum.end(seal.Links) != seal.Hash:
			v.broken(Break{Seal: seal.No, Fault: "it is not what was sealed, or its leaves are not"})
		}
		v.report.Last, v.report.Seals = seal.Sealed, v.report.Seals+1
		v.sealed += seal.Links
	}
}

// addLeaves adds the leaves of a seal to its sum; nil is the end of all seals.
func (v *verifier) addLeaves(ctx context.Context, leaves *cursor[foundLeaf], seal *foundSeal, sum *sealSum) error {
	for {
		l, err := leaves.peek(ctx)
		if err != nil || l == nil || seal != nil && l.seal > seal.No {
			return err
		}
		if seal != nil && l.seal == seal.No {
			sum.leaf(l.head)
			seal.whole = seal.whole && l.whole
		} else {
			v.broken(Break{Seal: l.seal, Fault: fmt.Sprintf("it has a leaf of book %d and is not there", l.head.Book)})
		}
		v.report.Leaves++
		if _, err := leaves.next(ctx); err != nil {
			return err
		}
	}
}

// leaves holds every leaf against the link that it names.
func (v *verifier) leaves(ctx context.Context) error {
	v.report.Unsealed = max(0, v.report.Links-v.sealed)
	// Of each book the first: from there on its links are others than were sealed.
	const sql = `
		select distinct on (l.customer_no) coalesce(l.customer_no, 0), coalesce(l.seq, 0), coalesce(l.seal_no, 0), r.seq is null
		from ledger_leaf l left join ledger_record r on r.customer_no = l.customer_no and r.seq = l.seq
		where r.hash is distinct from l.hash order by l.customer_no, l.seal_no`
	rows, err := v.tx.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b Break
		var gone bool
		if err := rows.Scan(&b.Book, &b.Seq, &b.Seal, &gone); err != nil {
			return err
		}
		b.Fault = fmt.Sprintf("it is not the one that seal %d covers", b.Seal)
		if gone {
			b.Fault = fmt.Sprintf("seal %d covers it, and it is not there", b.Seal)
		}
		v.broken(b)
	}
	return rows.Err()
}

// balances rebuilds every balance. It comes last: a number that no sum can hold
// ends the transaction.
func (v *verifier) balances(ctx context.Context) (err error) {
	v.report.Violations, err = Check(ctx, v.tx)
	const numericValueOutOfRange = "22003"
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == numericValueOutOfRange {
		v.report.Violations = append(v.report.Violations, Violation{replays, "a number is beyond 64 bits"})
		return nil
	}
	return err
}
