package revenue_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger/revenue"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, shanghai) }

// flat has no season, so that days can be counted by hand.
func flat() revenue.Rules {
	r := revenue.Defaults(shanghai)
	for i := range r.Season {
		r.Season[i] = 1000
	}
	return r
}

// lot is 1,000 m³ at 3.00 the m³ with 9 % VAT: 0.3 fen a litre.
var lot = revenue.Lot{From: 0, To: 1_000_000, Cost: 300_000, VATbp: 900}

func reading(month time.Month, d int, used int64) revenue.Reading {
	return revenue.Reading{At: day(month, d), Used: used}
}

func mustMonth(t interface{ Fatal(...any) }, r revenue.Rules, f revenue.Facts, month time.Month) revenue.Line {
	line, err := r.Month(f, day(month, 1), day(month+1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// A meter begins on 1 March; the first verification on 1 April shows 31 m³; the
// next, on 15 June, 90. April and May are estimated from the first month's use
// (RULES C4, C5), June takes back what the estimate was over.
func TestEstimatedThenTruedUp(t *testing.T) {
	t.Parallel()
	r := flat()
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Begun: reading(time.March, 1, 0)}
	for _, c := range []struct {
		month    time.Month
		last     revenue.Reading
		basis    revenue.Basis
		position int64
		gross    int64
	}{
		{time.March, revenue.Reading{}, revenue.None, 0, 0},
		{time.April, reading(time.April, 1, 31_000), revenue.Measured, 31_000, 9_300},
		{time.May, reading(time.April, 1, 31_000), revenue.Estimated, 92_000, 18_300}, // 61 days at 1 m³
		{time.June, reading(time.June, 15, 90_000), revenue.Measured, 90_000, -600},
		{time.July, reading(time.June, 15, 90_000), revenue.Estimated, 129_905, 11_971}, // 90,000 in 106 days, 47 days on: 0.5 fen is not earned
	} {
		f.Last = c.last
		line := mustMonth(t, r, f, c.month)
		if line.Basis != c.basis || line.After.Position != c.position || line.Month.Gross != c.gross {
			t.Errorf("%s: %+v, want %+v", c.month, line, c)
		}
		if line.After.Done.Gross+line.Left() != 300_000 || line.Paid != 300_000 {
			t.Errorf("%s: earned %d and left %d of %d", c.month, line.After.Done.Gross, line.Left(), line.Paid)
		}
		f.Before = line.After
	}
}

// Winter days weigh more: what was burnt in January says less about July than about December.
func TestSeasonWeighsTheEstimate(t *testing.T) {
	t.Parallel()
	r := flat()
	r.Season[time.January-1] = 2000
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Base: reading(time.January, 1, 0), Last: reading(time.February, 1, 62_000)}
	// 62 m³ in 31 days that count twice; March counts once, so by 1 April 28 + 31 days at 1 m³ were added.
	if line := mustMonth(t, r, f, time.March); line.After.Position != 62_000+59_000 || line.Basis != revenue.Estimated {
		t.Errorf("%+v", line)
	}
}

func TestFirstReadingInWindowIsTheBase(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Begun: reading(time.January, 1, 0), Base: reading(time.March, 1, 100_000), Last: reading(time.May, 1, 161_000)}
	line := mustMonth(t, flat(), f, time.May) // measured on 1 May: of this month
	if line.Basis != revenue.Measured || line.Used != 161_000 {
		t.Errorf("%+v", line)
	}
	line = mustMonth(t, flat(), f, time.June) // 61 days at 1 m³
	if line.Basis != revenue.Estimated || line.After.Position != 222_000 {
		t.Errorf("%+v", line)
	}
	f.Base = f.Last // one reading in the window: from the beginning, 161 m³ in 120 days
	if line = mustMonth(t, flat(), f, time.June); line.After.Position != 161_000+61*161_000/120 {
		t.Errorf("%+v", line)
	}
}

