package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Rekeyed is what a presentation did to a card's keys.
type Rekeyed struct {
	Card     string
	Was, Now uint8 // key versions; the same where nothing was done
}

// Done tells whether the card was keyed anew.
func (r Rekeyed) Done() bool { return r.Was != r.Now }

// rekeyer is a card that can be keyed anew while it is in use.
type rekeyer interface{ Rekey(version uint8) error }

// Rekey keys the card in the terminal anew, where the company has said to which version its cards are brought
// (setting card_key_version) and the card has an earlier one. It is a step of its own, after whatever was pending on the card has
// been settled: vending.ErrUnresolved before. A card that dies, or is not yet alive, is left alone; one of a kind that
// cannot be keyed anew is cardio.ErrNoRekey. Cut anywhere, the card is completed when it is presented next.
func (d *Desk) Rekey(ctx context.Context, t Terminal) (out Rekeyed, err error) {
	all, err := d.Store.Settings(ctx)
	if err != nil || all.KeyVersion == 0 {
		return out, err
	}
	v, err := d.present(ctx, t, store.Asked{})
	if err != nil {
		return out, err
	}
	defer func() { v.card.Close() }()
	if p := v.facts.Pending; p != nil {
		return out, vending.ErrUnresolved.With("Card", v.facts.Card.No, "ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money))
	}
	version := v.contents().Identity.KeyVersion
	out = Rekeyed{Card: v.facts.Card.No, Was: version, Now: version}
	if v.facts.Card.State == vending.CardActive && version != 0 && int(version) < all.KeyVersion {
		if err := d.rekey(ctx, v, uint8(all.KeyVersion)); err != nil {
			return out, err
		}
	}
	out.Now = v.contents().Identity.KeyVersion
	return out, d.keepKeys(context.WithoutCancel(ctx), v)
}

// rekey keys the card anew. Where that is cut and the card is still there, presenting it again completes it.
func (d *Desk) rekey(ctx context.Context, v *visit, version uint8) error {
	card, able := v.card.(rekeyer)
	if !able {
		return cardio.ErrNoRekey
	}
	err := card.Rekey(version)
	if !errors.Is(err, cardio.ErrHalfKeyed) {
		return err
	}
	d.Log.WarnContext(ctx, "card half keyed", "cause", err)
	if again := d.again(ctx, v); again != nil {
		return errors.Join(err, again)
	}
	return nil
}

// keepKeys has the books know the card's key version. Where they are not told, they are when the card is presented next.
func (d *Desk) keepKeys(ctx context.Context, v *visit) error {
	file, now := v.facts.Card, v.contents().Identity.KeyVersion
	if file.KeyVersion == now {
		return nil
	}
	return d.Store.ForCustomer(ctx, file.Customer, d.deed(vending.DeedCardRekeyed), func(tx *store.Tx) error {
		return tx.SetCardKeys(ctx, file.No, now)
	})
}

// KeepsKeys tells whether err is why a card keeps its keys, and nothing that anybody has to do something about.
func KeepsKeys(err error) bool { return errors.Is(err, cardio.ErrNoRekey) }
