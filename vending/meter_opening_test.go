package vending_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

func litresOf(n int64) ledger.Amount { return ledger.Amount{N: n, Commodity: ledger.Litre} }

// truth is what goes on in a meter, to the litre; it shows steps.
type truth struct{ loaded, register, left, step int64 }

func (m truth) says() vending.Report {
	show := func(n int64) int64 { return n - n%m.step }
	return vending.Report{Customer: 1001, Meter: "10000000000001", Source: vending.OverWire, Agreed: true, Count: 37,
		Loaded: show(m.loaded), Consumed: show(m.register), Remaining: show(m.left), Resolution: m.step}
}

// after is what the books have once an opening and its report are in them.
func after(o vending.MeterOpening) vending.Books {
	b := o.Before
	for _, t := range o.Transfers(uuid.New(), time.Time{}) {
		if t.Credit.Class == ledger.ClassMeter {
			b.InMeter.N += t.Amount.N
		}
	}
	return take(b, o.Booked())
}

// take is what a report makes of the books.
func take(b vending.Books, r vending.Report) vending.Books {
	for _, t := range r.Transfers(b) {
		b.InMeter.N, b.Consumed.N = b.InMeter.N-t.Amount.N, b.Consumed.N+t.Amount.N
	}
	return b
}

// Wherever a meter stands, whatever it was read to have burnt before and was given by an import that knew it to a step: from
// its opening on the books say what it says, to what it can show, however it burns and buys.
func TestBooksAgreeFromAnyOpeningOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1_000_000_000)
		m := truth{n.Draw(t, "loaded"), n.Draw(t, "register"), n.Draw(t, "left"), rapid.SampledFrom([]int64{1, 10}).Draw(t, "step")}
		if rapid.Bool().Draw(t, "one total") {
			m.loaded = m.register + m.left
		}
		none := litresOf(0)
		books := vending.Books{OnCard: none, InMeter: none, Consumed: none}
		switch before := rapid.Int64Range(0, m.register).Draw(t, "read before"); rapid.IntRange(0, 2).Draw(t, "known") {
		case 1:
			books.Consumed.N, books.InMeter.N = before, -before
		case 2: // imported, exactly
			books.Consumed.N, books.InMeter.N = m.register, m.left
		}
		o, err := vending.OpenMeter(vending.Meter{No: "10000000000001", Commodity: ledger.Litre}, m.says(), books)
		if err != nil {
			t.Fatal(err)
		}
		burnt := max(o.Report.Consumed, o.Before.Consumed.N) // what is booked stands, where the register is coarser
		if left := o.Report.Loaded - burnt - o.Report.Remaining; o.Before.InMeter.N+o.Before.Consumed.N == 0 && left >= 0 &&
			left <= 2*(m.step-1) && o.Offset() != 0 {
			t.Fatalf("%+v: its own total stands, and is shifted by %d", m, o.Offset())
		}
		lots := o.Lots()
		if o.Fresh() < 0 || len(lots) > 0 && (lots[0].To != o.Total || lots[0].From < max(o.Report.Consumed, books.InMeter.N+books.Consumed.N)) {
			t.Fatalf("%+v: %+v", o, lots)
		}
		books = after(o)
		for range rapid.IntRange(0, 3).Draw(t, "days") {
			bought, burnt := rapid.Int64Range(0, 1000).Draw(t, "bought")*m.step, rapid.Int64Range(0, 5000).Draw(t, "burnt")
			m.loaded, m.left, books.InMeter.N = m.loaded+bought, m.left+bought, books.InMeter.N+bought
			burnt = min(burnt, m.left)
			m.register, m.left = m.register+burnt, m.left-burnt
			r := m.says()
			r.Loaded += o.Offset()
			books = take(books, r)
			if d := books.InMeter.N + books.Consumed.N - r.Loaded; d != 0 {
				t.Fatalf("%+v: the books have %d more than was loaded", m, d)
			}
			if d := books.InMeter.N - r.Remaining; d < -2*(m.step-1) || d > 4*(m.step-1) {
				t.Fatalf("%+v: the books have %d more than is left", m, d)
			}
		}
	})
}

