package counter

import (
	"context"
	"errors"
	"slices"

	"github.com/vendgate/vendgate/vending"
)

// PriceList is the price list in a meter on a line: see intake.Wire.
type PriceList interface {
	SetPrices(context.Context, vending.Tariff) error
	Prices(context.Context) ([]vending.Tier, error)
}

// SendPrices brings the version that is in force to a customer's meter that counts money, and proves by reading it back that the meter
// charges it. The meter is asked first, and told nothing where it charges that already: done is false then. The deed is in the
// audit record before a byte is sent, and so is that the order goes out. vending.ErrMeterDeclined and vending.ErrPriceLine where the meter
// did not take it: it is to be sent again. vending.ErrSettingUnproved where nothing is proved: the order stays sent, for it may arrive yet;
// the same deed again asks the meter. vending.ErrNotMoneyMeter.
func (d *Desk) SendPrices(ctx context.Context, deed vending.Deed, m vending.LineMeter, l PriceList) (version vending.Tariff, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedPriceOrder, m.Meter
	if err := deed.By.Permit(vending.MayTell); err != nil {
		return version, false, err
	}
	if _, version, err = d.NextPrice(ctx, m.Customer, m.Meter); err != nil && !errors.Is(err, vending.ErrNoPriceOrder) {
		return version, false, err
	}
	if _, err := d.order(ctx, m, deed, "prices", version); err != nil || d.dryRun {
		return version, false, err
	}
	was, err := l.Prices(ctx)
	if err != nil {
		return version, false, err
	}
	if _, err := d.hearAsked(ctx, m, was); err != nil && !errors.Is(err, vending.ErrPriceUnknown) {
		return version, false, err
	}
	o, version, err := d.NextPrice(ctx, m.Customer, m.Meter)
	if errors.Is(err, vending.ErrNoPriceOrder) {
		return version, false, nil
	}
	if err == nil {
		o, err = d.MovePrice(ctx, o, vending.OrderGoesOut)
	}
	if err != nil {
		return version, false, err
	}
	return version, true, d.sendPrices(ctx, o, version, was, l)
}

// sendPrices sends an order that is on its way in the books until the meter shows it. What the meter acknowledges proves nothing; that
// it shows another price proves only then that it did not take this one where it declined it, too. A meter that acknowledges it and shows
// what it was charging may change over later: it is left alone, for the next question.
func (d *Desk) sendPrices(ctx context.Context, o vending.PriceOrder, version vending.Tariff, was []vending.Tier, l PriceList) error {
	var said, heard error
	books := context.WithoutCancel(ctx) // what came of an order that was sent is kept, whoever has gone
	for range sends {
		said = l.SetPrices(ctx, version)
		var tiers []vending.Tier
		tiers, heard = l.Prices(ctx)
		took := slices.Equal(tiers, version.Tiers)
		if heard != nil || said == nil && !took && slices.Equal(tiers, was) {
			break
		}
		if !took && !errors.Is(said, vending.ErrMeterDeclined) && !errors.Is(said, vending.ErrPriceLine) {
			continue
		}
		_, err := d.HearPrices(books, o.Customer, o.Meter, tiers)
		if took || err != nil && !errors.Is(err, vending.ErrPriceUnknown) {
			return err
		}
		return said
	}
	_, err := d.MovePrice(books, o, vending.OrderUnheard)
	return errors.Join(vending.ErrSettingUnproved.With("Meter", o.Meter), said, heard, err)
}

// AskPrices asks a meter what it charges and takes that in, as HearPrices does. Where an order is on its way, another price than its own
// is no news: the order may wait in a DTU. The version is the zero Tariff then.
func (d *Desk) AskPrices(ctx context.Context, m vending.LineMeter, l PriceList) (said vending.Tariff, err error) {
	tiers, err := l.Prices(ctx)
	if err != nil {
		return said, err
	}
	return d.hearAsked(ctx, m, tiers)
}

// hearAsked takes in what AskPrices has heard.
func (d *Desk) hearAsked(ctx context.Context, m vending.LineMeter, tiers []vending.Tier) (said vending.Tariff, err error) {
	charges, err := d.Store.Charged(ctx, m.Customer, m.Meter)
	if err != nil {
		return said, err
	}
	sent, err := d.isSent(ctx, charges, tiers)
	if err != nil || len(charges.Uncertain) > 0 && !sent {
		return said, err
	}
	return d.HearPrices(ctx, m.Customer, m.Meter, tiers)
}
