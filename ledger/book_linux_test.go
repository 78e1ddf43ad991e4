package ledger_test

import (
	"github.com/google/uuid"
	"math"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/ledger"
)

func TestSingleMovesAtOnce(t *testing.T) {
	t.Parallel()
	pool := open(t)
	mustApply(t, pool, move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(20000)))
	wantBalance(t, pool, ledger.Advance(who), ledger.CNY, 20000, 0, 0)
	wantBalance(t, pool, ledger.Advance(who), ledger.Litre, 0, 0, 0)
	wantClean(t, pool)
}

func TestPendThenPost(t *testing.T) {
	t.Parallel()
	pool := open(t)
	pend := move(ledger.Pend, ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(300))
	mustApply(t, pool, move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(500)), pend)
	wantBalance(t, pool, ledger.Advance(who), ledger.CNY, 500, 0, 300)
	wantBalance(t, pool, ledger.Prepaid(who), ledger.CNY, 0, 300, 0)
	wantClean(t, pool)
	mustApply(t, pool, settle(ledger.Post, pend))
	wantBalance(t, pool, ledger.Advance(who), ledger.CNY, 200, 0, 0)
	wantBalance(t, pool, ledger.Prepaid(who), ledger.CNY, 300, 0, 0)
	wantClean(t, pool)
}

func TestPendThenVoid(t *testing.T) {
	t.Parallel()
	pool := open(t)
	pend := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(70))
	mustApply(t, pool, pend)
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, 0, 70, 0)
	mustApply(t, pool, settle(ledger.Void, pend))
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, 0, 0, 0)
	wantClean(t, pool)
}

// Whatever way a pended transfer ended, it has ended.
func TestSettledOnce(t *testing.T) {
	t.Parallel()
	pool := open(t)
	// Another one is pended on the same accounts: its amount is not there for the taking.
	mustApply(t, pool, move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(1000)))
	for _, first := range []ledger.Kind{ledger.Post, ledger.Void} {
		for _, second := range []ledger.Kind{ledger.Post, ledger.Void} {
			pend := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(70))
			mustApply(t, pool, pend, settle(first, pend))
			refused(t, ledger.ErrSettled, pool, settle(second, pend))
			refused(t, ledger.ErrSettled, pool, settle(second, pend), settle(first, pend))
		}
	}
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, 140, 1000, 0)
	wantClean(t, pool)
}

func TestSettlesNothing(t *testing.T) {
	t.Parallel()
	pool := open(t)
	single := move(ledger.Single, ledger.Sold, ledger.Card("1"), litres(70))
	pend := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(70))
	mustApply(t, pool, single, pend)
	for _, kind := range []ledger.Kind{ledger.Post, ledger.Void} {
		refused(t, ledger.ErrNoPend, pool, settle(kind, move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(1))))
		refused(t, ledger.ErrNoPend, pool, settle(kind, single))
		nothing := settle(kind, pend)
		nothing.Pend = uuid.Nil
		refused(t, ledger.ErrNoPend, pool, nothing)

		others := settle(kind, pend)
		others.Customer = who + 1
		refused(t, ledger.ErrNoPend, pool, others)

		// Another account or amount than what was pended settles nothing.
		more, elsewhere := settle(kind, pend), settle(kind, pend)
		more.Amount.N++
		elsewhere.Credit = ledger.Card("2")
		refused(t, ledger.ErrNoPend, pool, more)
		refused(t, ledger.ErrNoPend, pool, elsewhere)
	}
	withPend := move(ledger.Single, ledger.Sold, ledger.Card("1"), litres(1))
	withPend.Pend = pend.ID
	refused(t, ledger.ErrNoPend, pool, withPend)
	if n := count(t, pool, `select count(*) from ledger_transfer`); n != 2 {
		t.Errorf("%d transfers", n)
	}
	wantClean(t, pool)
}

func TestSameIDTwice(t *testing.T) {
	t.Parallel()
	pool := open(t)
	once := move(ledger.Single, ledger.Sold, ledger.Card("1"), litres(70))
	mustApply(t, pool, once)
	refused(t, ledger.ErrExists, pool, once)
	changed := once
	changed.Amount = litres(71)
	refused(t, ledger.ErrExists, pool, changed)
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, 70, 0, 0)

	// Ids are a customer's own: nothing is shared between two.
	other := once
	other.Customer = who + 1
	mustApply(t, pool, other)
	wantClean(t, pool)
}