func TestMeterIsNotOpened(t *testing.T) {
	t.Parallel()
	m := vending.Meter{No: "10000000000001", Commodity: ledger.Litre}
	for name, c := range map[string]struct {
		change func(*vending.Report, *vending.Books)
		want   error
	}{
		"as it stands":            {func(*vending.Report, *vending.Books) {}, nil},
		"one answer":              {func(r *vending.Report, _ *vending.Books) { r.Agreed = false }, vending.ErrMeterNotAgreed},
		"no word of credit":       {func(r *vending.Report, _ *vending.Books) { r.Source = vending.RegisterOnly }, vending.ErrNoWireSale},
		"credit on a card":        {func(_ *vending.Report, b *vending.Books) { b.OnCard.N = 1 }, vending.ErrCreditOnCard},
		"given more":              {func(_ *vending.Report, b *vending.Books) { b.InMeter.N = 900_020 }, vending.ErrOpeningLess},
		"burnt more":              {func(_ *vending.Report, b *vending.Books) { b.Consumed.N, b.InMeter.N = 850_010, 49_990 }, vending.ErrOpeningLess},
		"imported less":           {func(_ *vending.Report, b *vending.Books) { b.Consumed.N, b.InMeter.N = 840_000, 30_000 }, nil},
		"imported, to the litre":  {func(_ *vending.Report, b *vending.Books) { b.Consumed.N, b.InMeter.N = 850_004, 50_003 }, nil},
		"its total is not ours":   {func(r *vending.Report, _ *vending.Books) { r.Loaded = 100 }, nil},
		"its total is far beyond": {func(r *vending.Report, _ *vending.Books) { r.Loaded = 90_000_000 }, nil},
	} {
		r := truth{900_000, 850_000, 50_000, 10}.says()
		b := vending.Books{Card: "1", OnCard: litresOf(0), InMeter: litresOf(0), Consumed: litresOf(0)}
		c.change(&r, &b)
		if o, err := vending.OpenMeter(m, r, b); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

// What the credit cost is said where there is some that is new, and not of money, which cost what it is.
func TestOpeningIsPriced(t *testing.T) {
	t.Parallel()
	cost, none, much := int64(5_260), int64(0), int64(vending.MaxChargeFen+1)
	for name, c := range map[string]struct {
		counts ledger.Commodity
		left   int64
		cost   *int64
		fen    int64
		want   error
	}{
		"volume":         {ledger.Litre, 20_000, &cost, cost, nil},
		"given away":     {ledger.Litre, 20_000, &none, 0, nil},
		"not said":       {ledger.Litre, 20_000, nil, 0, vending.ErrOpeningCost},
		"too much":       {ledger.Litre, 20_000, &much, 0, vending.ErrAmountOverflow},
		"nothing left":   {ledger.Litre, 0, nil, 0, nil},
		"cost of none":   {ledger.Litre, 0, &cost, 0, vending.ErrOpeningCost},
		"money":          {ledger.CNY, 20_000, nil, 20_000, nil},
		"money, said so": {ledger.CNY, 20_000, &cost, 0, vending.ErrOpeningCost},
	} {
		r := truth{850_000 + c.left, 850_000, c.left, 1}.says()
		zero := ledger.Amount{Commodity: c.counts}
		o, err := vending.OpenMeter(vending.Meter{No: r.Meter, Commodity: c.counts}, r, vending.Books{OnCard: zero, InMeter: zero, Consumed: zero})
		if err != nil {
			t.Fatal(name, err)
		}
		if o, err = o.Priced(c.cost, 900); !errors.Is(err, c.want) || err == nil && o.CostFen != c.fen {
			t.Errorf("%s: %d, %v", name, o.CostFen, err)
		}
	}
}
