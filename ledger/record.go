package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// Record says who did what, when, why and from where. Every change has one, and
// it is one link of the chain of its book.
type Record struct {
	Book     int64     // a customer's number; 0 is the company's own book
	ID       uuid.UUID // made by the outermost client; permanent
	Kind     string
	Who      string
	From     string
	Approved string // the second pair of eyes; empty where none is wanted
	Why      string
	Request  Hash      // of what was asked for
	Detail   string    // what changed, JSON
	At       time.Time // when it happened
	Recorded time.Time // when the database wrote it down; periods close on this one
}

// Head is the last link of a book. Seq is 0 in a book where nothing was done.
type Head struct {
	Book int64
	Seq  int64
	Hash Hash
}

// Link is a record with its transfers, at its place in the chain.
type Link struct {
	Record
	Transfers []Transfer
	Seq       int64
	Hash      Hash // of all of this and of the link before
}

// Next makes the link that follows h. Transfers with no period get period, and all
// the time of the record.
func (h Head) Next(r Record, period int, transfers ...Transfer) Link {
	r.Book = h.Book
	r.At, r.Recorded = instant(r.At), instant(r.Recorded)
	l := Link{Record: r, Transfers: slices.Clone(transfers), Seq: h.Seq + 1}
	for i := range l.Transfers {
		t := &l.Transfers[i]
		if t.Period == 0 {
			t.Period = period
		}
		t.At, t.Recorded = instant(t.At), r.Recorded
	}
	l.Hash = l.sum(h.Hash)
	return l
}

// Head is the head of the book after the link.
func (l Link) Head() Head { return Head{l.Book, l.Seq, l.Hash} }

// instant is a time as PostgreSQL keeps it: to the microsecond.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// sum is the hash of a link after the one with hash before.
func (l Link) sum(before Hash) Hash { return sha256.Sum256(l.encode(make([]byte, 0, 1024), before)) }

// encode writes a link. Every field is written with its length or is of one length,
// so that no two links are written alike.
func (l Link) encode(b []byte, before Hash) []byte {
	b = field(b, []byte("vendgate link 1"))
	b = field(b, before[:])
	b = number(b, l.Book, l.Seq, l.At.UnixMicro(), l.Recorded.UnixMicro())
	b = field(b, l.ID[:])
	for _, s := range []string{l.Kind, l.Who, l.From, l.Approved, l.Why, l.Detail} {
		b = field(b, []byte(s))
	}
	b = field(b, l.Request[:])
	sorted := slices.Clone(l.Transfers)
	slices.SortFunc(sorted, func(x, y Transfer) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	b = number(b, int64(len(sorted)))
	for _, t := range sorted {
		b = t.append(b)
	}
	return b
}

func (t Transfer) append(b []byte) []byte {
	b = number(b, t.Customer, t.Amount.N, int64(t.Period), t.At.UnixMicro(), t.Recorded.UnixMicro())
	for _, id := range []uuid.UUID{t.ID, t.Pend, t.Cause} {
		b = field(b, id[:])
	}
	for _, s := range []string{string(t.Kind), t.Debit.String(), t.Credit.String(), string(t.Amount.Commodity)} {
		b = field(b, []byte(s))
	}
	return b
}

func field(b, value []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

func number(b []byte, values ...int64) []byte {
	for _, v := range values {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	return b
}
