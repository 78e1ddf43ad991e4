package vending_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

func report(loaded, consumed int64) vending.Report {
	return vending.Report{Customer: who, Meter: meter, Source: vending.OverWire, MeterTime: noon, Loaded: loaded,
		Remaining: loaded - consumed, Consumed: consumed, Resolution: 1, ValveOpen: true}
}

// The pending purchase brings the meter from 76,040 to 152,080 litres.
func TestProves(t *testing.T) {
	t.Parallel()
	p := purchase(2)
	for _, c := range []struct {
		loaded, resolution int64
		want               bool
	}{
		{152080, 1, true},
		{152079, 1, false},
		{152081, 1, false}, // nobody sold that much: it proves nothing
		{76040, 1, false},
		{0, 1, false},
		{152080, 10, true},
		{152071, 10, true}, // the true value may be the total
		{152070, 10, false},
		{152081, 10, false},
		{76040, 10, false},
		{76040, 1_000_000, false}, // what it showed before proves nothing, however coarse
		{76041, 1_000_000, true},
		{152080, 0, false},
		{-1, 1, false},
		{math.MaxInt64, math.MaxInt64, false},
		{math.MinInt64, math.MaxInt64, false},
	} {
		r := report(c.loaded, 0)
		r.Resolution = c.resolution
		if got := r.Proves(p); got != c.want {
			t.Errorf("loaded %d, exact to %d: %t", c.loaded, c.resolution, got)
		}
	}
	p.Total, p.Quote.Credit.N = math.MaxInt64, 10
	if r := report(math.MaxInt64, 0); !r.Proves(p) {
		t.Error("the largest total is not proved")
	}
}

// A meter that shows whole steps proves a purchase exactly when it has taken it.
func TestProvesAgainstTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]int64{1, 10}).Draw(t, "step")
		before := step * rapid.Int64Range(0, 1000).Draw(t, "before")
		credit := step * rapid.Int64Range(1, 1000).Draw(t, "credit")
		p := purchase(2)
		p.Quote.Credit.N, p.Total = credit, before+credit
		taken := rapid.Bool().Draw(t, "taken")
		truth := before
		if taken {
			truth += credit
		}
		r := report(truth/step*step, 0)
		r.Resolution = step
		if r.Proves(p) != taken {
			t.Fatalf("before %d, credit %d, shows %d", before, credit, r.Loaded)
		}
	})
}

func TestReportID(t *testing.T) {
	t.Parallel()
	r := report(100, 7)
	same := r
	same.MeterTime = r.MeterTime.In(time.FixedZone("UTC+8", 8*3600))
	if r.ID() != same.ID() {
		t.Error("the same report in another time zone is another one")
	}
	for name, change := range map[string]func(*vending.Report){
		"meter":    func(q *vending.Report) { q.Meter = "10000000000002" },
		"source":   func(q *vending.Report) { q.Source = vending.WriteBack },
		"time":     func(q *vending.Report) { q.MeterTime = q.MeterTime.Add(time.Second) },
		"loaded":   func(q *vending.Report) { q.Loaded++ },
		"consumed": func(q *vending.Report) { q.Consumed++ },
	} {
		q := r
		change(&q)
		if q.ID() == r.ID() {
			t.Errorf("another %s, the same id", name)
		}
	}
}

func at(r vending.Report, t time.Time) vending.Report {
	r.MeterTime = t
	return r
}

// coarse is a report as it comes over a wire that shows tens of litres.
func coarse(r vending.Report) vending.Report {
	r.Resolution = 10
	return r
}

