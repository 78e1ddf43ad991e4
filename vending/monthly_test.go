package vending_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// What an account held at a month's end is what came in less what went out by then, and
// what was taken back from revenue is no new money.
func TestHoldings(t *testing.T) {
	t.Parallel()
	at := func(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, vending.Zone) }
	move := func(kind ledger.Kind, from, to ledger.Account, fen int64, period, day int) ledger.Transfer {
		return ledger.Transfer{Customer: 7, Kind: kind, Debit: from, Credit: to, Amount: ledger.Fen(fen), Period: period, Recorded: at(day)}
	}
	advance, prepaid := ledger.Advance(7), ledger.Prepaid(7)
	moves := []ledger.Transfer{
		move(ledger.Single, ledger.Till("1-1"), advance, 500, 202603, 1),
		move(ledger.Pend, advance, prepaid, 400, 202603, 1),
		move(ledger.Post, advance, prepaid, 400, 202603, 2),
		move(ledger.Single, ledger.Till("1-1"), advance, 30, 202603, 5),
		move(ledger.Single, prepaid, ledger.Revenue("residential"), 300, 202603, 6),
		move(ledger.Single, ledger.Revenue("residential"), prepaid, 20, 202603, 7),
		move(ledger.Pend, advance, prepaid, 50, 202603, 8),
		move(ledger.Void, advance, prepaid, 50, 202603, 8),
		move(ledger.Single, ledger.Till("1-1"), advance, 999, 202604, 31),
	}
	got, err := vending.HoldingsAt(202603, moves, ledger.ClassAdvance, ledger.ClassPrepaid)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if got[0].Account != advance || got[0].Amount != ledger.Fen(130) || len(got[0].In) != 2 || got[0].In[0].Amount.N != 30 {
		t.Errorf("%+v", got[0])
	}
	if got[1].Account != prepaid || got[1].Amount != ledger.Fen(120) || len(got[1].In) != 1 || got[1].In[0].Amount.N != 400 {
		t.Errorf("%+v", got[1])
	}
	huge := move(ledger.Single, ledger.Till("1-1"), advance, math.MaxInt64, 202603, 1)
	if _, err := vending.HoldingsAt(202603, append(moves, huge), ledger.ClassAdvance); !errors.Is(err, ledger.ErrOverflow) {
		t.Error(err)
	}
}
