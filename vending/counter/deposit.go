package counter

import (
	"context"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// DepositMove takes or returns a customer's security.
type DepositMove struct {
	Customer  int64
	AmountFen int64
	Payment   vending.Payment
}

// TakeDeposit takes a security into the shift of who acts. It returns what is held.
func (d *Desk) TakeDeposit(ctx context.Context, deed vending.Deed, req DepositMove) (held int64, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedDeposit, req
	if req.AmountFen <= 0 || req.AmountFen > vending.MaxChargeFen {
		return 0, false, vending.ErrAmountInvalid.With("Amount", vending.FormatYuan(req.AmountFen))
	}
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return 0, false, err
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		from, err := till(ctx, tx, deed, req.Payment)
		if err != nil {
			return err
		}
		before, err := tx.Balance(ctx, ledger.Deposit(req.Customer), ledger.CNY)
		if err != nil {
			return err
		}
		held = before.Posted + req.AmountFen
		return tx.Apply(ctx, move(tx, deed.ID, "deposit", from, ledger.Deposit(req.Customer), ledger.Fen(req.AmountFen))...)
	})
	return held, done, err
}

// ReturnDeposit pays a security back out of the shift of who acts; above the
// company's limit a second person approves. It returns what is still held.
func (d *Desk) ReturnDeposit(ctx context.Context, deed vending.Deed, req DepositMove) (held int64, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedDepositBack, req
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return 0, false, err
	}
	if req.AmountFen <= 0 {
		return 0, false, vending.ErrAmountInvalid.With("Amount", vending.FormatYuan(req.AmountFen))
	}
	if err := mayPayOut(deed, rules, req.AmountFen); err != nil {
		return 0, false, err
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		before, err := tx.Balance(ctx, ledger.Deposit(req.Customer), ledger.CNY)
		if err != nil {
			return err
		}
		if held = before.Posted - req.AmountFen; held < 0 {
			return vending.ErrDepositShort.With("Held", vending.FormatYuan(before.Posted), "Amount", vending.FormatYuan(req.AmountFen))
		}
		to, err := payer(ctx, tx, deed, req.Payment, req.AmountFen)
		if err != nil {
			return err
		}
		return tx.Apply(ctx, move(tx, deed.ID, "deposit", ledger.Deposit(req.Customer), to, ledger.Fen(req.AmountFen))...)
	})
	return held, done, err
}

// mayPayOut says whether who acts may pay a sum out of a till.
func mayPayOut(deed vending.Deed, rules vending.LifeRules, fen int64) error {
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return err
	}
	if fen > rules.RefundEyesFen {
		return deed.FourEyes()
	}
	return nil
}
