package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Operations of tills take the deed: its id, who does it, who approves and why.
// Kind and request are filled in here. They say done == false where the same deed
// was done before: then nothing was changed, and what it did is returned.

// ShiftOpening is what opens a shift. The cashier is who opens it (RULES B7).
type ShiftOpening struct {
	Till     string
	FloatFen int64  // change money, from the safe
	Safe     string // hall
}

// OpenShift opens a till's next shift with its float.
func (d *Desk) OpenShift(ctx context.Context, deed vending.Deed, req ShiftOpening) (s vending.Shift, done bool, err error) {
	deed.Kind, deed.Request = "shift open", req
	s = vending.Shift{Till: req.Till, Cashier: deed.By.Staff, FloatFen: req.FloatFen, Closing: vending.Closing{Safe: req.Safe}}
	if err := s.Valid(); err != nil {
		return s, false, err
	}
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return s, false, err
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		if err := tx.DayClosed(ctx, vending.DateOf(tx.Now)); err != nil {
			return err
		}
		if err := enough(ctx, tx, ledger.Safe(req.Safe), req.FloatFen); err != nil {
			return err
		}
		if s, err = tx.AddShift(ctx, s, deed.ID); err != nil {
			return err
		}
		return tx.Apply(ctx, s.FloatTransfers(deed.ID)...)
	})
	if errors.Is(err, vending.ErrRepeated) {
		s, err = d.Store.ShiftOpenedBy(ctx, deed.ID)
		return s, false, err
	}
	return s, err == nil, err
}

// enough refuses to take from a safe or bank account more cash than it holds.
func enough(ctx context.Context, tx *store.Tx, a ledger.Account, fen int64) error {
	if fen == 0 || a.Class != ledger.ClassSafe {
		return nil
	}
	held, err := tx.HeldByCompany(ctx, a)
	if err == nil && held < fen {
		return vending.ErrSafeShort.With("Place", a.String(), "Held", vending.FormatYuan(held), "Amount", vending.FormatYuan(fen))
	}
	return err
}

// closing is the order to close a shift.
type closing struct {
	Shift string
	vending.Closing
}

// BeginClosing stops the sales of a shift, so that its drawer can be counted, and
// keeps what was counted, if it was. Every count stays in the audit record: whoever
// counts until it fits has not counted blind (RULES B7).
func (d *Desk) BeginClosing(ctx context.Context, deed vending.Deed, number string, c vending.Count) (s vending.Shift, err error) {
	deed.ID, deed.Kind, deed.Request = ledger.MoveID(deed.ID, "closing"), "shift closing", closing{number, vending.Closing{Count: c}}
	deed.Approved, deed.Why = vending.Actor{}, ""
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		if s, err = ownShift(ctx, tx, deed, number); err != nil {
			return err
		}
		next, ok := s.State.Next(vending.CountBegins)
		if !ok {
			return vending.ErrShiftClosed.With("Shift", number)
		}
		s.State = next
		if c != nil {
			s.Counts++
			tx.Changed("count", c.String())
		}
		return tx.SetShift(ctx, s)
	})
	if errors.Is(err, vending.ErrRepeated) {
		return d.Store.Shift(ctx, number)
	}
	return s, err
}

// ownShift is a shift that who acts may close: their own, or a supervisor any.
func ownShift(ctx context.Context, tx *store.Tx, deed vending.Deed, number string) (vending.Shift, error) {
	s, err := tx.Shift(ctx, number)
	if err != nil {
		return s, err
	}
	if s.Cashier != deed.By.Staff && !deed.By.Role.May(vending.MaySupervise) {
		return s, vending.ErrNotYourShift.With("Shift", number, "Cashier", s.Cashier)
	}
	return s, nil
}

// CloseShift closes a shift with the cash that was counted (RULES B7): sales end,
// those in flight are waited for, the difference is booked, and the money goes to
// bank and safe. Two who close at once take turns; with another deed the second is
// vending.ErrShiftClosed.
func (d *Desk) CloseShift(ctx context.Context, deed vending.Deed, number string, c vending.Closing) (s vending.Shift, done bool, err error) {
	return d.closeShift(ctx, deed, number, c, false)
}

// errRehearsed ends a transaction of which nothing is to stay.
var errRehearsed = errors.New("rehearsed")

// RehearseClose is CloseShift of which nothing stays: the difference a close would
// book. Sales go on. A cashier counts blind and may not ask.
func (d *Desk) RehearseClose(ctx context.Context, deed vending.Deed, number string, c vending.Closing) (vending.Shift, error) {
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return vending.Shift{}, err
	}
	s, _, err := d.closeShift(ctx, deed, number, c, true)
	return s, err
}