// A meter that counts money burns more of it where its price rises: 90 in thirty days were read at 2.00, and thirty
// days on at 3.00 are 135. Without a price, or with one that says nothing, it goes on as it did.
func TestPriceOfTheEstimate(t *testing.T) {
	t.Parallel()
	even := revenue.Defaults(time.UTC)
	for i := range even.Season {
		even.Season[i] = 1000
	}
	at := func(day int) time.Time { return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC) }
	for price, want := range map[revenue.Ratio]int64{{}: 180, {Now: 200, Then: 200}: 180, {Now: 300, Then: 200}: 225, {Now: 1, Then: 1 << 40}: 90,
		{Now: 1 << 62, Then: 1}: 1000} {
		f := revenue.Facts{Lots: []revenue.Lot{{To: 1000, Cost: 1000}}, Begun: revenue.Reading{At: at(1)}, Base: revenue.Reading{At: at(1)},
			Last: revenue.Reading{At: at(31), Used: 90}, Price: price}
		line, err := even.Month(f, at(32), at(61))
		if err != nil || line.Basis != revenue.Estimated || line.After.Position != want {
			t.Errorf("%+v: %+v, %v; want %d", price, line, err, want)
		}
	}
}

// Of a meter that is gone nothing is estimated.
func TestEndedMeterStandsStill(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Begun: reading(time.January, 1, 0), Last: reading(time.March, 1, 59_000), Ended: true}
	if line := mustMonth(t, flat(), f, time.June); line.Basis != revenue.Measured || line.After.Position != 59_000 {
		t.Errorf("%+v", line)
	}
}

// Too short a time, or no readings at all, says nothing: the position stays.
func TestNothingToEstimateFrom(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Before: revenue.State{Position: 500, Done: revenue.Sum{Gross: 150, VAT: 12}}}
	for name, at := range map[string][2]revenue.Reading{
		"no reading":       {},
		"base too near":    {reading(time.March, 1, 0), reading(time.March, 20, 20_000)},
		"register fell":    {reading(time.January, 1, 9_000), reading(time.March, 20, 8_000)},
		"only one reading": {{}, reading(time.March, 20, 500)},
	} {
		f.Base, f.Last = at[0], at[1]
		if line := mustMonth(t, flat(), f, time.May); line.Basis != revenue.None || line.Month != (revenue.Sum{}) || line.After.Position != 500 {
			t.Errorf("%s: %+v", name, line)
		}
	}
	r := flat()
	r.Season = [12]int64{}
	f.Base, f.Last = reading(time.January, 1, 0), reading(time.March, 20, 500)
	if line := mustMonth(t, r, f, time.May); line.Basis != revenue.None {
		t.Errorf("without a season: %+v", line)
	}
}

// An estimate ends where the credit does; a meter that was seen to burn more is
// listed, and earns no more than was paid (RULES W3 looks after it).
func TestNothingIsEarnedBeyondWhatWasSold(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Base: reading(time.January, 1, 0), Last: reading(time.March, 1, 900_000)}
	line := mustMonth(t, flat(), f, time.May)
	if line.After.Position != 1_000_000 || line.Left() != 0 || line.Beyond != 0 || line.Used != 900_000 {
		t.Errorf("%+v", line)
	}
	f.Last.Used = 1_000_300
	for _, month := range []time.Month{time.March, time.May} {
		if line = mustMonth(t, flat(), f, month); line.After.Position != 1_000_000 || line.Beyond != 300 || line.Month.Gross != 300_000 {
			t.Errorf("%+v", line)
		}
	}
	f.Last.Used = math.MaxInt64
	if line = mustMonth(t, flat(), f, time.May); line.After.Position != 1_000_000 {
		t.Errorf("%+v", line)
	}
}

