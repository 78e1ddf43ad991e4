package vending

import (
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Kinds of deed that give money back.
const (
	DeedReversal  = "purchase reversed"
	DeedTakenBack = "revenue taken back"
	DeedRefund    = "advance refunded"
)

// Why a purchase cannot be taken back, or money not be paid out.
var (
	ErrReversed      = &Error{Kind: NotAllowed, Code: "already_reversed"}
	ErrNotLast       = &Error{Kind: NotAllowed, Code: "reversal_not_last"}
	ErrCreditTaken   = &Error{Kind: NotAllowed, Code: "credit_taken"}
	ErrBackTorn      = &Error{Kind: NotAllowed, Code: "write_back_torn"}
	ErrInvoiceOut    = &Error{Kind: NotAllowed, Code: "invoice_outstanding"}
	ErrTruedUp       = &Error{Kind: NotAllowed, Code: "purchase_trued_up"}
	ErrRefundMeans   = &Error{Kind: NotAllowed, Code: "refund_means"}
	ErrRefundShort   = &Error{Kind: NotAllowed, Code: "refund_short"}
	ErrNothingOnCard = &Error{Kind: NotAllowed, Code: "nothing_on_card"}
	ErrRefundOpen    = &Error{Kind: Failed, Code: "refund_open"}
)

// IsReversal says whether the purchase takes another one back.
func (p Purchase) IsReversal() bool { return p.Reverses != uuid.Nil }

// Taken is all the money that was taken with the purchase, in fen.
func (p Purchase) Taken() int64 { return p.Quote.Money + p.Debt }

// IsNamed says whether text names the purchase: by its id, or by the number of its slip.
func (p Purchase) IsNamed(text string) bool { return text == p.ID.String() || text == p.Slip() }

// Reversal is everything that taking a purchase back depends on, as one transaction
// on the customer's book sees it, with the card in the reader.
type Reversal struct {
	Now      time.Time
	Sale     Purchase // the one that is to be taken back
	Last     Purchase // the last sale on the meter's card that stands
	Head     Purchase // the last purchase on it, perhaps one that took another back: what the card must show
	Status   Status   // of the customer
	Card     Card     // that is in the reader
	Shows    Shown    // on it
	Rule     LoadRule // of it
	Torn     bool     // its write-back is
	Free     int64    // credit that the books have on the card, and that is not about to be taken back
	Heard    bool     // a report says that the meter has taken the credit, or cannot say that it has not
	TruedUp  bool     // a price change has been settled on the credit since: it did not cost what the purchase says any more
	Invoice  InvoiceRef
	Shift    Shift   // of who acts; No is 0 where none is open
	Payment  Payment // how the money goes back; FromAdvance: it stays the customer's advance
	EyesFrom int64   // fen above which a second pair of eyes is wanted
}

// Reverse decides whether the purchase may be taken back, and is what takes it back:
// pending and not stored. Who sold it in the shift that is still open may; anybody
// else needs MayReverse and a reason.
func (r Reversal) Reverse(deed Deed) (Purchase, error) {
	p := r.Sale
	p.ID, p.Reverses, p.Count, p.Total = deed.ID, r.Sale.ID, r.Head.Count+1, r.Head.Total-r.Sale.Quote.Credit.N
	p.Quote = Quote{Money: -p.Quote.Money, Cost: -p.Quote.Cost, Change: -p.Quote.Change, Credit: p.Quote.Credit}
	p.Quote.Credit.N, p.Debt = -p.Quote.Credit.N, -p.Debt
	p.Means, p.Bank, p.Reference, p.Till, p.Staff = r.Payment.Means, "", "", "", deed.By.Staff
	p.State, p.Attempt, p.Opened, p.Doubt, p.Proof, p.Settled = Pending, 1, r.Now, "", "", time.Time{}
	for _, why := range []func(Deed) error{r.isLast, r.isUntouched, r.isTheirs, r.isPayable} {
		if err := why(deed); err != nil {
			return p, err
		}
	}
	if p.Means != FromAdvance {
		p.Till = r.Shift.Number()
	}
	return p, nil
}

// isLast asks for the last sale that stands, on the card on which it was made: a card
// that died since may still hold it, and the meter would take it from there.
func (r Reversal) isLast(Deed) error {
	switch s := r.Sale; {
	case s.IsReversal() || !s.Undone.IsZero():
		return ErrReversed.With("Slip", s.Slip())
	case s.Began != "" || s.Card != r.Card.No && s.Meter == r.Card.Meter:
		return ErrCopyOut.With("Slip", s.Slip(), "Card", s.first())
	case s.Card != r.Card.No:
		return ErrWrongCard.With("Want", s.Card, "Card", r.Card.No)
	case s.State != Loaded || r.Last.ID != s.ID:
		return ErrNotLast.With("Slip", s.Slip(), "Last", r.Last.Slip())
	}
	if r.Status == Closed {
		return ErrCustomerClosed.With("Customer", r.Sale.Customer, "Status", r.Status)
	}
	return r.Card.Sellable()
}

// isUntouched asks that the card shows what the books hold, and that card, books and
// every report say that the meter has not taken this purchase.
func (r Reversal) isUntouched(Deed) error {
	s := r.Sale
	want := Shown{Count: r.Head.Count, Total: r.Head.Total, Commodity: s.Quote.Credit.Commodity}
	switch {
	case r.Rule == RuleCounter: // its meter would refuse the card for its count
		return ErrRuleCounts.With("Card", r.Card.No)
	case r.Rule == RuleBalance: // nor can an e-purse be told less
		return ErrNoUnload.With("Card", r.Card.No)
	case !r.Shows.Agrees(want):
		return ErrCardDisagrees.With("Card", r.Card.No, "Shows", r.Shows.String(), "Books", want.String())
	case r.Heard || r.Free < s.Quote.Credit.N:
		return ErrCreditTaken.With("Slip", s.Slip())
	case r.Torn:
		return ErrBackTorn.With("Card", r.Card.No)
	case r.TruedUp:
		return ErrTruedUp.With("Slip", s.Slip())
	case r.Invoice != (InvoiceRef{}):
		return ErrInvoiceOut.With("Invoice", r.Invoice.String())
	}
	return nil
}

// isTheirs is who may.
func (r Reversal) isTheirs(deed Deed) error {
	own := r.Shift.No != 0 && r.Sale.Staff == deed.By.Staff && !r.Sale.Opened.Before(r.Shift.Opened)
	if own {
		if err := deed.By.Permit(MaySell); err != nil {
			return err
		}
	} else if err := deed.MayGiveBack(); err != nil {
		return err
	}
	if r.Sale.Taken() > r.EyesFrom {
		return deed.FourEyes()
	}
	return nil
}

// MayGiveBack is the right to take back what others have sold, and to pay money out, with a reason.
func (d Deed) MayGiveBack() error {
	if err := d.By.Permit(MayReverse); err != nil {
		return err
	}
	if d.Why == "" {
		return ErrReasonMissing
	}
	return nil
}

// isPayable asks where the money goes: back the way that it came, or to the advance.
// Another way is for who may reverse.
func (r Reversal) isPayable(deed Deed) error {
	switch {
	case r.Payment.Means == FromAdvance:
		return nil
	case r.Sale.Means == FromAdvance:
		return ErrRefundMeans.With("Means", r.Payment.Means)
	case r.Payment.Means != r.Sale.Means && deed.MayGiveBack() != nil:
		return ErrRefundMeans.With("Means", r.Payment.Means)
	case r.Shift.No == 0:
		return ErrNoShiftOfYours.With("Staff", deed.By.Staff)
	}
	return r.Payment.Valid(true)
}

// Refutes says whether the report speaks against taking a purchase back: that the
// meter has taken it, or that it may have. Meters take a purchase whole or not at all.
func (r Report) Refutes(sale Purchase) bool {
	return r.Loaded > sale.Total-sale.Quote.Credit.N || r.Loaded+r.Resolution > sale.Total
}

// Later is what the report adds to the books once a purchase stays that was about to
// be taken back: until then its credit could not be moved.
func (r Report) Later(b Books) []ledger.Transfer {
	if taken := r.taken(b); taken > 0 {
		return []ledger.Transfer{r.move(takenLater, ledger.Card(b.Card), ledger.Meter(r.Meter), taken, b.OnCard.Commodity)}
	}
	return nil
}

const takenLater = "taken later"
