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
	asked    store.Asked
	facts    vending.Facts
}

func (v *visit) contents() cardio.Contents { return v.card.Contents() }

// present reads the card and finds it in the books. What the card brings from its
// meter is taken in at once.
func (d *Desk) present(ctx context.Context, t Terminal, asked store.Asked) (*visit, error) {
	card, err := t.Present(ctx)
	if err != nil {
		return nil, err
	}
	v := &visit{terminal: t, card: card, asked: asked}
	if err := d.identify(ctx, v); err != nil {
		card.Close()
		return nil, err
	}
	return v, nil
}

func (d *Desk) identify(ctx context.Context, v *visit) error {
	now := v.contents()
	v.asked.UID, v.asked.Staff = now.Identity.UID[:], d.By.Staff
	v.asked.Report = reportOf(now, d.Now())
	if err := d.refresh(ctx, v); err != nil {
		return err
	}
	if err := d.complete(ctx, v); err != nil {
		return err
	}
	file := v.facts.Card
	if file.No != now.Identity.Number || file.Meter != now.Identity.Meter {
		return vending.ErrCardDisagrees.With("Card", file.No,
			"Shows", now.Identity.Number+" → "+now.Identity.Meter, "Books", file.No+" → "+file.Meter)
	}
	if now.Rule == cardio.ByBalance {
		return d.purseRead(ctx, v)
	}
	if err := d.hearCard(ctx, v); err != nil {
		return err
	}
	if v.asked.Report == nil || v.facts.Heard {
		return nil
	}
	report := *v.asked.Report
	report.Customer, report.Meter = file.Customer, file.Meter
	if _, err := intake.Take(ctx, d.Store, report, d.Now()); err != nil {
		return err
	}
	return d.refresh(ctx, v)
}

// refresh reads what the books say now.
func (d *Desk) refresh(ctx context.Context, v *visit) (err error) {
	v.facts, err = d.Store.Facts(ctx, v.asked)
	if d.By.Role == vending.RoleSystem {
		v.facts.Seller = d.By // who is no member of the staff, and sells nothing
	}
	if by := v.facts.Seller; err == nil && by.Role == "" {
		return vending.ErrNoStaff.With("Staff", by.Staff)
	}
	return err
}

// seen keeps what the card shows.
func (d *Desk) seen(ctx context.Context, v *visit) error {
	return d.Store.CardSeen(ctx, v.facts.Customer.No, v.facts.Card.No, d.shown(v))
}

// shown is what the card shows; one that has no place for count or total says nothing that
// could be held against the books.
func (d *Desk) shown(v *visit) store.Seen {
	p := v.contents().Purse
	if p.Lacks.Has(cardio.LacksCount) || p.Lacks.Has(cardio.LacksTotal) {
		return store.Seen{}
	}
	return store.Seen{Generation: p.Generation, Count: p.Count, Total: p.Total, At: d.Now()}
}

// units maps what the card counts to what the ledger counts.
var units = map[cardio.Unit]ledger.Commodity{
	cardio.Litre:    ledger.Litre,
	cardio.WattHour: ledger.WattHour,
	cardio.Fen:      ledger.CNY,
}

// Commodity is what a card's unit is called in the ledger.
func Commodity(u cardio.Unit) ledger.Commodity { return units[u] }
