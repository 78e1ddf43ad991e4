package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Sealed is one seal. Its hash goes out of the house, on the day's report: whoever
// then rewrites a link that it covers cannot make that hash again.
type Sealed struct {
	No    int64 // 1, 2, 3, without a gap; 0: nothing was sealed yet
	At    time.Time
	Links int64 // that it covers: those made since the seal before it
	Hash  Hash
}

// leaf is the last link of a book when a seal was made.
type leaf struct {
	head  Head
	links int64 // of the book since its leaf before
}

// String is the hash as it is printed.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads a hash off paper: 64 hexadecimal digits, with spaces or without.
func ParseHash(s string) (Hash, error) {
	digits, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil || len(digits) != sha256.Size {
		return Hash{}, fmt.Errorf("%q is not the hash of a seal: want %d hexadecimal digits", s, 2*sha256.Size)
	}
	return Hash(digits), nil
}

// sealOverlap is how far before the last seal a book is looked for whose last link
// it did not cover: a transaction that was still open then, a clock put back.
const sealOverlap = 24 * time.Hour

// leavesSQL finds the books whose last link no seal covers. Without $1 it looks at
// all books.
const leavesSQL = `
select b.customer_no, r.seq, r.hash, r.seq - coalesce(l.seq, 0)
from (select distinct customer_no from ledger_record where $1::timestamptz is null or recorded_at >= $1) b
cross join lateral (
	select seq, hash from ledger_record where customer_no = b.customer_no order by seq desc limit 1
) r
left join lateral (
	select seq from ledger_leaf where customer_no = b.customer_no order by seal_no desc limit 1
) l on true
where r.seq > coalesce(l.seq, 0) order by b.customer_no`

const (
	insertLeavesSQL = `
insert into ledger_leaf (customer_no, seal_no, seq, hash)
select customer_no, $1, seq, hash from unnest($2::bigint[], $3::bigint[], $4::bytea[]) l (customer_no, seq, hash)`
	insertSealSQL = `insert into ledger_seal (no, sealed_at, links, hash) values ($1, $2, $3, $4)`
)

// Seal covers the links that were made since the last seal with a new one. ok is
// false where there are none: then the last seal covers all that there is. tx is a
// read-committed transaction of its own; sealers take turns until they commit. at is
// the database's clock.
func Seal(ctx context.Context, tx Tx, at time.Time) (s Sealed, ok bool, err error) {
	turn := &pgx.Batch{}
	turn.Queue(`select pg_advisory_xact_lock(hashtextextended('vendgate: seal of the ledger', 0))`)
	if err := tx.SendBatch(ctx, turn).Close(); err != nil {
		return s, false, fmt.Errorf("seal: %w", err)
	}
	last, err := LastSeal(ctx, tx)
	if err != nil {
		return s, false, err
	}
	s = Sealed{No: last.No + 1, At: instant(at)}
	sum := newSealSum(last.Hash, s.No, s.At)
	if err := sealLeaves(ctx, tx, last, s, sum); err != nil {
		return s, false, fmt.Errorf("seal %d: %w", s.No, err)
	}
	if sum.leaves == 0 {
		return last, false, nil
	}
	s.Links, s.Hash = sum.links, sum.end(sum.links)
	done := &pgx.Batch{}
	done.Queue(insertSealSQL, s.No, s.At, s.Links, s.Hash[:])
	return s, true, Refusal(tx.SendBatch(ctx, done).Close())
}

func sealLeaves(ctx context.Context, tx Tx, last, s Sealed, sum *sealSum) error {
	var since *time.Time
	if last.No > 0 {
		since = new(time.Time)
		*since = last.At
		if s.At.Before(last.At) {
			*since = s.At
		}
		*since = since.Add(-sealOverlap)
	}
	const name = "ledger_leaves"
	leaves, err := walk(ctx, tx, name, leavesSQL, scanLeaf, since)
	if err != nil {
		return err
	}
	var some []leaf
	for {
		l, err := leaves.next(ctx)
		if err != nil {
			return err
		}
		if l != nil {
			sum.leaf(l.head)
			sum.links += l.links
			some = append(some, *l)
		}
		if l == nil || len(some) == fetched {
			if err := insertLeaves(ctx, tx, s.No, some); err != nil {
				return err
			}
			some = some[:0]
		}
		if l == nil {
			return leaves.close(ctx, name)
		}
	}
}

func insertLeaves(ctx context.Context, tx Tx, no int64, some []leaf) error {
	if len(some) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(insertLeavesSQL, no, column(some, func(l leaf) int64 { return l.head.Book }),
		column(some, func(l leaf) int64 { return l.head.Seq }), column(some, func(l leaf) []byte { return l.head.Hash[:] }))
	return Refusal(tx.SendBatch(ctx, b).Close())
}

func scanLeaf(row pgx.CollectableRow) (l leaf, err error) {
	var hash []byte
	err = row.Scan(&l.head.Book, &l.head.Seq, &hash, &l.links)
	copy(l.head.Hash[:], hash)
	return l, err
}

// LastSeal is the newest seal; its No is 0 where nothing was sealed yet.
func LastSeal(ctx context.Context, tx Tx) (Sealed, error) {
	return sealFrom(tx.QueryRow(ctx, `select no, sealed_at, links, hash from ledger_seal order by no desc limit 1`))
}

// SealOf is the seal with a hash that was printed; its No is 0 where there is none.
func SealOf(ctx context.Context, tx Tx, printed Hash) (Sealed, error) {
	return sealFrom(tx.QueryRow(ctx, `select no, sealed_at, links, hash from ledger_seal where hash = $1`, printed[:]))
}

func sealFrom(row pgx.Row) (s Sealed, err error) {
	var hash []byte
	err = row.Scan(&s.No, &s.At, &s.Links, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Sealed{}, nil
	}
	copy(s.Hash[:], hash)
	s.At = instant(s.At)
	return s, err
}

// sealSum is the hash of a seal in the making. Leaves come in the order of their
// books; how many they were stands at the end, so that none need be held.
type sealSum struct {
	to     hash.Hash
	buffer []byte
	leaves int64
	links  int64
}

func newSealSum(before Hash, no int64, at time.Time) *sealSum {
	s := &sealSum{to: sha256.New()}
	b := field(nil, []byte("vendgate seal 1"))
	b = field(b, before[:])
	s.to.Write(number(b, no, at.UnixMicro()))
	return s
}

func (s *sealSum) leaf(h Head) {
	s.leaves++
	s.buffer = field(number(s.buffer[:0], h.Book, h.Seq), h.Hash[:])
	s.to.Write(s.buffer)
}

func (s *sealSum) end(links int64) (h Hash) {
	s.to.Write(number(nil, links, s.leaves))
	s.to.Sum(h[:0])
	return h
}
