package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// giveBack is what closing an account does with the credit that is left.
func (h *household) giveBack(t testing.TB, burnt int64) (fen int64) {
	t.Helper()
	deed := vending.Deed{ID: uuid.New(), Kind: vending.DeedClosed, By: clerk}
	err := h.ForCustomer(t.Context(), h.customer.No, deed, func(tx *store.Tx) error {
		lots, err := tx.Lots(t.Context(), h.meter.No)
		if err != nil {
			return err
		}
		if err := tx.TakeBack(t.Context(), deed.ID, h.meter.No, lots, burnt); err != nil {
			return err
		}
		cancelled, err := revenue.Cancel(lots, burnt)
		if err != nil {
			return err
		}
		if err := tx.AddLots(t.Context(), h.meter.No, deed.ID, "refunded", cancelled); err != nil {
			return err
		}
		_, fen, err = revenue.Carry(lots, burnt, 0)
		if err != nil {
			return err
		}
		return tx.Apply(t.Context(), ledger.Transfer{Customer: h.customer.No, ID: ledger.MoveID(deed.ID, "cost"), Kind: ledger.Single,
			Debit: ledger.Prepaid(h.customer.No), Credit: ledger.Advance(h.customer.No), Amount: ledger.Fen(fen), Cause: deed.ID, At: tx.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return fen
}

// The estimate of April had more burnt than the last visit in May proves: what is left is
// given back all the same, at once, and the months after it add up to what was burnt. So they
// do where April is closed only after that.
func TestWhatAnEstimateOvershotIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, closedFirst := range map[string]bool{"after April was closed": true, "before April is closed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.on(t, time.January, 1, 0)
			h := d.household(t, 1001)
			p := h.taxed(t, 1)
			h.read(t, d.on(t, time.February, 1, 9), 50_000)
			d.on(t, time.April, 1, 9)
			d.mustClose(t, 202601)
			d.mustClose(t, 202602)
			d.mustClose(t, 202603) // all of it is burnt by the estimate
			if h.prepaid(t) != 0 {
				t.Fatalf("prepaid is %d", h.prepaid(t))
			}
			now := d.on(t, time.May, 3, 9)
			if closedFirst {
				d.mustClose(t, 202604)
			}
			h.read(t, now, 60_000)
			given := h.giveBack(t, 60_000)
			earned := p.Quote.Cost * 60_000 / p.Total
			if given != p.Quote.Cost-earned || h.prepaid(t) != 0 {
				t.Errorf("given back %d, want %d; prepaid is %d", given, p.Quote.Cost-earned, h.prepaid(t))
			}
			if !closedFirst {
				d.mustClose(t, 202604)
			}
			d.on(t, time.June, 1, 9)
			d.mustClose(t, 202605)
			if l := h.line(t, 202605); l.After.Done.Gross != earned || l.Left() != 0 || h.prepaid(t) != 0 {
				t.Errorf("%+v, prepaid is %d", l, h.prepaid(t))
			}
			trial, err := d.Turnovers(t.Context(), 0, 999912)
			if err != nil {
				t.Fatal(err)
			}
			sum := map[ledger.Class]int64{}
			for _, line := range trial {
				sum[line.Account.Class] += line.After()
			}
			if sum[ledger.ClassRevenue]+sum[ledger.ClassVAT] != earned {
				t.Errorf("earned %d with VAT %d, want %d", sum[ledger.ClassRevenue], sum[ledger.ClassVAT], earned)
			}
			d.wantClean(t)
		})
	}
}
