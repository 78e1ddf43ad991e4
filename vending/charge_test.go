package vending_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

func day(t testing.TB, s string) vending.Date {
	t.Helper()
	d, err := vending.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A day is that of the hall: midnight in China is 16:00 UTC.
func TestDate(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2026-02-28T15:59:59Z": "2026-02-28", "2026-02-28T16:00:00Z": "2026-03-01",
		"2028-02-29T12:00:00Z": "2028-02-29", "1969-12-31T15:59:59Z": "1969-12-31",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := vending.DateOf(moment); got.String() != want || got != day(t, want) {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	for _, bad := range []string{"", "2026-02-29", "2026-3-1", "01.03.2026", "2026-03-01T00:00:00Z"} {
		if _, err := vending.ParseDate(bad); !errors.Is(err, vending.ErrNumberInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestChargeIsValid(t *testing.T) {
	t.Parallel()
	good := vending.Charge{Kind: vending.ChargeRepair, Amount: 100, VATBp: 1300}
	for name, c := range map[string]struct {
		change func(*vending.Charge)
		want   error
	}{
		"good":     {func(*vending.Charge) {}, nil},
		"kind":     {func(c *vending.Charge) { c.Kind = "gift" }, vending.ErrChargeKind},
		"nothing":  {func(c *vending.Charge) { c.Amount = 0 }, vending.ErrChargePrice},
		"negative": {func(c *vending.Charge) { c.Amount = -1 }, vending.ErrChargePrice},
		"huge":     {func(c *vending.Charge) { c.Amount = math.MaxInt64 }, vending.ErrAmountOverflow},
		"rate":     {func(c *vending.Charge) { c.VATBp = 10_000 }, vending.ErrNumberInvalid},
	} {
		charge := good
		c.change(&charge)
		if err := charge.Valid(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// An appliance inspection is 25.00 (RULES B2), of it 1.42 VAT.
func TestChargeIsSold(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	c := vending.Charge{ID: id, Customer: who, Kind: vending.ChargeInspection, Amount: 2500, VATBp: 600, Raised: noon}
	got := c.Sale(c.ID, ledger.Till("1-17"))
	if len(got) != 2 || got[0].Debit != ledger.Till("1-17") || got[0].Credit != ledger.Revenue("inspection") || got[0].Amount != ledger.Fen(2358) ||
		got[1].Credit != ledger.Output || got[1].Amount != ledger.Fen(142) || got[0].ID == got[1].ID || got[0].Cause != id || !got[1].At.Equal(noon) {
		t.Errorf("%+v", got)
	}
	c.VATBp = 0
	if got := c.Sale(c.ID, ledger.Debt(who)); len(got) != 1 || got[0].Debit != ledger.Debt(who) || got[0].Amount != ledger.Fen(2500) {
		t.Errorf("without VAT: %+v", got)
	}
}
