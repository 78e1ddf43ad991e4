package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending/store"
)

// Any year of purchases and readings, closed month by month, leaves the trial balance at
// zero, what is not earned of the lots in prepaid, and what is not burnt of them on cards and
// in meters. A failure names its seed.
func TestAnyYearCloses(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	d := open(t)
	now := d.on(t, time.January, 1, 0)
	type home struct {
		*household
		bought uint32
		used   int64
	}
	homes := make([]home, 3)
	for i := range homes {
		homes[i].household = d.household(t, int64(1001+i))
	}
	for month := time.January; month <= time.December; month++ {
		for i := range homes {
			h := &homes[i]
			now = d.on(t, month, 3+random.IntN(20), 9+i)
			if random.IntN(3) == 0 || month == time.January {
				h.bought++
				h.taxed(t, h.bought)
			}
			if random.IntN(2) == 0 {
				h.used += random.Int64N(40_000) // beyond what was sold, at times
				r := h.report(int64(h.bought)*76_040, h.used)
				r.MeterTime, r.Remaining = now.AddDate(0, 0, -random.IntN(60)), max(0, r.Remaining)
				h.take(t, r)
			}
		}
		period := now.Year()*100 + int(month)
		d.on(t, month+1, 1, 9)
		d.mustClose(t, period)
		if err := d.ties(t, period); err != nil {
			t.Fatalf("seed %d, %d: %v", seed, period, err)
		}
	}
	d.wantClean(t)
}

// ties holds the lines of a month against its trial balance.
func (d *database) ties(t testing.TB, period int) error {
	return d.MonthBooks(t.Context(), period, func(b *store.MonthBooks) error {
		var left, tax, unburnt int64
		err := b.Pages(t.Context(), false, func(p store.MonthPage) error {
			for _, l := range p.Lines {
				left, tax, unburnt = left+l.Left(), tax+l.After.Done.VAT, unburnt+l.Sold-l.Used
			}
			return nil
		})
		if err != nil {
			return err
		}
		trial, err := b.Turnovers(t.Context())
		if err != nil {
			return err
		}
		after, sum := map[ledger.Class]int64{}, map[ledger.Commodity]int64{}
		for _, line := range trial {
			after[line.Account.Class] += line.After()
			sum[line.Commodity] += line.After()
		}
		if sum[ledger.CNY] != 0 || sum[ledger.Litre] != 0 {
			return fmt.Errorf("the trial balance is off: %v", sum)
		}
		if left != after[ledger.ClassPrepaid] || tax != after[ledger.ClassVAT] || unburnt != after[ledger.ClassCard]+after[ledger.ClassMeter] {
			return fmt.Errorf("left %d, tax %d, unburnt %d; the books say %v", left, tax, unburnt, after)
		}
		return nil
	})
}
