package vending

import (
	"time"

	"github.com/google/uuid"
)

// What goes wrong with hand-overs.
var (
	ErrHandoverSigned = &Error{Kind: NotAllowed, Code: "handover_signed"}
	ErrHandoverSelf   = &Error{Kind: NotAllowed, Code: "handover_self"}
	ErrHandoverSeen   = &Error{Kind: NotAllowed, Code: "handover_changed"}
)

// Matter is something that a shift leaves open (RULES B8).
type Matter struct {
	Kind     string // "purchase in doubt"
	ID       uuid.UUID
	Customer int64
	Card     string
	MoneyFen int64
	Since    time.Time
	Doubt    string
}

// Handover is the list of open matters that goes from one cashier to the next.
type Handover struct {
	Shift   string
	From    string // cashier of the shift
	To      string // who takes the matters over
	At      time.Time
	Matters []Matter
}

// NewHandover is what both sign: the deed is by the cashier of the shift and
// approved, that is signed, by the one who takes over. seen is how many matters
// they had before them when they signed.
func NewHandover(s Shift, deed Deed, seen int, open []Matter, at time.Time) (Handover, error) {
	h := Handover{Shift: s.Number(), From: s.Cashier, To: deed.Approved.Staff, At: at, Matters: open}
	switch {
	case deed.By.Staff != s.Cashier:
		return h, ErrNotYourShift.With("Shift", s.Number(), "Cashier", s.Cashier)
	case h.To == "" || h.To == h.From:
		return h, ErrHandoverSelf.With("Staff", h.From)
	case seen != len(open):
		return h, ErrHandoverSeen.With("Seen", seen, "Open", len(open))
	}
	return h, deed.Approved.Permit(MaySell)
}
