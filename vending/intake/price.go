package intake

import (
	"context"
	"errors"
	"slices"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// SetPrices sends the prices of a version, once. Its errors are as Send's, and vending.ErrPriceLine where the meter cannot hold such
// prices, and nothing was sent; Prices is the proof. That our keys are away or wrong says nothing of the meter: vending.ErrNotSent.
func (w *Wire) SetPrices(ctx context.Context, v vending.Tariff) error {
	pricer, ok := w.Driver.(gateway.Pricer)
	if !ok {
		return vending.ErrNotSettable.With("Meter", w.Meter)
	}
	list := listOf(v)
	list.From = w.Now() // the version is in force: the meter is to begin at once
	r := pricer.SetPrices(ctx, w.Line, w.Address, list)
	if r.Outcome == meterproto.Refused && !errors.Is(r.Reason, meterproto.ErrAbnormal) && !ofKeys(r.Reason) { // the driver's word, not the meter's
		return errors.Join(vending.ErrPriceLine.With("Meter", w.Meter, "Tariff", v.Code), r.Reason)
	}
	return w.obeys(r)
}

// ofKeys says whether a command did not leave us for the sake of our keys: they may be there the next time.
func ofKeys(why error) bool {
	return errors.Is(why, gateway.ErrNoKeys) || errors.Is(why, gateway.ErrUnsealed)
}

// listOf is a version as a meter on a line holds it.
func listOf(v vending.Tariff) meterproto.Prices {
	list := meterproto.Prices{Of: creditUnits[v.Measures]}
	for _, t := range v.Tiers {
		list.Fen = append(list.Fen, t.PriceFen)
		if t.UpTo != 0 { // the last tier has no bound
			list.Upto = append(list.Upto, t.UpTo)
		}
	}
	return list
}

// priceTries bounds how often a meter is asked for its prices until two answers in a row agree.
const priceTries = 4

// Prices are what the meter says that it charges, as the tiers of a price list, once two answers in a row agree: eight bits of
// checksum are not enough for a price. None where it charges what no price list can say. vending.ErrPricesNotAgreed where none do.
func (w *Wire) Prices(ctx context.Context) ([]vending.Tier, error) {
	pricer, ok := w.Driver.(gateway.Pricer)
	if !ok {
		return nil, vending.ErrNotSettable.With("Meter", w.Meter)
	}
	var last []vending.Tier
	for try := range priceTries {
		list, err := pricer.Prices(ctx, w.Line, w.Address)
		if err != nil {
			return nil, err
		}
		tiers := tiersOf(list)
		if try > 0 && slices.Equal(tiers, last) {
			return tiers, nil
		}
		last = tiers
	}
	return nil, vending.ErrPricesNotAgreed.With("Meter", w.Meter)
}

// tiersOf is listOf, back.
func tiersOf(list meterproto.Prices) (tiers []vending.Tier) {
	for i, fen := range list.Fen {
		t := vending.Tier{PriceFen: fen}
		if i < len(list.Upto) {
			t.UpTo = list.Upto[i]
		}
		tiers = append(tiers, t)
	}
	return tiers
}
