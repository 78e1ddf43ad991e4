package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// inherit hands on what the books have on a card that died: the credit that the meter
// has not taken, by all that it said, and the purchase in doubt, which the new card
// carries from now on. What is in doubt on an e-purse that died is not carried: only its
// meter can say what became of it.
func inherit(ctx context.Context, tx *store.Tx, cause uuid.UUID, meter vending.Meter, old vending.Card, fresh string) error {
	b, err := tx.Balance(ctx, ledger.Card(old.No), meter.Commodity)
	if err != nil {
		return err
	}
	left := ledger.Amount{N: b.Posted, Commodity: meter.Commodity}
	if err := tx.Apply(ctx, move(tx, cause, "card "+fresh, ledger.Card(old.No), ledger.Card(fresh), left)...); err != nil {
		return err
	}
	p, err := tx.Pending(ctx, meter.No)
	switch {
	case errors.Is(err, vending.ErrNoPurchase):
		return nil
	case err != nil:
		return err
	case old.Purse: // its meter would take it from both
		return vending.ErrUnresolved.With("Card", old.No, "ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money))
	}
	return tx.Carry(ctx, p, fresh)
}

// giveUpReversal voids what was about to be taken back off a card that died: nobody can
// prove that it is off it. The sale stands, and the next card carries it; whatever the
// dead one holds is no more than that.
func giveUpReversal(ctx context.Context, tx *store.Tx, meter string) error {
	p, err := tx.Pending(ctx, meter)
	switch {
	case errors.Is(err, vending.ErrNoPurchase), err == nil && !p.IsReversal():
		return nil
	case err != nil:
		return err
	}
	if p, err = tx.TakeUp(ctx, p.ID); err != nil {
		return err
	}
	_, err = tx.Settle(ctx, p, vending.ProvedUntouched, vending.ByReissue, "", tx.Now)
	return err
}