func TestLatest(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		heard []vending.Report
		want  int
	}{
		"in order":                     {[]vending.Report{report(100, 7), at(report(100, 8), noon.Add(day))}, 1},
		"a write-back that comes late": {[]vending.Report{at(report(100, 8), noon.Add(day)), report(100, 7)}, 0},
		"a clock that stands":          {[]vending.Report{report(100, 7), report(100, 8)}, 1},
		"a clock put right":            {[]vending.Report{at(report(100, 7), noon.Add(1000*day)), report(100, 8)}, 1},
		"a coarser look at once":       {[]vending.Report{report(105, 7), coarse(report(100, 20))}, 1},
		"a register that ran back":     {[]vending.Report{report(100, 8), at(report(100, 3), noon.Add(day))}, 1},
	} {
		if got, ok := vending.Latest(c.heard); !ok || got != c.heard[c.want] {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, ok := vending.Latest(nil); ok {
		t.Error("the last of no words")
	}
}

// books is a meter's side of the ledger, moved by reports as the store does.
type books vending.Books

func (b *books) take(r vending.Report) (moved []ledger.Transfer) {
	moved = r.Transfers(vending.Books(*b))
	for _, t := range moved {
		n := t.Amount.N
		switch {
		case t.Debit == ledger.Card(b.Card) && t.Credit == ledger.Meter(meter):
			b.OnCard.N, b.InMeter.N = b.OnCard.N-n, b.InMeter.N+n
		case t.Debit == ledger.Meter(meter) && t.Credit == ledger.Consumed(meter):
			b.InMeter.N, b.Consumed.N = b.InMeter.N-n, b.Consumed.N+n
		}
	}
	return moved
}

func booksWith(onCard, inMeter, consumed int64) *books {
	l := func(n int64) ledger.Amount { return ledger.Amount{N: n, Commodity: ledger.Litre} }
	return &books{Card: card, OnCard: l(onCard), InMeter: l(inMeter), Consumed: l(consumed)}
}

func TestReportTransfers(t *testing.T) {
	t.Parallel()
	r := report(76040, 1200)
	base := ledger.Transfer{Customer: who, Kind: ledger.Single, Cause: r.ID(), At: noon}
	taken, burnt := base, base
	taken.ID, taken.Debit, taken.Credit, taken.Amount =
		ledger.MoveID(r.ID(), "taken"), ledger.Card(card), ledger.Meter(meter), ledger.Amount{N: 76040, Commodity: ledger.Litre}
	burnt.ID, burnt.Debit, burnt.Credit, burnt.Amount =
		ledger.MoveID(r.ID(), "burnt"), ledger.Meter(meter), ledger.Consumed(meter), ledger.Amount{N: 1200, Commodity: ledger.Litre}
	wantTransfers(t, r.Transfers(vending.Books(*booksWith(76040, 0, 0))), taken, burnt)

	after := booksWith(0, 74840, 1200)
	wantTransfers(t, after.take(r))                 // again
	wantTransfers(t, after.take(report(70000, 90))) // an older one, or a register that ran backwards
	wantTransfers(t, after.take(report(math.MaxInt64, 1200)))
}

// Whatever meters say, in whatever order and however often: the card never gives
// more than it had, nothing is taken back, and no report counts twice.
func TestReportsInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sold := rapid.Int64Range(0, 100_000).Draw(t, "sold")
		b := booksWith(sold, 0, 0)
		figure := rapid.OneOf(rapid.Int64Range(0, 120_000), rapid.SampledFrom([]int64{0, math.MaxInt64}))
		loaded, consumed := int64(0), int64(0)
		for range rapid.IntRange(1, 10).Draw(t, "reports") {
			r := report(figure.Draw(t, "loaded"), figure.Draw(t, "consumed"))
			before := *b
			moved := b.take(r)
			for _, m := range moved {
				if m.Amount.N <= 0 || m.Amount.Commodity != ledger.Litre {
					t.Fatalf("%+v moves %s", r, m.Amount)
				}
			}
			if again := r.Transfers(vending.Books(*b)); len(again) > 0 {
				t.Fatalf("%+v, again, moves %v", r, again)
			}
			loaded, consumed = max(loaded, r.Loaded), max(consumed, r.Consumed)
			if b.OnCard.N < 0 || b.OnCard.N > before.OnCard.N || b.Consumed.N < before.Consumed.N {
				t.Fatalf("%+v: %+v became %+v", r, before, *b)
			}
		}
		if taken := sold - b.OnCard.N; taken != min(loaded, sold) || b.Consumed.N != consumed || b.InMeter.N != taken-consumed {
			t.Fatalf("loaded %d, consumed %d of %d: %+v", loaded, consumed, sold, *b)
		}
	})
}
