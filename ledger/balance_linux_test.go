package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

func lines(balances []ledger.Balance) (out []string) {
	for _, b := range balances {
		out = append(out, fmt.Sprintf("%d %s %s %d +%d -%d", b.Customer, b.Account, b.Commodity, b.Posted, b.Incoming, b.Outgoing))
	}
	return out
}

func TestCustomerBalances(t *testing.T) {
	t.Parallel()
	pool := soldOne(t)
	other := move(ledger.Single, ledger.Till("1"), ledger.Advance(7), ledger.Fen(1))
	other.Customer = 7
	mustApply(t, pool, other)
	got, err := ledger.CustomerBalances(t.Context(), pool, who)
	want := []string{"1001 advance:1001 CNY 200 +0 -0", "1001 card:1 L 70 +9 -0", "1001 prepaid:1001 CNY 300 +0 -0"}
	if err != nil || !slices.Equal(lines(got), want) {
		t.Errorf("got %q, %v\nwant %q", lines(got), err, want)
	}
}

// A till's total is summed over the transfers of every customer.
func TestTrial(t *testing.T) {
	t.Parallel()
	pool := soldOne(t)
	other := move(ledger.Single, ledger.Till("2"), ledger.Advance(7), ledger.Fen(50))
	other.Customer = 7
	mustApply(t, pool, other)
	got, err := ledger.Trial(t.Context(), pool)
	want := []string{"0 advance:all CNY 250 +0 -0", "0 prepaid:all CNY 300 +0 -0", "0 till:all CNY -550 +0 -0",
		"0 card:all L 70 +9 -0", "0 sold:all L -70 +0 -9"}
	if err != nil || !slices.Equal(lines(got), want) {
		t.Errorf("got %q, %v\nwant %q", lines(got), err, want)
	}
}

func TestFree(t *testing.T) {
	t.Parallel()
	b := ledger.Balance{Commodity: ledger.CNY, Posted: 500, Incoming: 70, Outgoing: 300}
	if got := b.Free(); got != ledger.Fen(200) {
		t.Error(got)
	}
}

// Moves gives back what was applied, with a post's accounts and amount filled
// in from what was pended.
func TestMoves(t *testing.T) {
	t.Parallel()
	pool := open(t)
	pend := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(70))
	post := settle(ledger.Post, pend)
	others := move(ledger.Single, ledger.Sold, ledger.Card("2"), litres(3))
	others.Customer = 7
	unasked := move(ledger.Single, ledger.Sold, ledger.Card("3"), litres(4))
	unasked.Customer = 8
	mustApply(t, pool, pend, post, others, unasked)

	got, err := ledger.Moves(t.Context(), pool, []int64{7, who})
	if err != nil {
		t.Fatal(err)
	}
	want := map[uuid.UUID]ledger.Transfer{pend.ID: pend, post.ID: post, others.ID: others}
	for _, m := range got {
		if m.Period != 202603 || m.Recorded.IsZero() {
			t.Errorf("%+v has no period, or no time when it was recorded", m)
		}
		m.At, m.Period, m.Recorded = m.At.UTC(), 0, time.Time{}
		if m != want[m.ID] {
			t.Errorf("got %+v\nwant %+v", m, want[m.ID])
		}
		delete(want, m.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if got[0].Customer != 7 {
		t.Error("not in the order of customers")
	}
	if none, err := ledger.Moves(t.Context(), pool, nil); err != nil || len(none) > 0 {
		t.Error(none, err)
	}
}

// What stands in the book under a name that is not in the chart is said.
func TestUnchartedAccountIsAnError(t *testing.T) {
	t.Parallel()
	pool := open(t)
	_, err := pool.Exec(t.Context(), `insert into ledger_transfer (customer_no, id, kind, debit, credit, commodity, amount, cause, occurred_at, seq, period, recorded_at)
		values (1001, gen_random_uuid(), 'single', 'vault:1', 'till:1', 'CNY', 5, gen_random_uuid(), now(), 1, 202603, now())`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.Moves(t.Context(), pool, []int64{who}); err == nil {
		t.Error(got)
	}
	if got, err := ledger.Trial(t.Context(), pool); err == nil {
		t.Error(got)
	}
}
