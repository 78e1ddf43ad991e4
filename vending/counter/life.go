package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// StepRequest takes a step in the life of an account (RULES A1, A5, A8).
type StepRequest struct {
	Customer int64
	Change   vending.Change
	Payment  vending.Payment // how a balance is paid out when the account is closed
}

// StepDone is what a step did.
type StepDone struct {
	Status    vending.Status
	PaidOut   int64         // fen
	Refunded  ledger.Amount // credit that was left in the meter, and on a card that was handed in
	CreditFen int64         // of PaidOut, what that credit had cost
}

// TakeStep takes a step: what it needs must be there, a final register is taken
// in, and when the account is closed all that is the customer's is paid out. That the
// meter number on site is not the contract's is recorded.
func (d *Desk) TakeStep(ctx context.Context, deed vending.Deed, req StepRequest) (out StepDone, done bool, err error) {
	deed.Kind, deed.Request, deed.Why = vending.DeedStep, req, req.Change.Reason
	if req.Change.Step == vending.StepClose {
		deed.Kind = vending.DeedClosed
	}
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return out, false, err
	}
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return out, false, err
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		out = StepDone{}
		v, err := visited(ctx, tx, rules, deed.ID)
		if err != nil {
			return err
		}
		before := tx.Customer.Status
		if out.Status, err = req.Change.Next(v.standing(before)); err != nil {
			return err
		}
		if req.Change.Register != nil && v.meter.No != "" {
			if err := v.read(ctx, tx, deed, *req.Change.Register, req.Change.Display); err != nil {
				return err
			}
		}
		if req.Change.Step == vending.StepClose {
			if err := v.settle(ctx, tx, deed, rules, req.Payment, &out); err != nil {
				return err
			}
		}
		return tx.AddStep(ctx, store.Step{ID: deed.ID, Step: req.Change.Step, From: before, To: out.Status, Reason: req.Change.Reason,
			Who: deed.By.Staff, Register: req.Change.Register, Remaining: req.Change.Display.Remaining, At: tx.Now})
	})
	var refused *vending.Error
	if errors.Is(err, vending.ErrMeterMismatch) && errors.As(err, &refused) && !d.dryRun {
		return out, false, d.mismatched(ctx, deed, req.Customer, refused)
	}
	if err == nil && !done && !d.dryRun {
		c, _, err := d.Store.Customer(ctx, req.Customer)
		return StepDone{Status: c.Status}, false, err
	}
	return out, done, err
}

// onSite is an account and its meter, as somebody stands before them.
type onSite struct {
	account store.Account
	meter   vending.Meter // empty where there is none on the premises
	owed    int64
}

func visited(ctx context.Context, tx *store.Tx, rules vending.LifeRules, cause uuid.UUID) (v onSite, err error) {
	if v.account, err = tx.Account(ctx); err != nil {
		return v, err
	}
	if len(v.account.Meters) > 0 {
		v.meter = v.account.Meters[0]
	}
	if _, err := tx.Arrears(ctx, rules, cause); err != nil {
		return v, err
	}
	b, err := tx.Balance(ctx, ledger.Debt(tx.Customer.No), ledger.CNY)
	v.owed = -b.Posted
	return v, err
}

func (v onSite) standing(status vending.Status) vending.Standing {
	return vending.Standing{Status: status, Papers: v.account.Papers, Meter: v.meter.No, OwedFen: v.owed,
		Money: v.meter.No != "" && v.meter.Commodity == ledger.CNY}
}

// read takes in the mechanical register, which is the legal measure (RULES D6): the
// meter has consumed what it shows beyond what it began with. One that shows less
// than is booked is a finding: it needs a second pair of eyes, and moves nothing. Of a meter
// that counts money what is left is read, too.
func (v onSite) read(ctx context.Context, tx *store.Tx, deed vending.Deed, register int64, shown vending.Display) error {
	books, err := tx.Books(ctx, v.meter)
	if err != nil {
		return err
	}
	if v.meter.Commodity == ledger.CNY {
		return v.readMoney(ctx, tx, deed, books, register, shown)
	}
	consumed := register - v.account.Base[v.meter.No]
	if consumed < books.Consumed.N && deed.FourEyes() != nil {
		return vending.ErrReadingBack.With("Meter", v.meter.No, "Register", vending.FormatThousandths(register),
			"Known", vending.FormatThousandths(v.account.Base[v.meter.No]+books.Consumed.N))
	}
	loaded := books.InMeter.N + books.Consumed.N
	if consumed <= books.Consumed.N {
		return nil
	}
	_, err = intake.Into(ctx, tx, vending.Report{Customer: tx.Customer.No, Meter: v.meter.No, Source: vending.OnSite, MeterTime: tx.Now.UTC(),
		Loaded: loaded, Remaining: max(0, loaded-consumed), Consumed: consumed, Resolution: 1}, tx.Now)
	return err
}

// settle pays out what is the customer's: the credit that is left at what it cost,
// the advance and the deposit (RULES A8).
func (v onSite) settle(ctx context.Context, tx *store.Tx, deed vending.Deed, rules vending.LifeRules, p vending.Payment, out *StepDone) error {
	if v.meter.No != "" {
		if err := v.giveBack(ctx, tx, deed, out); err != nil {
			return err
		}
		if err := tx.RemoveMeter(ctx, v.meter.No); err != nil {
			return err
		}
	}
	paid, err := payOut(ctx, tx, deed, rules, p)
	out.PaidOut = paid
	return err
}

