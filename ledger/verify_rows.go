package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// What Verify reads may be anything, for somebody may have changed the schema too.
// A row with a value that was never written, as null where there is none, is not
// whole; it is named, and the walk goes on.

const (
	linkSQL  = `select customer_no, seq, id, kind, who, origin, approved, why, detail, request, hash, occurred_at, recorded_at from ledger_record `
	linksSQL = linkSQL + `order by customer_no, seq`
	movesSQL = `
select customer_no, seq, id, pend_id, cause, kind, debit, credit, commodity, amount, period, occurred_at, recorded_at
from ledger_transfer order by customer_no, seq, id`
	sealsSQL  = `select no, sealed_at, links, hash from ledger_seal order by no`
	sealedSQL = `select seal_no, customer_no, seq, hash from ledger_leaf order by seal_no, customer_no`
)

type foundLink struct {
	Link
	whole bool
}

type foundMove struct {
	placed
	whole bool
}

type foundSeal struct {
	Sealed
	whole bool
}

type foundLeaf struct {
	head  Head
	seal  int64
	whole bool
}

func scanLink(row pgx.CollectableRow) (l foundLink, err error) {
	var book, seq pgtype.Int8
	var id pgtype.UUID
	var kind, who, origin, approved, why, detail pgtype.Text
	var request, hash []byte
	var at, recorded pgtype.Timestamptz
	err = row.Scan(&book, &seq, &id, &kind, &who, &origin, &approved, &why, &detail, &request, &hash, &at, &recorded)
	l.whole = book.Valid && seq.Valid && id.Valid && kind.Valid && who.Valid && origin.Valid && approved.Valid && why.Valid && detail.Valid &&
		isTime(at) && isTime(recorded) && asHash(&l.Request, request) && asHash(&l.Hash, hash)
	l.Book, l.Seq, l.ID, l.At, l.Recorded = key(book), key(seq), id.Bytes, at.Time, recorded.Time
	l.Kind, l.Who, l.From, l.Approved, l.Why, l.Detail = kind.String, who.String, origin.String, approved.String, why.String, detail.String
	return l, err
}

// Records lists the links of a book after one, in order, without their transfers.
func Records(ctx context.Context, tx Tx, book, after int64, limit int) ([]Link, error) {
	rows, err := tx.Query(ctx, linkSQL+`where customer_no = $1 and seq > $2 order by seq limit $3`, book, after, limit)
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Link, error) {
		l, err := scanLink(row)
		return l.Link, err
	})
}

func scanMove(row pgx.CollectableRow) (t foundMove, err error) {
	var id, pend, cause pgtype.UUID
	var kind, debit, credit, commodity pgtype.Text
	var book, seq, amount pgtype.Int8
	var period pgtype.Int4
	var at, recorded pgtype.Timestamptz
	err = row.Scan(&book, &seq, &id, &pend, &cause, &kind, &debit, &credit, &commodity, &amount, &period, &at, &recorded)
	t.whole = book.Valid && seq.Valid && id.Valid && cause.Valid && kind.Valid && commodity.Valid && amount.Valid && period.Valid &&
		isTime(at) && isTime(recorded) && asAccount(&t.Debit, debit) && asAccount(&t.Credit, credit) &&
		pend.Valid == (pend.Bytes != uuid.Nil) // none is null, and never a number of zeros
	t.Customer, t.seq, t.ID, t.Pend, t.Cause = key(book), key(seq), id.Bytes, pend.Bytes, cause.Bytes
	t.Kind, t.Amount, t.Period = Kind(kind.String), Amount{amount.Int64, Commodity(commodity.String)}, int(period.Int32)
	t.At, t.Recorded = at.Time, recorded.Time
	return t, err
}

func scanSeal(row pgx.CollectableRow) (s foundSeal, err error) {
	var at pgtype.Timestamptz
	var no, links pgtype.Int8
	var hash []byte
	err = row.Scan(&no, &at, &links, &hash)
	s.No, s.At, s.Links = key(no), at.Time, links.Int64
	s.whole = no.Valid && isTime(at) && links.Valid && asHash(&s.Hash, hash)
	return s, err
}

func scanSealed(row pgx.CollectableRow) (l foundLeaf, err error) {
	var no, book, seq pgtype.Int8
	var hash []byte
	err = row.Scan(&no, &book, &seq, &hash)
	l.seal, l.head.Book, l.head.Seq = key(no), key(book), key(seq)
	l.whole = no.Valid && book.Valid && seq.Valid && asHash(&l.head.Hash, hash)
	return l, err
}

// key is where a row stands: the database sorts null last.
func key(n pgtype.Int8) int64 {
	if !n.Valid {
		return math.MaxInt64
	}
	return n.Int64
}

func isTime(t pgtype.Timestamptz) bool { return t.Valid && t.InfinityModifier == pgtype.Finite }

func asHash(h *Hash, b []byte) bool { return copy(h[:], b) == len(b) && len(b) == sha256.Size }

// asAccount takes an account as it stands there: it is hashed, not judged. What has
// no colon was never one.
func asAccount(a *Account, s pgtype.Text) (ok bool) {
	var class string
	class, a.Of, ok = strings.Cut(s.String, ":")
	a.Class = Class(class)
	return ok && s.Valid
}
