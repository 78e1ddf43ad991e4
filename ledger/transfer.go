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

// Transfer moves an amount within the books of one customer. ID is made by
// the caller from what caused the transfer, so that the same fact can not be
// posted twice. For Post and Void only Customer, ID, Pend, Cause and At are
// given: accounts and amount are those of the pended transfer.
type Transfer struct {
	Customer int64
	ID       uuid.UUID
	Kind     Kind
	Pend     uuid.UUID // Post, Void: the pended transfer
	Debit    Account
	Credit   Account
	Amount   Amount
	Cause    uuid.UUID // the purchase or the report behind it
	At       time.Time // when it happened; the database adds when it was recorded
}

// What the book refuses. Each is a named constraint of the schema.
var (
	ErrExists    = errors.New("this transfer has been made already")
	ErrSettled   = errors.New("the pended transfer was posted or voided before")
	ErrNoPend    = errors.New("there is no such pended transfer")
	ErrOverdrawn = errors.New("the account does not hold that much")
	ErrAmount    = errors.New("a transfer moves a positive amount between two accounts")
	ErrImmutable = errors.New("transfers are never changed: make a new one")
)

// MoveID derives the id of the transfer that a fact causes: the same cause and
// role give the same id, whoever asks and however often.
func MoveID(cause uuid.UUID, role string) uuid.UUID {
	return uuid.NewSHA1(cause, []byte(role))
}
