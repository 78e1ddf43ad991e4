package counter_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// aftermath is what happens after every cut: the service is started anew, the
// card presented again and resumed, put into the meter, the meter read, the card
// presented once more. It returns all that does not hold then. resume may cut the
// first attempt to resume.
type aftermath struct {
	world    *world
	home     *household
	slot     *cardsim.Slot // where the card is
	req      counter.TopUpRequest
	claimed  counter.Outcome // what the cut top-up said
	err      error
	terminal counter.Terminal
	faults   []string
}

func (a *aftermath) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

func (a *aftermath) check(ctx context.Context) []string {
	a.claim(ctx)
	a.resume(ctx)
	a.again(ctx)
	a.meter(ctx)
	a.truth(ctx)
	a.goesOn(ctx)
	a.books(ctx)
	return a.faults
}

// claim holds what the clerk was told against what is on the card.
func (a *aftermath) claim(ctx context.Context) {
	if a.err != nil || a.claimed.Purchase.State == vending.Pending {
		return // nothing was promised
	}
	now, err := contents(ctx, a.terminal)
	if err != nil {
		a.fault("card cannot be read after the cut: %v", err)
		return
	}
	p := a.claimed.Purchase
	want := p.Total
	if p.State == vending.Voided {
		want -= p.Quote.Credit.N
	}
	if now.Purse.Total != want {
		a.fault("the clerk was told %s, and the card holds %d, not %d", p.State, now.Purse.Total, want)
	}
}

func contents(ctx context.Context, t counter.Terminal) (cardio.Contents, error) {
	card, err := t.Present(ctx)
	if err != nil {
		return cardio.Contents{}, err
	}
	defer card.Close()
	return card.Contents(), nil
}

func (a *aftermath) resume(ctx context.Context) {
	out, err := a.world.desk(a.world.store).Resume(ctx, a.terminal)
	switch {
	case errors.Is(err, vending.ErrNoPurchase):
	case err != nil:
		a.fault("resume: %v", err)
	case out.Purchase.State == vending.Pending:
		a.fault("still in doubt with the card in the reader: %s", out.Purchase.Doubt)
	}
}

// again sends the same id again, as a client does that was told nothing.
func (a *aftermath) again(ctx context.Context) {
	before, beforeErr := a.world.store.Purchase(ctx, a.req.ID)
	out, err := a.world.desk(a.world.store).TopUp(ctx, a.terminal, a.req)
	switch {
	case err != nil:
		a.fault("same id again: %v", err)
	case beforeErr == nil && (!out.Repeated || out.Purchase.State != before.State):
		a.fault("same id again changed %s to %s", before.State, out.Purchase.State)
	case beforeErr != nil && out.Purchase.State != vending.Loaded:
		a.fault("same id again, of a sale that was not made: %s", out.Purchase.State)
	}
}

func (a *aftermath) meter(ctx context.Context) {
	if err := a.home.toMeter(a.slot); err != nil {
		a.fault("meter refuses the card: %v", err)
	}
	a.home.meter.Burn(1234)
	if err := a.world.read(ctx, a.home); err != nil {
		a.fault("meter not read: %v", err)
	}
	if _, err := a.world.desk(a.world.store).Look(ctx, a.terminal); err != nil {
		a.fault("card not read after the meter: %v", err)
	}
}

// truth holds card and meter as they are against what was sold and paid.
func (a *aftermath) truth(ctx context.Context) {
	list, err := a.world.store.Purchases(ctx, a.home.no, false, 100)
	if err != nil {
		a.fault("purchases: %v", err)
		return
	}
	var sold, paid, cost int64
	ids := map[string]int{}
	for _, p := range list {
		ids[p.ID.String()]++
		paid += p.Quote.Money
		switch p.State {
		case vending.Loaded:
			sold += p.Quote.Credit.N
			cost += p.Quote.Cost
		case vending.Pending:
			a.fault("purchase %s ended nowhere", p.ID)
		}
	}
	if ids[a.req.ID.String()] != 1 {
		a.fault("the sale was stored %d times", ids[a.req.ID.String()])
	}
	now, err := contents(ctx, a.terminal)
	if err != nil {
		a.fault("card: %v", err)
		return
	}
	if now.Purse.Total != sold {
		a.fault("sold and paid for: %d, on the card: %d", sold, now.Purse.Total)
	}
	if m := a.home.meter.Snapshot(); m.Loaded != sold {
		a.fault("sold and paid for: %d, taken by the meter: %d", sold, m.Loaded)
	}
	a.money(ctx, paid, cost)
}

// money: what was paid is there, as credit or as the customer's advance.
func (a *aftermath) money(ctx context.Context, paid, cost int64) {
	balances, err := a.world.store.Balances(ctx, a.home.no)
	if err != nil {
		a.fault("balances: %v", err)
		return
	}
	for _, b := range balances {
		want := map[ledger.Class]int64{ledger.ClassAdvance: paid - cost, ledger.ClassPrepaid: cost}
		if n, ok := want[b.Account.Class]; ok && b.Posted != n {
			a.fault("%s holds %d fen, want %d of %d paid", b.Account, b.Posted, n, paid)
		}
	}
}

// goesOn: the next sale works as if nothing had been.
func (a *aftermath) goesOn(ctx context.Context) {
	out, err := a.world.desk(a.world.store).TopUp(ctx, a.terminal, request(5_000))
	if err != nil || out.Purchase.State != vending.Loaded {
		a.fault("next sale: %s, %v", out.Purchase.State, err)
	}
}

func (a *aftermath) books(ctx context.Context) {
	violations, err := a.world.store.CheckBooks(ctx)
	if err != nil {
		a.fault("books not checked: %v", err)
	}
	for _, v := range violations {
		a.fault("books: %s", v)
	}
	number := a.home.meter.Snapshot().Number
	err = a.world.desk(a.world.store).Reconcile(ctx, number, func(r counter.Reconciled) error {
		for _, d := range r.Discrepancies {
			a.fault("reconcile: %s", d)
		}
		return nil
	})
	if err != nil {
		a.fault("reconcile: %v", err)
	}
}

// slotWith is an in-process reader with the household's card in it.
func slotWith(h *household) *cardsim.Slot {
	slot := cardsim.NewSlot("counter")
	slot.Insert(h.chip)
	return slot
}

// failAll reports every fault of one cut.
func failAll(t *testing.T, cut string, faults []string) {
	t.Helper()
	for _, f := range faults {
		t.Errorf("%s: %s", cut, f)
	}
}
