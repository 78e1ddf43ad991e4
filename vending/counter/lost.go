package counter

import (
	"context"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// CardReport says that a card is gone, or that it cannot be read any more.
type CardReport struct {
	Card    string
	Damaged bool           // else it is lost
	Shown   vending.Papers // identity papers of who says so
}

// ReportCard lets a card die from this moment on (RULES C2): nothing is sold on it and it
// is never written again. What is on it, or in doubt on it, waits for the card that
// follows (Reissue).
func (d *Desk) ReportCard(ctx context.Context, deed vending.Deed, req CardReport) (card vending.Card, done bool, err error) {
	state := vending.CardLost
	deed.Kind, deed.Request = vending.DeedCardLost, req
	if req.Damaged {
		state, deed.Kind = vending.CardDamaged, vending.DeedCardDamaged
	}
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return card, false, err
	}
	if card, err = d.Store.CardNamed(ctx, req.Card); err != nil {
		return card, false, err
	}
	done, err = d.book(ctx, card.Customer, deed, func(tx *store.Tx) error {
		if err := identified(ctx, tx, req.Shown); err != nil {
			return err
		}
		if card, err = tx.Card(ctx, req.Card); err != nil {
			return err
		}
		if err := card.Dead(); err != nil {
			return err
		}
		card.State = state
		return tx.RetireCard(ctx, card.No, state)
	})
	return card, done, err
}

// identified holds the papers that are shown against those on file, and keeps that it
// was done.
func identified(ctx context.Context, tx *store.Tx, shown vending.Papers) error {
	account, err := tx.Account(ctx)
	if err != nil {
		return err
	}
	tx.Changed("identified", shown)
	return account.Papers.Identify(shown)
}
