package vending_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
)

func TestPeriodIsRead(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"2026-10": 202610, "2026-01": 202601, "2000-12": 200012} {
		got, err := vending.ParsePeriod(s)
		if err != nil || got != want || vending.FormatPeriod(got) != s {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2026", "2026-13", "2026-00", "2026-1", "202610", "2026-10-01", "1999-12", "x"} {
		if _, err := vending.ParsePeriod(s); !errors.Is(err, vending.ErrPeriodInvalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if vending.PreviousPeriod(202601) != 202512 || vending.PreviousPeriod(202612) != 202611 {
		t.Error("the month before")
	}
}

// Net and VAT each go their own way, which may be back; nothing moves where nothing was earned.
func TestCloseLineTransfers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		month revenue.Sum
		want  []string
	}{
		{revenue.Sum{}, nil},
		{revenue.Sum{Gross: 109, VAT: 9}, []string{"prepaid:7→revenue:residential 100 CNY", "prepaid:7→vat:output 9 CNY"}},
		{revenue.Sum{Gross: -109, VAT: -9}, []string{"revenue:residential→prepaid:7 100 CNY", "vat:output→prepaid:7 9 CNY"}},
		{revenue.Sum{Gross: 0, VAT: 1}, []string{"revenue:residential→prepaid:7 1 CNY", "prepaid:7→vat:output 1 CNY"}},
		{revenue.Sum{Gross: 4}, []string{"prepaid:7→revenue:residential 4 CNY"}},
	} {
		l := vending.CloseLine{Customer: 7, Meter: "10000000000001", Period: 202610, Class: "residential", Line: revenue.Line{Month: c.month}}
		moves := l.Transfers(time.Now())
		if len(moves) != len(c.want) {
			t.Errorf("%+v: %v", c.month, moves)
			continue
		}
		for i, m := range moves {
			got := m.Debit.String() + "→" + m.Credit.String() + " " + m.Amount.String()
			if got != c.want[i] || m.Kind != ledger.Single || m.Period != 202610 || m.Cause != vending.CloseID(202610, 7) ||
				!vending.DeedMay(vending.CloseDeed, m) {
				t.Errorf("%+v: %+v", c.month, m)
			}
		}
	}
}

func TestMonthAddsUp(t *testing.T) {
	t.Parallel()
	var m vending.Month
	err := m.Add(vending.CloseLine{Line: revenue.Line{Basis: revenue.Measured, Beyond: 3, Month: revenue.Sum{Gross: 10, VAT: 1}}},
		vending.CloseLine{Line: revenue.Line{Basis: revenue.Estimated, Month: revenue.Sum{Gross: -4}}}, vending.CloseLine{Line: revenue.Line{Basis: revenue.None}})
	want := vending.Month{Meters: 3, Measured: 1, Estimated: 1, Beyond: 1, Earned: revenue.Sum{Gross: 6, VAT: 1}}
	if err != nil || m != want {
		t.Errorf("%+v, %v", m, err)
	}
}
