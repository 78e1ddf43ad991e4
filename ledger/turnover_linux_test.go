package ledger_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// in puts a transfer into a month.
func in(period int, t ledger.Transfer) ledger.Transfer {
	t.Period = period
	return t
}

// The trial balance of a month carries forward what was before, knows nothing of what came
// later or is pended, and sums to zero.
func TestTurnovers(t *testing.T) {
	t.Parallel()
	pool := open(t)
	advance, prepaid := ledger.Advance(who), ledger.Prepaid(who)
	pended := in(202602, move(ledger.Pend, advance, prepaid, ledger.Fen(60)))
	mustApply(t, pool,
		in(202602, move(ledger.Single, ledger.Till("1-1"), advance, ledger.Fen(100))), pended,
		in(202603, settle(ledger.Post, pended)),
		in(202603, move(ledger.Single, prepaid, ledger.Revenue("residential"), ledger.Fen(30))),
		in(202603, move(ledger.Single, ledger.Revenue("residential"), prepaid, ledger.Fen(4))),
		in(202603, move(ledger.Single, prepaid, ledger.Output, ledger.Fen(2))),
		in(202603, move(ledger.Single, ledger.Sold, ledger.Card("8100000001"), litres(7))),
		in(202604, move(ledger.Single, ledger.Till("2-5"), advance, ledger.Fen(999))))
	got, err := ledger.Turnovers(t.Context(), pool, 202603, 202603)
	all := func(c ledger.Class) ledger.Account { return ledger.Account{Class: c, Of: "all"} }
	want := []ledger.Turnover{
		{Account: all(ledger.ClassAdvance), Commodity: ledger.CNY, Before: 100, Debits: 60},
		{Account: all(ledger.ClassPrepaid), Commodity: ledger.CNY, Debits: 32, Credits: 64},
		{Account: ledger.Revenue("residential"), Commodity: ledger.CNY, Debits: 4, Credits: 30},
		{Account: all(ledger.ClassTill), Commodity: ledger.CNY, Before: -100},
		{Account: ledger.Output, Commodity: ledger.CNY, Credits: 2},
		{Account: all(ledger.ClassCard), Commodity: ledger.Litre, Credits: 7},
		{Account: all(ledger.ClassSold), Commodity: ledger.Litre, Debits: 7},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	sources, err := ledger.Sources(t.Context(), pool, 202603)
	if err != nil || !slices.Equal(sources, []ledger.Source{{"test", ledger.Revenue("residential"), 26}, {"test", ledger.Output, 2}}) {
		t.Errorf("%+v, %v", sources, err)
	}
	var ids []uuid.UUID
	err = ledger.Export(t.Context(), pool, 202602, 202602, func(seq int64, moved ledger.Transfer) error {
		if seq != int64(len(ids)+1) || moved.Period != 202602 || moved.Customer != who {
			t.Errorf("%d: %+v", seq, moved)
		}
		ids = append(ids, moved.ID)
		return nil
	})
	if err != nil || len(ids) != 2 || ids[1] != pended.ID {
		t.Error(ids, err)
	}
}