func (d *Desk) closeShift(ctx context.Context, deed vending.Deed, number string, c vending.Closing, rehearse bool) (s vending.Shift, done bool, err error) {
	deed.Why, deed.Kind, deed.Request = c.Reason, "shift close", closing{number, c}
	if !rehearse {
		if _, err := d.BeginClosing(ctx, deed, number, c.Count); err != nil && !errors.Is(err, vending.ErrShiftClosed) {
			return s, false, err
		}
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		if err := tx.DrainShift(ctx, number); err != nil {
			return err
		}
		if s, err = ownShift(ctx, tx, deed, number); err != nil {
			return err
		}
		if rehearse && s.State == vending.ShiftOpen {
			s.State = vending.ShiftClosing
		}
		held, err := tx.HeldByShift(ctx, number)
		if err != nil {
			return err
		}
		all, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		if s, err = s.Close(deed, c, held, all.Shift, tx.Now); err != nil {
			return err
		}
		if rehearse {
			return errRehearsed
		}
		if err := tx.SetShift(ctx, s); err != nil {
			return err
		}
		return tx.Apply(ctx, s.CloseTransfers(deed.ID, held, all.Shift)...)
	})
	switch {
	case errors.Is(err, errRehearsed):
		return s, false, nil
	case errors.Is(err, vending.ErrRepeated):
		s, err = d.Store.Shift(ctx, number)
		return s, false, err
	}
	return s, err == nil, err
}

// handing is the order to hand a shift's open matters over.
type handing struct {
	Shift string
	Seen  int
}

// HandOver gives the open matters of a shift's till to the next cashier, who signs
// as deed.Approved (RULES B8). Seen is how many they had before them.
func (d *Desk) HandOver(ctx context.Context, deed vending.Deed, number string, seen int) (h vending.Handover, done bool, err error) {
	deed.Kind, deed.Request = "shift handover", handing{number, seen}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		s, err := tx.Shift(ctx, number)
		if err != nil {
			return err
		}
		open, err := tx.OpenMatters(ctx, s.Till)
		if err != nil {
			return err
		}
		if h, err = vending.NewHandover(s, deed, seen, open, tx.Now); err != nil {
			return err
		}
		return tx.AddHandover(ctx, h)
	})
	if errors.Is(err, vending.ErrRepeated) {
		h, err = d.Store.Handover(ctx, number)
		return h, false, err
	}
	return h, err == nil, err
}

// CloseDay closes a day whose shifts have closed, and returns its report (RULES
// B7). Purchases in doubt are listed; they do not keep it open. head is the seal
// that is printed on it.
func (d *Desk) CloseDay(ctx context.Context, deed vending.Deed, date vending.Date, head []byte) (report vending.Day, done bool, err error) {
	deed.Kind, deed.Request = "day close", date.String()
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return report, false, err
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		if date > vending.DateOf(tx.Now) {
			return vending.ErrDayNotOver.With("Date", date.String())
		}
		return tx.CloseDay(ctx, date, deed.By.Staff, head)
	})
	repeated := errors.Is(err, vending.ErrRepeated)
	if err != nil && !repeated {
		return report, false, err
	}
	report, err = d.Store.Day(ctx, date)
	return report, !repeated, err
}

// CashMove takes cash from a safe to a bank account or back: the morning's
// deposit of what came after the bank had closed, or change money (RULES B7).
type CashMove struct {
	From, To  string // "safe:main", "bank:main"
	AmountFen int64
}

// MoveCash moves the company's own money.
func (d *Desk) MoveCash(ctx context.Context, deed vending.Deed, req CashMove) (done bool, err error) {
	deed.Kind, deed.Request = "cash move", req
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return false, err
	}
	from, to, err := vending.Places(req.From, req.To)
	if err != nil {
		return false, err
	}
	if req.AmountFen <= 0 {
		return false, vending.ErrAmountInvalid.With("Amount", vending.FormatYuan(req.AmountFen))
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		if err := enough(ctx, tx, from, req.AmountFen); err != nil {
			return err
		}
		return tx.Apply(ctx, ledger.Transfer{ID: ledger.MoveID(deed.ID, "cash"), Kind: ledger.Single, Debit: to, Credit: from,
			Amount: ledger.Fen(req.AmountFen), Cause: deed.ID, At: tx.Now})
	})
	if errors.Is(err, vending.ErrRepeated) {
		return false, nil
	}
	return err == nil, err
}
