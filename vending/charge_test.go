package vending_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

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

// By hand: 106.00 at 6 % is 100.00 and 6.00; 25.00 at 6 % is 23.584905… and 1.415094…, so 1.42 (1.415 is over the half);
// 1.09 at 9 % is 1.00 and 0.09; 0.09 at 13 % holds 0.01035…; 0.05 at 13 % holds 0.00575…, over half a fen.
func TestSplitVAT(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ gross, bp, net, vat int64 }{
		{10600, 600, 10000, 600}, {2500, 600, 2358, 142}, {109, 900, 100, 9}, {9, 1300, 8, 1}, {5, 1300, 4, 1}, {4, 1300, 4, 0},
		{1, 0, 1, 0}, {0, 900, 0, 0}, {2, 3333, 2, 0}, // 0.49996… is below the half
		{math.MaxInt64, 900, 8461809208123647529, 761562828731128278},
	} {
		net, vat := vending.SplitVAT(c.gross, c.bp)
		if net != c.net || vat != c.vat {
			t.Errorf("%d at %d: %d + %d, want %d + %d", c.gross, c.bp, net, vat, c.net, c.vat)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		gross, bp := rapid.Int64Range(0, 1<<40).Draw(t, "gross"), rapid.Int64Range(0, 9999).Draw(t, "bp")
		net, vat := vending.SplitVAT(gross, bp)
		// Half a fen up: 2·gross·bp − whole < 2·whole·vat ≤ 2·gross·bp + whole.
		whole := 10_000 + bp
		if net+vat != gross || 2*whole*vat > 2*gross*bp+whole || 2*whole*vat <= 2*gross*bp-whole {
			t.Fatalf("%d + %d", net, vat)
		}
	})
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
	got := c.Sale(ledger.Till("1-17"))
	if len(got) != 2 || got[0].Debit != ledger.Till("1-17") || got[0].Credit != ledger.Revenue("inspection") || got[0].Amount != ledger.Fen(2358) ||
		got[1].Credit != ledger.Output || got[1].Amount != ledger.Fen(142) || got[0].ID == got[1].ID || got[0].Cause != id || !got[1].At.Equal(noon) {
		t.Errorf("%+v", got)
	}
	c.VATBp = 0
	if got := c.Sale(ledger.Debt(who)); len(got) != 1 || got[0].Debit != ledger.Debt(who) || got[0].Amount != ledger.Fen(2500) {
		t.Errorf("without VAT: %+v", got)
	}
}
