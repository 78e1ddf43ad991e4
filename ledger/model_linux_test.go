package ledger_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
)

// model is what the book should be, kept in memory the plain way.
type model struct {
	customer int64
	accounts []ledger.Account
	balance  map[slot]tally
	made     map[uuid.UUID]ledger.Transfer
	order    []uuid.UUID // of made, so that a seed gives the same run again
	settled  map[uuid.UUID]bool
}

type slot struct {
	account   ledger.Account
	commodity ledger.Commodity
}

type tally struct{ posted, in, out int64 }

func newModel(customer int64) *model {
	card := fmt.Sprint("81", customer)
	meter := fmt.Sprint("10", customer)
	return &model{
		customer: customer,
		accounts: []ledger.Account{ledger.Till("1"), ledger.Sold, ledger.Advance(customer), ledger.Prepaid(customer),
			ledger.Card(card), ledger.Meter(meter), ledger.Consumed(meter)},
		balance: map[slot]tally{}, made: map[uuid.UUID]ledger.Transfer{}, settled: map[uuid.UUID]bool{},
	}
}

func (m *model) clone() *model {
	c := newModel(m.customer)
	c.order = slices.Clone(m.order)
	for k, v := range m.balance {
		c.balance[k] = v
	}
	for k, v := range m.made {
		c.made[k] = v
	}
	for k, v := range m.settled {
		c.settled[k] = v
	}
	return c
}

// boundedHere is written out again: a change of the chart must be meant.
func boundedHere(a ledger.Account) bool {
	return slices.Contains([]ledger.Class{ledger.ClassAdvance, ledger.ClassPrepaid, ledger.ClassCard, ledger.ClassConsumed}, a.Class)
}

// broken lists the rules that a transfer breaks; empty: it must be taken.
func (m *model) broken(t ledger.Transfer) (rules []error) {
	if _, ok := m.made[t.ID]; ok {
		rules = append(rules, ledger.ErrExists)
	}
	if t.Kind == ledger.Post || t.Kind == ledger.Void {
		if p, ok := m.made[t.Pend]; !ok || p.Kind != ledger.Pend {
			rules = append(rules, ledger.ErrNoPend)
		}
		if m.settled[t.Pend] {
			rules = append(rules, ledger.ErrSettled)
		}
		return rules
	}
	if t.Amount.N <= 0 || t.Debit == t.Credit {
		rules = append(rules, ledger.ErrAmount)
	}
	if from := m.balance[slot{t.Debit, t.Amount.Commodity}]; boundedHere(t.Debit) && from.posted-from.out < t.Amount.N {
		rules = append(rules, ledger.ErrOverdrawn)
	}
	return rules
}

func (m *model) do(t ledger.Transfer) {
	m.made[t.ID] = t
	m.order = append(m.order, t.ID)
	side := t
	if t.Pend != uuid.Nil {
		m.settled[t.Pend] = true
		side = m.made[t.Pend]
	}
	from, to := slot{side.Debit, side.Amount.Commodity}, slot{side.Credit, side.Amount.Commodity}
	f, c, n := m.balance[from], m.balance[to], side.Amount.N
	if t.Kind == ledger.Single || t.Kind == ledger.Post {
		f.posted, c.posted = f.posted-n, c.posted+n
	}
	switch t.Kind {
	case ledger.Pend:
		f.out, c.in = f.out+n, c.in+n
	case ledger.Post, ledger.Void:
		f.out, c.in = f.out-n, c.in-n
	}
	m.balance[from], m.balance[to] = f, c
}