// A price true-up, an imported opening and a lot that was taken back all come
// into the next month, whatever was recognised before.
func TestLotsThatChange(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{{From: 40_000, To: 50_000, Cost: 3_000}}, Last: reading(time.March, 20, 45_000)}
	line := mustMonth(t, flat(), f, time.March)
	if line.After.Position != 45_000 || line.Month.Gross != 1_500 {
		t.Fatalf("an opening of 10 m³: %+v", line)
	}
	f.Before = line.After
	f.Lots = append(f.Lots, revenue.Lot{From: 45_000, To: 50_000, Cost: -500})
	f.Last = reading(time.April, 20, 47_000)
	line = mustMonth(t, flat(), f, time.April)
	if line.Month.Gross != 600-200 || line.Left() != 900-300 {
		t.Fatalf("0.25 a litre from there on: %+v", line)
	}
	f.Before, f.Lots = line.After, nil
	if line = mustMonth(t, flat(), f, time.May); line.Month.Gross != -1_900 || line.After.Position != 0 || line.Left() != 0 {
		t.Fatalf("all taken back: %+v", line)
	}
}

// A refund after the month's end and before its close: the estimate had all of it burnt, but
// 940 m³ were proved, and the rest was given back. What was bought since changes nothing.
func TestWhatWasGivenBackIsNotEarned(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{lot}, Base: reading(time.January, 1, 0), Last: reading(time.February, 1, 900_000)}
	if line := mustMonth(t, flat(), f, time.March); line.Month.Gross != 300_000 {
		t.Fatalf("%+v", line)
	}
	f.Later = []revenue.Lot{{From: 1_000_000, To: 1_100_000, Cost: 30_000}}
	if line := mustMonth(t, flat(), f, time.March); line.Month.Gross != 300_000 || line.Paid != 300_000 {
		t.Errorf("%+v", line)
	}
	cancelled, err := revenue.Cancel(f.Lots, 940_000)
	if err != nil {
		t.Fatal(err)
	}
	f.Later = cancelled
	if line := mustMonth(t, flat(), f, time.March); line.Month.Gross != 282_000 || line.Left() != 18_000 {
		t.Errorf("%+v", line)
	}
}

func TestMonthRefusesWhatIsNoLot(t *testing.T) {
	t.Parallel()
	f := revenue.Facts{Lots: []revenue.Lot{{From: 3, To: 2}}}
	if _, err := flat().Month(f, day(time.March, 1), day(time.April, 1)); !errors.Is(err, revenue.ErrLot) {
		t.Error(err)
	}
}

// Whatever is read, estimated, bought and trued up over the months: they add up to
// what the last position earns of the last lots, and what is left never is negative.
func TestAnyYearAddsUp(t *testing.T) {
	t.Parallel()
	r := revenue.Defaults(shanghai)
	rapid.Check(t, func(t *rapid.T) {
		f := revenue.Facts{Lots: drawLots(t), Begun: reading(time.January, 1, 0)}
		var total revenue.Sum
		for month := time.January; month <= time.December; month++ {
			if rapid.Bool().Draw(t, "buys") {
				_, sold := revenue.Span(f.Lots)
				f.Lots = append(f.Lots, revenue.Lot{From: sold, To: sold + rapid.Int64Range(1, 90_000).Draw(t, "credit"), Cost: 9_999, VATbp: 900})
			}
			if rapid.Bool().Draw(t, "is read") {
				f.Last = reading(month, rapid.IntRange(1, 28).Draw(t, "day"), f.Last.Used+rapid.Int64Range(0, 150_000).Draw(t, "use"))
			}
			line := mustMonth(t, r, f, month)
			_, sold := revenue.Span(f.Lots)
			if line.Left() < 0 || line.After.Position > sold {
				t.Fatalf("%+v", line)
			}
			var err error
			if total, err = total.Add(line.Month); err != nil {
				t.Fatal(err)
			}
			f.Before = line.After
		}
		if want := mustEarned(t, f.Lots, f.Before.Position); total != want {
			t.Fatalf("the year adds up to %+v, want %+v", total, want)
		}
	})
}
