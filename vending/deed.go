package vending

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Actor is who does something, and from where.
type Actor struct {
	Staff string // code of a member of the staff, or "system:" and what part of it
	Role  Role
	From  string // terminal, host or file from which it was asked
}

// System is a part of the service that acts by itself, as intake.
func System(part string) Actor { return Actor{Staff: "system:" + part, Role: RoleSystem} }

// Deed says what is being done, by whom and why. It becomes one audit record and
// one link of the book's chain, with the transfers it makes.
type Deed struct {
	ID       uuid.UUID // made by the outermost client; permanent: it is never done twice
	Kind     string    // what is done, as "shift open"
	By       Actor
	Approved Actor     // the second pair of eyes, where the rule wants one
	Why      string    // the reason, where a person gives one
	Request  any       // what was asked for: the same id with another request is refused
	At       time.Time // when it happened, by the clock that saw it; zero: now
}

// RequestHash is what a repetition is held against.
func (d Deed) RequestHash() (ledger.Hash, error) {
	asked, err := json.Marshal(d.Request)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("request of %q: %w", d.Kind, err)
	}
	return sha256.Sum256(asked), nil
}

// Record is the audit record of the deed; detail is what it changed, as JSON.
func (d Deed) Record(detail string) (ledger.Record, error) {
	request, err := d.RequestHash()
	return ledger.Record{ID: d.ID, Kind: d.Kind, Who: d.By.Staff, From: d.By.From, Approved: d.Approved.Staff, Why: d.Why,
		Request: request, Detail: detail, At: d.At}, err
}

// Repeats tells a deed that was done before, by its kind and the hash of what was
// asked for: ErrRepeated where it is the same, ErrDeedReused where it is another.
func (d Deed) Repeats(kind string, request ledger.Hash) error {
	asked, err := d.RequestHash()
	if err != nil {
		return err
	}
	if kind == d.Kind && request == asked {
		return ErrRepeated.With("ID", d.ID)
	}
	return ErrDeedReused.With("ID", d.ID, "Kind", kind)
}

// ErrRepeated is no refusal: the deed was done before, and nothing was changed now.
var ErrRepeated = &Error{Kind: NotAllowed, Code: "already_done"}
