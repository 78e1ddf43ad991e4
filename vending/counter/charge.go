package counter

import (
	"context"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// ChargeRequest charges a customer for something beside credit (RULES B2).
type ChargeRequest struct {
	Customer  int64
	Kind      vending.ChargeKind
	AmountFen int64 // with VAT; 0: the price of its kind
	Note      string
	Due       *vending.Date    // nil: as the company's rules say
	Payment   *vending.Payment // paid at once; nil: on account
}

// Charge charges a customer, paid at once into the shift of who acts, or on
// account. done is false where the same deed was done before.
func (d *Desk) Charge(ctx context.Context, deed vending.Deed, req ChargeRequest) (c vending.Charge, done bool, err error) {
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return c, false, err
	}
	if c, err = charged(rules, deed.ID, req); err != nil {
		return c, false, err
	}
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return c, false, err
	}
	deed.Kind, deed.Request = vending.DeedCharge, req
	if req.Payment != nil {
		deed.Kind = vending.DeedChargePaid
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) (err error) {
		c, err = raise(ctx, tx, rules, deed, c, req)
		return err
	})
	return c, done, err
}

// raise books a charge inside the deed whose id it has, on account or as paid.
func raise(ctx context.Context, tx *store.Tx, rules vending.LifeRules, deed vending.Deed, c vending.Charge, req ChargeRequest) (vending.Charge, error) {
	c.Raised, c.Due = tx.Now, vending.DateOf(tx.Now)+vending.Date(rules.Arrears.DueDays)
	if req.Due != nil {
		c.Due = *req.Due
	}
	c.Through = c.Due
	if req.Payment == nil {
		return c, tx.AddCharge(ctx, rules, c)
	}
	from, err := till(ctx, tx, deed, *req.Payment)
	if err != nil {
		return c, err
	}
	c.Paid = c.Amount
	return c, tx.AddPaidCharge(ctx, c, req.Payment.Means, from)
}

// charged is the charge that is asked for, at the price of its kind where no amount is.
func charged(rules vending.LifeRules, id uuid.UUID, req ChargeRequest) (vending.Charge, error) {
	terms := rules.Terms[req.Kind]
	c := vending.Charge{ID: id, Customer: req.Customer, Kind: req.Kind, Note: req.Note, VATBp: terms.VATBp, Amount: req.AmountFen}
	if c.Amount == 0 {
		c.Amount = terms.Fen
	}
	return c, c.Valid()
}

// DebtPayment pays what a customer owes, from a till or from their advance.
type DebtPayment struct {
	Customer  int64
	AmountFen int64 // 0: all that is owed
	Payment   vending.Payment
}

// PayDebt pays charges on account, the oldest due first, late fees until today
// included (RULES B11). It returns what was paid and what is still owed.
func (d *Desk) PayDebt(ctx context.Context, deed vending.Deed, req DebtPayment) (paid, owed int64, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedDebtPaid, req
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return 0, 0, false, err
	}
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return 0, 0, false, err
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		if _, err := tx.Arrears(ctx, rules, deed.ID); err != nil {
			return err
		}
		if owed, err = payable(ctx, tx); err != nil {
			return err
		}
		if paid = req.AmountFen; paid == 0 {
			paid = owed
		}
		if paid <= 0 || paid > owed {
			return vending.ErrOverpaid.With("Owed", vending.FormatYuan(owed), "Amount", vending.FormatYuan(paid))
		}
		owed -= paid
		from := ledger.Advance(req.Customer)
		if req.Payment.Means != vending.FromAdvance {
			if from, err = till(ctx, tx, deed, req.Payment); err != nil {
				return err
			}
		}
		return tx.Apply(ctx, move(tx, deed.ID, "debt", from, ledger.Debt(req.Customer), ledger.Fen(paid))...)
	})
	return paid, owed, done, err
}

// payable is what is owed and not about to be paid by a purchase that is pending.
func payable(ctx context.Context, tx *store.Tx) (int64, error) {
	b, err := tx.Balance(ctx, ledger.Debt(tx.Customer.No), ledger.CNY)
	return -b.Posted - b.Incoming, err
}

// LateFees books the late fees of every customer until today (RULES B11). It may
// be run at any time and as often as one likes: a day is charged once. each is told
// the customers that are done.
func (d *Desk) LateFees(ctx context.Context, by vending.Actor, now vending.Date, each func(customer int64)) (customers int, err error) {
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return 0, err
	}
	const atOnce = 1000
	for last := int64(0); ; {
		list, err := d.Store.Overdue(ctx, now, last, atOnce)
		if err != nil {
			return customers, err
		}
		for _, no := range list {
			deed := vending.Deed{ID: uuid.Must(uuid.NewV7()), Kind: vending.DeedLateFee, By: by, Request: now.String()}
			if _, err := d.book(ctx, no, deed, func(tx *store.Tx) error {
				_, err := tx.Arrears(ctx, rules, deed.ID)
				return err
			}); err != nil {
				return customers, err
			}
			last, customers = no, customers+1
			each(no)
		}
		if len(list) < atOnce {
			return customers, nil
		}
	}
}
