package ledger_test

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

var sentinels = []error{ledger.ErrExists, ledger.ErrSettled, ledger.ErrNoPend, ledger.ErrOverdrawn, ledger.ErrAmount,
	ledger.ErrImmutable, ledger.ErrOverflow, ledger.ErrCommodity}

// sentinelOf is the sentinel that an error is, nil, or the error itself.
func sentinelOf(err error) error {
	for _, s := range sentinels {
		if errors.Is(err, s) {
			return s
		}
	}
	return err
}

// atOnce does something n times at the same time and counts how each ended.
func atOnce(n int, do func(i int) error) map[error]int {
	ended := make([]error, n)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-start
			ended[i] = sentinelOf(do(i))
		})
	}
	close(start)
	done.Wait()
	got := map[error]int{}
	for _, err := range ended {
		got[err]++
	}
	return got
}

const racers = 8

func wantEnds(t *testing.T, got, want map[error]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("ended %v, want %v", got, want)
	}
}

func TestRaceForTheLastMoney(t *testing.T) {
	t.Parallel()
	pool := open(t)
	mustApply(t, pool, move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(35)))
	got := atOnce(racers, func(int) error {
		return apply(pool, move(ledger.Pend, ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(10)))
	})
	wantEnds(t, got, map[error]int{nil: 3, ledger.ErrOverdrawn: racers - 3})
	wantBalance(t, pool, ledger.Advance(who), ledger.CNY, 35, 0, 30)
	wantClean(t, pool)
}

func TestRaceToSettle(t *testing.T) {
	t.Parallel()
	pool := open(t)
	pend := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(70))
	mustApply(t, pool, pend)
	got := atOnce(racers, func(i int) error {
		return apply(pool, settle([]ledger.Kind{ledger.Post, ledger.Void}[i%2], pend))
	})
	wantEnds(t, got, map[error]int{nil: 1, ledger.ErrSettled: racers - 1})
	wantClean(t, pool)
}

func TestRaceWithOneID(t *testing.T) {
	t.Parallel()
	pool := open(t)
	once := move(ledger.Single, ledger.Sold, ledger.Card("1"), litres(70))
	got := atOnce(racers, func(int) error { return apply(pool, once) })
	wantEnds(t, got, map[error]int{nil: 1, ledger.ErrExists: racers - 1})
	wantBalance(t, pool, ledger.Card("1"), ledger.Litre, 70, 0, 0)
	wantClean(t, pool)
}

// Accounts are locked in one order, whichever way the amount goes and whether or
// not they were there before: no deadlock. Meters, for they are not bounded.
func TestRaceInBothDirections(t *testing.T) {
	t.Parallel()
	pool := open(t)
	for round := range 10 {
		here, there := ledger.Meter(fmt.Sprint(round, "a")), ledger.Meter(fmt.Sprint(round, "b"))
		got := atOnce(racers, func(i int) error {
			for range 3 {
				from, to := here, there
				if i%2 == 0 {
					from, to = there, here
				}
				if err := apply(pool, move(ledger.Single, from, to, litres(1))); err != nil {
					return err
				}
			}
			return nil
		})
		wantEnds(t, got, map[error]int{nil: racers})
	}
	wantClean(t, pool)
}

// No row is shared by two customers' top-ups: one that is in the middle of its
// transaction keeps no other waiting, though both use one till.
func TestCustomersDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	pool := open(t)
	topUp := func(customer int64) []ledger.Transfer {
		paid := move(ledger.Single, ledger.Till("1"), ledger.Advance(customer), ledger.Fen(100))
		sold := move(ledger.Pend, ledger.Sold, ledger.Card("of "+uuid.NewString()), litres(10))
		paid.Customer, sold.Customer = customer, customer
		return []ledger.Transfer{paid, sold}
	}
	first, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Rollback(t.Context())
	if err := applyIn(t.Context(), first, topUp(1)...); err != nil {
		t.Fatal(err)
	}
	second, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Rollback(t.Context())
	if _, err := second.Exec(t.Context(), `set local lock_timeout = '100ms'`); err != nil {
		t.Fatal(err)
	}
	if err := applyIn(t.Context(), second, topUp(2)...); err != nil {
		t.Error(err)
	}
}
