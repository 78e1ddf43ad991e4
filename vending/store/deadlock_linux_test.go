package store_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Bulk transactions over the same customers in opposite orders all get done: the database ends one of two that wait for each
// other, and that one is run again as a whole, from outside, with none of its locks.
func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	d := open(t)
	up := []int64{1001, 1002, 1003, 1004}
	for _, no := range up {
		d.household(t, no)
	}
	down := slices.Clone(up)
	slices.Reverse(down)
	const workers, deeds = 4, 1
	var ran atomic.Int64
	meet := make(chan struct{}) // the first two hold a book each before they go for another
	var met atomic.Int64
	atOnce(func(i int) {
		if i >= workers {
			return
		}
		order := up
		if i%2 == 1 {
			order = down
		}
		for range deeds {
			err := d.ForCustomer(t.Context(), order[0], vending.Deed{Kind: "test", By: clerk}, func(tx *store.Tx) error {
				ran.Add(1)
				if met.Add(1) == 2 {
					close(meet)
				}
				<-meet
				tx.Changed("worker", i)
				for _, no := range order[1:] {
					if err := store.Hold(tx, t.Context(), no); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("worker %d: %v", i, err)
			}
		}
	})
	var records int
	if err := d.sql.QueryRow(t.Context(), `select count(*) from ledger_record where kind = 'test' and detail::jsonb ? 'worker'`).Scan(&records); err != nil || records != workers*deeds {
		t.Errorf("%d records, %v", records, err)
	}
	if ran.Load() == workers*deeds {
		t.Error("nothing was run again: no deadlock was provoked")
	}
	d.wantClean(t)
}
