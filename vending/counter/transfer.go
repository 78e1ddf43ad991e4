package counter

import (
	"context"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// TransferRequest gives premises to another party (RULES A6).
type TransferRequest struct {
	Customer int64
	Name     string          // of the new party
	Papers   vending.Papers  // theirs, and the new contract
	Payment  vending.Payment // how the old party's money is paid out
}

// TransferDone is what a transfer of premises did.
type TransferDone struct {
	Before  string // the old party
	PaidOut int64  // advance and deposit of the old party, in fen
}

// TransferPremises makes another party the customer of the same contract number:
// meter, card, credit and lots stay with the premises. Dues are cleared, a mandate
// of the bank is cancelled, and the old party's money is paid out first.
func (d *Desk) TransferPremises(ctx context.Context, deed vending.Deed, req TransferRequest) (out TransferDone, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedTransferred, req
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return out, false, err
	}
	if !req.Papers.Complete() {
		return out, false, vending.ErrPapers
	}
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return out, false, err
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		fresh := tx.Customer
		fresh.Name = req.Name
		if err := fresh.Valid(); err != nil {
			return err
		}
		out.Before = tx.Customer.Name
		if err := transferable(ctx, tx, rules, deed.ID, req); err != nil {
			return err
		}
		if out.PaidOut, err = payOut(ctx, tx, deed, rules, req.Payment); err != nil {
			return err
		}
		if err := tx.SetPapers(ctx, req.Papers); err != nil {
			return err
		}
		return tx.SetParty(ctx, req.Name)
	})
	return out, done, err
}

func transferable(ctx context.Context, tx *store.Tx, rules vending.LifeRules, cause uuid.UUID, req TransferRequest) error {
	v, err := visited(ctx, tx, rules, cause)
	if err != nil {
		return err
	}
	switch {
	case tx.Customer.Status == vending.Closed:
		return vending.ErrCustomerClosed.With("Customer", tx.Customer.No, "Status", tx.Customer.Status)
	case v.owed > 0:
		return vending.ErrDues.With("Amount", vending.FormatYuan(v.owed))
	case v.account.Mandate != "":
		return vending.ErrMandate.With("Mandate", v.account.Mandate)
	case v.account.Papers.Contract == req.Papers.Contract:
		return vending.ErrPapers
	}
	for _, m := range v.account.Meters {
		if err := settled(ctx, tx, m.No); err != nil {
			return err
		}
	}
	return nil
}
