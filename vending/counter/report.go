package counter

import (
	"context"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// day is how far apart reports are told that have no time.
const day = 24 * time.Hour

// shownOn is what a card shows of itself, as the books ask it: an e-purse counts its own
// loads, and the books the meter's purchases.
func shownOn(now cardio.Contents, card vending.Card) vending.Shown {
	p := now.Purse
	return vending.Shown{Count: p.Count + card.CountsFrom, Total: p.Total, Commodity: units[now.Identity.Unit],
		NoCount: p.Lacks.Has(cardio.LacksCount), NoTotal: p.Lacks.Has(cardio.LacksTotal),
		Balance: p.Balance, HasBalance: now.Rule == cardio.ByBalance}
}

// reportOf is the write-back as a report, of a meter not yet looked up; nil where
// the meter has not written one yet. One without a time is of the day on which it was
// heard: the same registers again on that day are the same report.
func reportOf(now cardio.Contents, heard time.Time) *vending.Report {
	w := now.WriteBack
	if w == nil {
		return nil
	}
	r := &vending.Report{Source: vending.WriteBack, MeterTime: w.MeterTime, Loaded: w.Loaded, Remaining: w.Remaining,
		Consumed: w.Consumed, Resolution: w.Resolution, ValveOpen: w.ValveOpen, BatteryLow: w.BatteryLow}
	if r.MeterTime.IsZero() {
		r.MeterTime = heard.UTC().Truncate(day)
	}
	if w.Lacks.Has(cardio.LacksConsumed) {
		r.Consumed = r.Loaded - r.Remaining
	}
	return r
}

// complete gives a report what its meter's maker has no place for: all the credit that the
// meter has taken is what the books had sold with the count that it took last.
func (d *Desk) complete(ctx context.Context, v *visit) error {
	w := v.contents().WriteBack
	if w == nil || !w.Lacks.Has(cardio.LacksLoaded) {
		return nil
	}
	loaded, err := d.Store.SoldUpTo(ctx, v.facts.Customer.No, v.facts.Card.Meter, w.Count)
	if err != nil {
		return err
	}
	v.asked.Report.Loaded = loaded
	if w.Lacks.Has(cardio.LacksConsumed) {
		v.asked.Report.Consumed = loaded - w.Remaining
	}
	return d.refresh(ctx, v)
}
