package ledger

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// Kind is what a transfer does.
type Kind string

// The kinds of transfer.
const (
	Single Kind = "single" // moves the amount at once
	Pend   Kind = "pend"   // sets it aside on both sides
	Post   Kind = "post"   // moves what was pended
	Void   Kind = "void"   // gives back what was pended
)

// Transfer moves an amount within one book. ID is made by the caller from what
// caused the transfer, so that the same fact can not be posted twice. A Post or a
// Void names the pended transfer and repeats its accounts and amount.
type Transfer struct {
	Customer int64 // the book; 0 is the company's own
	ID       uuid.UUID
	Kind     Kind
	Pend     uuid.UUID // Post, Void: the pended transfer, written by an earlier link
	Debit    Account
	Credit   Account
	Amount   Amount
	Cause    uuid.UUID // the purchase, report or deed behind it
	Period   int       // the month whose books it belongs to, as 202603; 0: that of its record
	At       time.Time // when it happened
	Recorded time.Time // when the database wrote it down; set by the book
}

// Settle posts or voids a pended transfer.
func (t Transfer) Settle(kind Kind, id uuid.UUID, at time.Time) Transfer {
	t.Kind, t.Pend, t.ID, t.At = kind, t.ID, id, at
	t.Period = 0
	return t
}

// What the book refuses. Each is a named constraint of the schema.
var (
	ErrExists    = errors.New("this transfer has been made already")
	ErrSettled   = errors.New("the pended transfer was posted or voided before")
	ErrNoPend    = errors.New("there is no such pended transfer")
	ErrOverdrawn = errors.New("the account does not hold that much")
	ErrOverpaid  = errors.New("that much is not owed")
	ErrAmount    = errors.New("a transfer moves a positive amount between two accounts")
	ErrImmutable = errors.New("transfers are never changed: make a new one")
	ErrStale     = errors.New("somebody else has written in this book meanwhile")
	ErrDone      = errors.New("this deed has been done already")
	ErrClosed    = errors.New("the period is closed: post into the open one")
	ErrClock     = errors.New("the time of the record is not the database's")
	errNoRow     = errors.New("an account has no row of balances yet")
)

// MoveID derives the id of the transfer that a fact causes: the same cause and
// role give the same id, whoever asks and however often.
func MoveID(cause uuid.UUID, role string) uuid.UUID {
	return uuid.NewSHA1(cause, []byte(role))
}