// giveBack takes the credit that is left out of the meter and off a card that was handed in, and gives its cost back
// to the advance. What was earned of it before stays earned.
func (v onSite) giveBack(ctx context.Context, tx *store.Tx, deed vending.Deed, out *StepDone) error {
	left, err := v.left(ctx, tx)
	if err != nil {
		return err
	}
	if err := inHand(ctx, tx, left); err != nil {
		return err
	}
	lots, err := tx.Lots(ctx, v.meter.No)
	if err != nil {
		return err
	}
	if err := tx.TakeBack(ctx, deed.ID, v.meter.No, lots, left.Consumed.N); err != nil {
		return err
	}
	_, cost, err := revenue.Carry(lots, left.Consumed.N, 0)
	if err != nil {
		return err
	}
	cancelled, err := revenue.Cancel(lots, left.Consumed.N)
	if err != nil {
		return err
	}
	if err := tx.AddLots(ctx, v.meter.No, deed.ID, "refunded", cancelled); err != nil {
		return err
	}
	if out.Refunded, err = left.InMeter.Add(left.OnCard); err != nil {
		return err
	}
	out.CreditFen = cost
	credit := move(tx, deed.ID, "credit", ledger.Meter(v.meter.No), ledger.Sold, left.InMeter)
	credit = append(credit, move(tx, deed.ID, "credit on card", ledger.Card(left.Card), ledger.Sold, left.OnCard)...)
	if err := tx.Apply(ctx, credit...); err != nil {
		return err
	}
	return tx.Apply(ctx, move(tx, deed.ID, "cost", ledger.Prepaid(tx.Customer.No), ledger.Advance(tx.Customer.No), ledger.Fen(cost))...)
}

// inHand is vending.ErrCreditOnCard where there is credit on a card that is not in our
// hands. What is on one that was handed in no meter takes any more.
func inHand(ctx context.Context, tx *store.Tx, left vending.Books) error {
	if left.OnCard.N == 0 {
		return nil
	}
	card, err := tx.Card(ctx, left.Card)
	if err == nil && card.State != vending.CardReturned {
		err = vending.ErrCreditOnCard.With("Card", card.No, "Credit", vending.FormatCredit(left.OnCard))
	}
	return err
}

// arrived has in the meter what was sold on it over its line: it showed that it had taken it. A report that was held keeps it out of
// the meter's account (RULES D4), and no card in anybody's hand has it.
func (v onSite) arrived(ctx context.Context, tx *store.Tx) error {
	books, err := tx.Books(ctx, v.meter)
	if err != nil || books.OnCard.N == 0 {
		return err
	}
	card, err := tx.Card(ctx, books.Card)
	if err != nil || card.Proof() != vending.ByMeter {
		return err
	}
	left := books.InMeter.N + books.OnCard.N
	_, err = intake.Into(ctx, tx, vending.Report{Customer: tx.Customer.No, Meter: v.meter.No, Source: vending.OnSite, MeterTime: tx.Now.UTC(),
		Loaded: left + books.Consumed.N, Remaining: max(0, left), Consumed: books.Consumed.N, Resolution: 1}, tx.Now)
	return err
}

// left is what card and meter hold; nothing may be in doubt, and no more burnt
// than was paid for.
func (v onSite) left(ctx context.Context, tx *store.Tx) (vending.Books, error) {
	if err := settled(ctx, tx, v.meter.No); err != nil {
		return vending.Books{}, err
	}
	if err := v.arrived(ctx, tx); err != nil {
		return vending.Books{}, err
	}
	books, err := tx.Books(ctx, v.meter)
	if err == nil && books.InMeter.N < 0 {
		err = vending.ErrMeterOverdrawn.With("Meter", v.meter.No, "Credit", vending.FormatCredit(ledger.Amount{N: -books.InMeter.N, Commodity: v.meter.Commodity}))
	}
	return books, err
}

// payOut pays advance and deposit out of the shift of who acts.
func payOut(ctx context.Context, tx *store.Tx, deed vending.Deed, rules vending.LifeRules, p vending.Payment) (fen int64, err error) {
	var sums [2]int64
	accounts := [2]ledger.Account{ledger.Advance(tx.Customer.No), ledger.Deposit(tx.Customer.No)}
	for i, a := range accounts {
		b, err := tx.Balance(ctx, a, ledger.CNY)
		if err != nil {
			return 0, err
		}
		sums[i] = b.Free().N
		fen += sums[i]
	}
	if fen == 0 {
		return 0, nil
	}
	if err := mayPayOut(deed, rules, fen); err != nil {
		return 0, err
	}
	to, err := payer(ctx, tx, deed, p, fen)
	if err != nil {
		return 0, err
	}
	for i, a := range accounts {
		if err := tx.Apply(ctx, move(tx, deed.ID, "pay out "+string(a.Class), a, to, ledger.Fen(sums[i]))...); err != nil {
			return 0, err
		}
	}
	return fen, nil
}
