package counter

import (
	"context"
	"errors"
	"slices"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// The new price of a meter that counts money goes by card or by wire. Whoever carries it asks for
// the next order (NextPrice), says that it goes out before a byte does (MovePrice, vending.OrderGoesOut), and
// takes in what the meter says that it charges (HearPrices); it counts from that on. By wire all that is SendPrices.

// NextPrice is what a meter that counts money is to be told: the version of its price list
// that is in force, and how far that has come. vending.ErrNoPriceOrder where the meter
// has confirmed it, vending.ErrNotMoneyMeter.
func (d *Desk) NextPrice(ctx context.Context, customer int64, meter string) (o vending.PriceOrder, version vending.Tariff, err error) {
	_, err = d.book(ctx, customer, d.deed(vending.DeedPriceOrder), func(tx *store.Tx) (err error) {
		o, version, err = tx.NextOrder(ctx, meter)
		return err
	})
	return o, version, err
}

// MovePrice says what happened to an order on its way: that it goes out, that the meter
// refused it, or that nothing was heard. vending.ErrOrderEvent where that cannot be.
func (d *Desk) MovePrice(ctx context.Context, o vending.PriceOrder, e vending.OrderEvent) (vending.PriceOrder, error) {
	err := d.Store.ForCustomer(ctx, o.Customer, d.deed(vending.DeedPriceOrder), func(tx *store.Tx) (err error) {
		o, err = tx.MoveOrder(ctx, o, e)
		return err
	})
	return o, err
}

// HearPrices takes in the prices that a meter says that it charges, and returns the
// version that has them: from now on the books count that it charges this one. vending.ErrPriceUnknown
// where none has; what was sent counts as refused then.
func (d *Desk) HearPrices(ctx context.Context, customer int64, meter string, tiers []vending.Tier) (said vending.Tariff, err error) {
	err = d.Store.ForCustomer(ctx, customer, d.deed(vending.DeedPriceOrder), func(tx *store.Tx) (err error) {
		said, err = tx.HearPrices(ctx, meter, tiers)
		return err
	})
	if err == nil && said.Code == "" {
		err = vending.ErrPriceUnknown.With("Meter", meter)
	}
	return said, err
}

// pricesFor are the prices that go to the meter with a sale, by a card that has room for them. The order is on
// its way before a byte is written; what cannot be ordered now goes with the next sale.
func (d *Desk) pricesFor(ctx context.Context, v *visit, p vending.Purchase) (prices cardio.Prices) {
	room := v.contents().PriceRoom
	if room == 0 || p.IsReversal() || v.facts.Meter.Commodity != ledger.CNY {
		return prices
	}
	o, version, err := d.NextPrice(ctx, p.Customer, p.Meter)
	switch {
	case errors.Is(err, vending.ErrNoPriceOrder):
		return prices
	case err == nil && len(version.Tiers) > room:
		err = vending.ErrPriceRoom.With("Meter", p.Meter, "Tiers", len(version.Tiers), "Room", room)
	case err == nil:
		_, err = d.MovePrice(ctx, o, vending.OrderGoesOut)
	}
	if err != nil {
		d.Log.WarnContext(ctx, "price order", "purchase", p.ID, "cause", err)
		return prices
	}
	for i, t := range version.Tiers {
		prices[i] = cardio.Step{UpTo: t.UpTo, Fen: t.PriceFen}
	}
	return prices
}

// hearCard takes in that the meter of a card charges a price that was sent to it. Another price on the card is
// no news: the meter may have written it before.
func (d *Desk) hearCard(ctx context.Context, v *visit) error {
	contents := v.contents()
	said := contents.Charges.Steps()
	if len(said) == 0 || v.facts.Meter.Commodity != ledger.CNY {
		return nil
	}
	charges, err := d.charges(ctx, v.facts.Meter, v.facts.Customer.No)
	if err != nil {
		return err
	}
	var tiers []vending.Tier
	for _, s := range said {
		tiers = append(tiers, vending.Tier{UpTo: s.UpTo, PriceFen: s.Fen})
	}
	sent, err := d.isSent(ctx, *charges, tiers)
	if err == nil && sent {
		_, err = d.HearPrices(ctx, v.facts.Customer.No, v.facts.Meter.No, tiers)
	}
	return err
}

// isSent says whether these are the prices of an order that the meter may hold.
func (d *Desk) isSent(ctx context.Context, c store.Charged, tiers []vending.Tier) (bool, error) {
	for _, o := range c.Uncertain {
		sent, err := d.Store.TariffAt(ctx, o.Tariff, o.From)
		if err != nil || slices.Equal(sent.Tiers, tiers) {
			return err == nil, err
		}
	}
	return false, nil
}

// charges is what a meter charges now; nil where it does not count money, and charges nothing
// itself.
func (d *Desk) charges(ctx context.Context, m vending.Meter, customer int64) (*store.Charged, error) {
	if m.Commodity != ledger.CNY {
		return nil, nil
	}
	c, err := d.Store.Charged(ctx, customer, m.No)
	return &c, err
}