// The refused one takes the whole transaction with it.
func TestOverdrawnLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	pool := open(t)
	paid := move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(100))
	for _, kind := range []ledger.Kind{ledger.Single, ledger.Pend} {
		refused(t, ledger.ErrOverdrawn, pool, paid, move(kind, ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(101)))
	}
	if n := count(t, pool, `select (select count(*) from ledger_transfer) + (select count(*) from ledger_balance)`); n != 0 {
		t.Errorf("%d rows were left", n)
	}
	// What is pended cannot be spent a second time.
	pend := move(ledger.Pend, ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(60))
	mustApply(t, pool, paid, pend)
	refused(t, ledger.ErrOverdrawn, pool, move(ledger.Single, ledger.Advance(who), ledger.Till("1"), ledger.Fen(41)))
	mustApply(t, pool, move(ledger.Single, ledger.Advance(who), ledger.Till("1"), ledger.Fen(40)))
	// What is on its way in is not there yet.
	refused(t, ledger.ErrOverdrawn, pool, move(ledger.Single, ledger.Prepaid(who), ledger.Till("1"), ledger.Fen(1)))
	wantClean(t, pool)
}

func TestAmountsAndAccountsRefused(t *testing.T) {
	t.Parallel()
	pool := open(t)
	for name, want := range map[string]struct {
		transfer ledger.Transfer
		err      error
	}{
		"zero":              {move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(0)), ledger.ErrAmount},
		"negative":          {move(ledger.Pend, ledger.Till("1"), ledger.Advance(who), ledger.Fen(-1)), ledger.ErrAmount},
		"to itself":         {move(ledger.Single, ledger.Till("1"), ledger.Till("1"), ledger.Fen(1)), ledger.ErrAmount},
		"from nowhere":      {move(ledger.Single, ledger.Account{}, ledger.Advance(who), ledger.Fen(1)), ledger.ErrAmount},
		"to nowhere":        {move(ledger.Pend, ledger.Till("1"), ledger.Account{}, ledger.Fen(1)), ledger.ErrAmount},
		"to nobody":         {move(ledger.Single, ledger.Till("1"), ledger.Card(""), ledger.Fen(1)), ledger.ErrAmount},
		"not in the chart":  {move(ledger.Single, ledger.Till("1"), ledger.Account{Class: "vault", Of: "1"}, ledger.Fen(1)), ledger.ErrAmount},
		"no commodity":      {move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Amount{N: 1}), ledger.ErrCommodity},
		"another commodity": {move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Amount{N: 1, Commodity: "EUR"}), ledger.ErrCommodity},
	} {
		t.Run(name, func(t *testing.T) { refused(t, want.err, pool, want.transfer) })
	}
	if err := apply(pool, move("gift", ledger.Till("1"), ledger.Advance(who), ledger.Fen(1))); err == nil {
		t.Error("a kind that is none was taken")
	}
	if n := count(t, pool, `select count(*) from ledger_transfer`); n != 0 {
		t.Errorf("%d transfers", n)
	}
}

func TestBalanceBeyond64Bits(t *testing.T) {
	t.Parallel()
	pool := open(t)
	most := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(math.MaxInt64))
	mustApply(t, pool, most)
	refused(t, ledger.ErrOverflow, pool, move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(1)))
	mustApply(t, pool, settle(ledger.Post, most))
	refused(t, ledger.ErrOverflow, pool, move(ledger.Single, ledger.Sold, ledger.Card("1"), litres(1)))
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, math.MaxInt64, 0, 0)
	wantClean(t, pool)
}

// A transfer is not changed by anybody, the owner of the table included.
func TestTransfersAreNeverChanged(t *testing.T) {
	t.Parallel()
	pool := open(t)
	mustApply(t, pool, move(ledger.Single, ledger.Sold, ledger.Card("1"), litres(70)))
	for _, sql := range []string{
		`update ledger_transfer set amount = 71`,
		`update ledger_transfer set amount = amount where false`,
		`delete from ledger_transfer`,
		`truncate ledger_transfer`,
		`truncate ledger_transfer cascade`,
	} {
		_, err := pool.Exec(t.Context(), sql)
		if err == nil || !strings.Contains(err.Error(), ledger.ErrImmutable.Error()) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, 70, 0, 0)
	wantClean(t, pool)
}
