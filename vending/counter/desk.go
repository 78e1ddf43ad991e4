package counter

import (
	"context"
	"log/slog"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// Desk is the counter's business on one database. It is safe for concurrent
// use; each terminal serves one request at a time.
type Desk struct {
	Store   *store.Store
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *Metrics
	By      vending.Actor // who stands at the counter

	dryRun bool // see Rehearsal
}

// As is the desk with somebody else at it.
func (d *Desk) As(by vending.Actor) *Desk {
	other := *d
	other.By = by
	return &other
}

// deed is what whoever stands at the counter does.
func (d *Desk) deed(kind string) vending.Deed { return vending.Deed{Kind: kind, By: d.By, At: d.Now()} }

// visit is one card at one terminal, found in the books.
type visit struct {
	terminal Terminal
	card     Card
	file     vending.Card // what the books say about the card
}

func (v *visit) contents() cardio.Contents { return v.card.Contents() }

// present reads the card and finds it in the books. What the card brings with
// it, its own state and the meter's write-back, is taken in at once.
func (d *Desk) present(ctx context.Context, t Terminal) (*visit, error) {
	card, err := t.Present(ctx)
	if err != nil {
		return nil, err
	}
	v := &visit{terminal: t, card: card}
	if err := d.identify(ctx, v); err != nil {
		card.Close()
		return nil, err
	}
	return v, nil
}

func (d *Desk) identify(ctx context.Context, v *visit) (err error) {
	now := v.contents()
	if v.file, err = d.Store.CardByUID(ctx, now.Identity.UID[:]); err != nil {
		return err
	}
	if v.file.No != now.Identity.Number || v.file.Meter != now.Identity.Meter {
		return vending.ErrCardDisagrees.With("Card", v.file.No,
			"Shows", now.Identity.Number+" → "+now.Identity.Meter, "Books", v.file.No+" → "+v.file.Meter)
	}
	return d.note(ctx, v)
}

// note keeps what was seen on the card and takes in the meter's write-back.
func (d *Desk) note(ctx context.Context, v *visit) error {
	if err := d.seen(ctx, v); err != nil {
		return err
	}
	report, ok := reportOf(v)
	if !ok {
		return nil
	}
	_, err := intake.Take(ctx, d.Store, report, d.Now())
	return err
}

func (d *Desk) seen(ctx context.Context, v *visit) error {
	p := v.contents().Purse
	return d.Store.CardSeen(ctx, v.file.Customer, v.file.No,
		store.Seen{Generation: p.Generation, Count: p.Count, Total: p.Total, At: d.Now()})
}

// reportOf is the write-back as a report; false where the meter has not written
// one yet.
func reportOf(v *visit) (vending.Report, bool) {
	w := v.contents().WriteBack
	if w == nil {
		return vending.Report{}, false
	}
	return vending.Report{Customer: v.file.Customer, Meter: v.file.Meter, Source: vending.WriteBack, MeterTime: w.MeterTime,
		Loaded: w.Loaded, Remaining: w.Remaining, Consumed: w.Consumed, Resolution: 1, ValveOpen: w.ValveOpen, BatteryLow: w.BatteryLow}, true
}

// units maps what the card counts to what the ledger counts.
var units = map[cardio.Unit]ledger.Commodity{
	cardio.Litre:    ledger.Litre,
	cardio.WattHour: ledger.WattHour,
	cardio.Fen:      ledger.CNY,
}

// Commodity is what a card's unit is called in the ledger.
func Commodity(u cardio.Unit) ledger.Commodity { return units[u] }