// ids lists the transfers made that are wanted.
func (m *model) ids(want func(ledger.Transfer) bool) (ids []uuid.UUID) {
	for _, id := range m.order {
		if want(m.made[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

// draw makes a transfer: mostly one that may be, sometimes one that may not.
func (m *model) draw(t *rapid.T) ledger.Transfer {
	kinds := rapid.SampledFrom([]ledger.Kind{ledger.Single, ledger.Single, ledger.Pend, ledger.Pend, ledger.Post, ledger.Void})
	tr := ledger.Transfer{Customer: m.customer, ID: uuid.New(), Kind: kinds.Draw(t, "kind"), Cause: uuid.New(), At: noon}
	known, pended := m.ids(func(ledger.Transfer) bool { return true }), m.ids(func(t ledger.Transfer) bool { return t.Kind == ledger.Pend })
	if len(known) > 0 && rapid.IntRange(0, 19).Draw(t, "same id") == 0 {
		tr.ID = rapid.SampledFrom(known).Draw(t, "id")
	}
	if tr.Kind == ledger.Post || tr.Kind == ledger.Void {
		tr.Pend = uuid.New()
		switch from := rapid.IntRange(0, 9).Draw(t, "which"); {
		case from > 1 && len(pended) > 0:
			tr.Pend = rapid.SampledFrom(pended).Draw(t, "pend")
		case from > 0 && len(known) > 0:
			tr.Pend = rapid.SampledFrom(known).Draw(t, "any")
		}
		pended, ok := m.made[tr.Pend]
		if !ok {
			pended = move(ledger.Pend, ledger.Sold, m.accounts[4], litres(1))
		}
		tr.Debit, tr.Credit, tr.Amount = pended.Debit, pended.Credit, pended.Amount
		return tr
	}
	tr.Debit = rapid.SampledFrom(m.accounts).Draw(t, "debit")
	tr.Credit = rapid.SampledFrom(m.accounts).Draw(t, "credit")
	tr.Amount = ledger.Amount{N: rapid.Int64Range(-1, 30).Draw(t, "n"),
		Commodity: rapid.SampledFrom([]ledger.Commodity{ledger.CNY, ledger.Litre}).Draw(t, "commodity")}
	return tr
}

// step applies a few transfers in one transaction to the book and the model.
func (m *model) step(t *rapid.T, pool *pgxpool.Pool) *model {
	after := m.clone()
	var batch []ledger.Transfer
	var rules []error
	for range rapid.IntRange(1, 4).Draw(t, "transfers") {
		next := after.draw(t)
		batch = append(batch, next)
		if rules = after.broken(next); len(rules) > 0 {
			break
		}
		after.do(next)
	}
	err := sentinelOf(apply(pool, batch...))
	switch {
	case len(rules) == 0 && err == nil:
		return after
	case len(rules) == 0 || !slices.Contains(rules, err):
		t.Fatalf("%+v ended with %v, want one of %v", batch, err, rules)
	}
	return m
}

func (m *model) compare(t *rapid.T, pool *pgxpool.Pool) {
	for _, a := range m.accounts {
		for _, c := range []ledger.Commodity{ledger.CNY, ledger.Litre} {
			if a.Class == ledger.ClassTill || a.Class == ledger.ClassSold {
				continue
			}
			got, err := ledger.BalanceOf(t.Context(), pool, m.customer, a, c)
			if err != nil {
				t.Fatal(err)
			}
			if want := m.balance[slot{a, c}]; (tally{got.Posted, got.Incoming, got.Outgoing}) != want {
				t.Fatalf("%s: got %+v, want %+v", a, got, want)
			}
		}
	}
}

// Random sequences in the books of several customers: what is taken and what is
// refused is what the model says, and the whole book is clean after each.
func TestBookAgainstModel(t *testing.T) {
	t.Parallel()
	pool := open(t)
	var customers atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		models := []*model{newModel(customers.Add(1)), newModel(customers.Add(1))}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			i := rapid.IntRange(0, len(models)-1).Draw(t, "customer")
			models[i] = models[i].step(t, pool)
		}
		for _, m := range models {
			m.compare(t, pool)
		}
		found, err := ledger.Check(t.Context(), pool)
		if err != nil || len(found) > 0 {
			t.Fatal(found, err)
		}
	})
	wantClean(t, pool)
}

// The same at the same time, a customer a goroutine.
func TestBookAgainstModelAtOnce(t *testing.T) {
	t.Parallel()
	pool := open(t)
	got := atOnce(racers, func(i int) error {
		rapid.Custom(func(t *rapid.T) bool {
			m := newModel(int64(i + 1))
			for range 40 {
				m = m.step(t, pool)
			}
			m.compare(t, pool)
			return true
		}).Example(i)
		return nil
	})
	wantEnds(t, got, map[error]int{nil: racers})
	wantClean(t, pool)
}
