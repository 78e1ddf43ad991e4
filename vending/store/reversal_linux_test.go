package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// takesBack is a reversal whose card was written.
func (h *household) takesBack(t testing.TB, p vending.Purchase) vending.Purchase {
	t.Helper()
	deed := vending.Deed{ID: uuid.New(), Kind: vending.DeedReversal, Why: "test", By: vending.Actor{Staff: "chief", Role: vending.RoleSupervisor}}
	var back vending.Purchase
	err := h.ForCustomer(t.Context(), h.customer.No, deed, func(tx *store.Tx) error {
		r, err := tx.Reversal(t.Context(), p.ID.String(), deed.By.Staff)
		if err != nil {
			return err
		}
		r.Card, err = tx.Card(t.Context(), p.Card)
		if err != nil {
			return err
		}
		r.Shows, r.EyesFrom = vending.Shown{Count: p.Count, Total: p.Total, Commodity: p.Quote.Credit.Commodity}, 1e9
		r.Payment.Means = vending.FromAdvance
		if back, err = r.Reverse(deed); err != nil {
			return err
		}
		return tx.AddPurchase(t.Context(), back)
	})
	if err != nil {
		t.Fatal(err)
	}
	return h.settle(t, back, vending.ProvedLoaded, "")
}

// Sold twice in March, the second one taken back: in March, in April before March is
// closed, or after. Each month's line says what was sold and paid at its end, and what is
// left of the lots is in prepaid.
func TestReversalAndTheMonths(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]int{"in March": 0, "before March is closed": 1, "afterwards": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.on(t, time.March, 1, 0)
			h := d.household(t, 1001)
			first := h.taxed(t, 1)
			h.read(t, d.on(t, time.March, 20, 9), 30_000)
			d.on(t, time.March, 25, 9)
			second := h.taxed(t, 2)
			if when == 0 {
				h.takesBack(t, second)
			}
			d.on(t, time.April, 2, 9)
			if when == 1 {
				h.takesBack(t, second)
			}
			d.mustClose(t, 202603)
			if when == 2 {
				h.takesBack(t, second)
			}
			march := h.line(t, 202603)
			sold, paid := second.Total, first.Quote.Cost+second.Quote.Cost
			if when == 0 {
				sold, paid = first.Total, first.Quote.Cost
			}
			if march.Sold != sold || march.Paid != paid {
				t.Errorf("March: %+v, want %d sold, %d paid", march, sold, paid)
			}
			h.read(t, d.on(t, time.April, 28, 9), 50_000)
			d.on(t, time.May, 1, 9)
			d.mustClose(t, 202604)
			l := h.line(t, 202604)
			if l.Sold != first.Total || l.Paid != first.Quote.Cost || l.Left() != h.prepaid(t) || l.After.Done.Gross != first.Quote.Cost*50_000/first.Total {
				t.Errorf("April: %+v, prepaid is %d", l, h.prepaid(t))
			}
			d.wantClean(t)
		})
	}
}

// Where the books have already one half of a reversal they take no other.
func TestReversedOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	p := h.taxed(t, 1)
	back := h.takesBack(t, p)
	back.ID, back.State = uuid.New(), vending.Pending
	err := h.ForCustomer(t.Context(), h.customer.No, vending.Deed{Kind: "test", By: clerk}, func(tx *store.Tx) error {
		back.Count++
		return tx.AddPurchase(t.Context(), back)
	})
	if !errors.Is(err, vending.ErrReversed) {
		t.Error(err)
	}
	if _, err := h.sql.Exec(t.Context(), `update purchase set undone_at = null where customer_no = $1`, h.customer.No); err != nil {
		t.Fatal(err)
	}
	if found, err := d.CheckBooks(t.Context()); err != nil || len(found) == 0 {
		t.Error("halves that know nothing of each other are no violation", err)
	}
}
