package counter

import (
	"context"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// RefundRequest asks for money that a customer has with us, in fen.
type RefundRequest struct {
	Customer  int64
	AmountFen int64
	Payment   vending.Payment // how it is paid out
}

// RefundAdvance pays money that is free out of the shift of who acts. It needs
// MayReverse and a reason, and above the company's limit a second pair of eyes. done is
// false where the same deed was done before.
func (d *Desk) RefundAdvance(ctx context.Context, deed vending.Deed, req RefundRequest) (done bool, err error) {
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return false, err
	}
	if req.AmountFen <= 0 {
		return false, vending.ErrAmountInvalid.With("Amount", vending.FormatYuan(req.AmountFen))
	}
	if err := deed.MayGiveBack(); err != nil {
		return false, err
	}
	if req.AmountFen > rules.RefundEyesFen {
		if err := deed.FourEyes(); err != nil {
			return false, err
		}
	}
	return d.refund(ctx, deed, req)
}

// refund is RefundAdvance for who may.
func (d *Desk) refund(ctx context.Context, deed vending.Deed, req RefundRequest) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedRefund, req
	return d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		from := ledger.Advance(req.Customer)
		b, err := tx.Balance(ctx, from, ledger.CNY)
		if err != nil {
			return err
		}
		if free := b.Free().N; free < req.AmountFen {
			return vending.ErrRefundShort.With("Free", vending.FormatYuan(free), "Amount", vending.FormatYuan(req.AmountFen))
		}
		if req.Payment.Means == vending.FromAdvance {
			return vending.ErrRefundMeans.With("Means", req.Payment.Means)
		}
		to, err := payer(ctx, tx, deed, req.Payment, req.AmountFen)
		if err != nil {
			return err
		}
		return tx.Apply(ctx, move(tx, deed.ID, "refund", from, to, ledger.Fen(req.AmountFen))...)
	})
}
