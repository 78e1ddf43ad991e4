package gateway_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// living is a meter that keeps what is written to it.
type living struct {
	mu    sync.Mutex
	state metersim.State
}

func (l *living) Snapshot() metersim.State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

func (l *living) Change(do func(*metersim.State)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(&l.state)
	return nil
}

// withSlave runs a test on a cable with one meter.
func withSlave(t *testing.T, l metersim.Line, s metersim.Slave, test func(*testing.T, *link.Line)) {
	t.Helper()
	onCable(t, l, nil, test, s)
}

func friendly() metersim.Line { return metersim.Line{Faults: metersim.Friendly()} }

// prepaid is a meter with number that has taken 261 purchases.
func prepaid(fen bool) (*living, *metersim.CJT188) {
	m := &living{state: someState()}
	return m, &metersim.CJT188{Type: metersim.Gas, Meter: m, Fen: fen}
}

func TestOrderIsTakenOnce(t *testing.T) {
	t.Parallel()
	for _, fen := range []bool{false, true} {
		d, unit := gateway.Gas(), meterproto.CreditLitres
		if fen {
			d.Credit, unit = cjt188.CreditMoney, meterproto.CreditFen
		}
		m, slave := prepaid(fen)
		order := meterproto.Order{Count: 262, Amount: 12_340, Unit: unit} // 261 is what it has
		withSlave(t, friendly(), slave, func(t *testing.T, line *link.Line) {
			for range 3 { // the meter knows a repetition
				if r := d.TopUp(t.Context(), line, number, order); r.Outcome != meterproto.Done {
					t.Errorf("%v: %v", r.Outcome, r.Reason)
				}
			}
			taken, err := d.Taken(t.Context(), line, number)
			total := someState().Loaded + order.Amount
			if err != nil || taken.Last.N != order.Amount || taken.Total.N != total-total%taken.Total.Resolution || taken.Total.Unit != unit ||
				!taken.Holds(262) || taken.Holds(263) {
				t.Errorf("%+v, %v", taken, err)
			}
			if got := m.Snapshot(); got.Loaded != total || got.Count != 262 {
				t.Errorf("the meter has %+v", got)
			}
			order.Count = 265
			if r := d.TopUp(t.Context(), line, number, order); r.Outcome != meterproto.Refused || !errors.Is(r.Err(), meterproto.ErrAbnormal) {
				t.Errorf("three counts too many: %v, %v", r.Outcome, r.Reason)
			}
		})
	}
}

// An order in energy is what the meter means by its digits, and the read-back says so.
func TestOrderOfHeatIsTakenOnce(t *testing.T) {
	t.Parallel()
	const wh = meterproto.CreditWattHours
	for credit, shows := range map[cjt188.Credit]metersim.Heats{
		cjt188.CreditEnergy10Wh: {}, cjt188.CreditEnergyKWh: {Amount: 1_000}, cjt188.CreditEnergy10kWh: {Amount: 10_000}, cjt188.CreditEnergyGJ: {GJ: true},
	} {
		m := &living{state: metersim.State{Number: number, Count: 261, Time: someState().Time}}
		d := gateway.Heat()
		d.Credit = credit
		order := meterproto.Order{Count: 262, Amount: 50_000, Unit: wh}
		withSlave(t, friendly(), &metersim.CJT188{Type: 0x25, Meter: m, Heat: shows}, func(t *testing.T, line *link.Line) {
			for range 2 {
				if r := d.TopUp(t.Context(), line, number, order); r.Outcome != meterproto.Done {
					t.Errorf("%v: %v", credit, r.Err())
				}
			}
			taken, err := d.Taken(t.Context(), line, number)
			if err != nil || !taken.Holds(262) || taken.Step != credit.Step() {
				t.Errorf("%v: %+v, %v", credit, taken, err)
			}
			for _, is := range []meterproto.Credit{taken.Last, taken.Total, taken.Remaining} {
				if is != (meterproto.Credit{N: 50_000, Unit: wh, Resolution: is.Resolution, Valid: true}) || m.Snapshot().Loaded != 50_000 {
					t.Errorf("%v: %+v, %+v", credit, is, m.Snapshot())
				}
			}
			r, err := d.Read(t.Context(), line, number)
			if err != nil || r.Purchases != nil { // energy is no volume
				t.Errorf("%v: %+v, %v", credit, r, err)
			}
		})
		for _, amount := range []int64{5, 50_000 + credit.Step()/2} {
			order.Amount = amount
			if r := d.TopUp(t.Context(), deaf{t}, number, order); r.Outcome != meterproto.Refused {
				t.Errorf("%v: %d Wh: %v", credit, amount, r.Outcome)
			}
		}
	}
}

// Whatever happens to the answer, the order is sent once, and an outcome that is not known is not guessed.
func TestOutcomeOfAnOrderWhoseAnswerIsSpoilt(t *testing.T) {
	t.Parallel()
	for f, want := range map[metersim.Fault]meterproto.Outcome{
		metersim.NoFault: meterproto.Done, metersim.Repeated: meterproto.Done, metersim.Torn: meterproto.Done,
		metersim.Echo: meterproto.Done, metersim.Noise: meterproto.Done,
		metersim.Short: meterproto.Unknown, metersim.BadSum: meterproto.Unknown, metersim.Silence: meterproto.Unknown,
		metersim.Late: meterproto.Unknown, metersim.Stale: meterproto.Unknown, metersim.Stranger: meterproto.Unknown,
		metersim.HexDigits: meterproto.Unknown, metersim.OtherSize: meterproto.Unknown,
		metersim.Refusal: meterproto.Refused,
	} {
		m, slave := prepaid(false)
		withSlave(t, metersim.Line{Faults: metersim.Always(f), Seed: 3}, slave, func(t *testing.T, line *link.Line) {
			before := m.Snapshot().Loaded
			r := gateway.Gas().TopUp(t.Context(), line, number, meterproto.Order{Count: 6, Amount: 10_000, Unit: meterproto.CreditLitres})
			if r.Outcome != want || (r.Reason == nil) != (want == meterproto.Done) || m.Snapshot().Loaded != before+10_000 {
				t.Errorf("%s: %v, %v; %d litres loaded", f, r.Outcome, r.Reason, m.Snapshot().Loaded-before)
			}
		})
	}
}

func TestOrdersThatAreNotSent(t *testing.T) {
	t.Parallel()
	litres, any := meterproto.CreditLitres, "AAAAAAAAAAAAAA"
	for name, c := range map[string]struct {
		driver gateway.CJT188
		meter  string
		order  meterproto.Order
	}{
		"nothing":           {gateway.Gas(), number, meterproto.Order{Count: 1, Unit: litres}},
		"less than nothing": {gateway.Gas(), number, meterproto.Order{Count: 1, Amount: -10, Unit: litres}},
		"parts of a digit":  {gateway.Gas(), number, meterproto.Order{Count: 1, Amount: 15, Unit: litres}},
		"too much":          {gateway.Gas(), number, meterproto.Order{Count: 1, Amount: 999_999_990, Unit: litres}},
		"money":             {gateway.Gas(), number, meterproto.Order{Count: 1, Amount: 10, Unit: meterproto.CreditFen}},
		"no unit":           {gateway.Gas(), number, meterproto.Order{Count: 1, Amount: 10}},
		"to a bill":         {gateway.Water(), number, meterproto.Order{Count: 1, Amount: 10, Unit: litres}},
		"to half a number":  {gateway.Gas(), "12", meterproto.Order{Count: 1, Amount: 10, Unit: litres}},
		"to whoever hears":  {gateway.Gas(), any, meterproto.Order{Count: 1, Amount: 10, Unit: litres}},
	} {
		if r := c.driver.TopUp(t.Context(), deaf{t}, c.meter, c.order); r.Outcome != meterproto.Refused || r.Reason == nil {
			t.Errorf("%s: %v", name, r.Outcome)
		}
	}
}

func TestValveClockRegisterAndPricesAreWritten(t *testing.T) {
	t.Parallel()
	m, slave := prepaid(false)
	d, now := gateway.Gas(), time.Date(2026, 11, 27, 18, 0, 5, 0, time.UTC)
	withSlave(t, friendly(), slave, func(t *testing.T, line *link.Line) {
		for _, open := range []bool{false, true} {
			if r := d.SetValve(t.Context(), line, number, open); r.Outcome != meterproto.Done {
				t.Errorf("open %v: %v", open, r.Err())
			}
			if is, err := d.Valve(t.Context(), line, number); err != nil || is == nil || *is != open {
				t.Errorf("open %v: %v, %v", open, is, err)
			}
		}
		for name, r := range map[string]meterproto.Result{
			"time": d.SetTime(t.Context(), line, number, now),
			"base": d.SetBase(t.Context(), line, number, 123_450),
			"prices": d.SetPrices(t.Context(), line, number, meterproto.Prices{
				Fen: []int64{250, 310}, Upto: []int64{30_000}, Of: meterproto.CreditLitres, From: now}),
		} {
			if r.Outcome != meterproto.Done {
				t.Errorf("%s: %v", name, r.Err())
			}
		}
	})
	s := m.Snapshot()
	if !s.Time.Equal(now) || s.Consumed != 123_450 || s.Prices != [3]int64{250, 310, 310} || s.Steps != [2]int64{30, 999_998} {
		t.Errorf("the meter has %+v", s)
	}
}

func TestCommandsThatAreNotSent(t *testing.T) {
	t.Parallel()
	d, line := gateway.Gas(), deaf{t}
	prices := func(of meterproto.CreditUnit, fen, upto []int64) meterproto.Result {
		return d.SetPrices(t.Context(), line, number, meterproto.Prices{Fen: fen, Upto: upto, Of: of, From: time.Now()})
	}
	const litres = meterproto.CreditLitres
	for name, r := range map[string]meterproto.Result{
		"register below zero":  d.SetBase(t.Context(), line, number, -10),
		"part of a digit":      d.SetBase(t.Context(), line, number, 5),
		"register of nines":    d.SetBase(t.Context(), line, number, 999_999_990),
		"year 12026":           d.SetTime(t.Context(), line, number, time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)),
		"no price":             prices(litres, nil, nil),
		"four prices":          prices(litres, []int64{1, 2, 3, 4}, []int64{1_000, 2_000, 3_000}),
		"a step too few":       prices(litres, []int64{1, 2}, nil),
		"steps that fall":      prices(litres, []int64{1, 2, 3}, []int64{20_000, 10_000}),
		"by the kWh":           prices(meterproto.CreditWattHours, []int64{1}, nil),
		"a step inside a m³":   prices(litres, []int64{1, 2}, []int64{350_500}),
		"from no day":          d.SetPrices(t.Context(), line, number, meterproto.Prices{Fen: []int64{1}, Of: litres}),
		"a price below zero":   prices(litres, []int64{-1}, nil),
		"a price of nines":     prices(litres, []int64{999_999}, nil),
		"a valve of whomever":  d.SetValve(t.Context(), line, "AAAAAAAAAAAAAA", false),
		"a step of seven digs": prices(litres, []int64{1, 2}, []int64{1_000_000_000}),
	} {
		if r.Outcome != meterproto.Refused || r.Reason == nil {
			t.Errorf("%s: %v", name, r.Outcome)
		}
	}
}

// A price list is read as it was sent, however many steps it has.
func TestPricesAreReadBack(t *testing.T) {
	t.Parallel()
	_, slave := prepaid(true)
	d := gateway.Gas()
	withSlave(t, friendly(), slave, func(t *testing.T, line *link.Line) {
		for _, p := range []meterproto.Prices{
			{Fen: []int64{263}}, {Fen: []int64{0}},
			{Fen: []int64{250, 310}, Upto: []int64{30_000}}, {Fen: []int64{250, 250}, Upto: []int64{30_000}},
			{Fen: []int64{250, 310, 310}, Upto: []int64{30_000, 60_000}}, {Fen: []int64{1, 2, 999_998}, Upto: []int64{1_000, 999_998_000}},
		} {
			p.Of, p.From = meterproto.CreditLitres, time.Now()
			if r := d.SetPrices(t.Context(), line, number, p); r.Outcome != meterproto.Done {
				t.Errorf("%+v: %v", p, r.Err())
			}
			got, err := d.Prices(t.Context(), line, number)
			if err != nil || !slices.Equal(got.Fen, p.Fen) || !slices.Equal(got.Upto, p.Upto) || got.Of != p.Of || !got.From.IsZero() {
				t.Errorf("got %+v, %v, want %+v", got, err, p)
			}
		}
	})
}

// What the meter has no value for is no price.
func TestPricesWithoutValueAreNone(t *testing.T) {
	t.Parallel()
	for at := 0; at < 15; at += 3 {
		values := []byte{0x63, 2, 0, 0x50, 3, 0, 0x16, 3, 0, 0, 5, 0, 0x95, 3, 0}
		copy(values[at:], []byte{0x99, 0x99, 0x99})
		line := scripted(func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			return []cjt188.Frame{cjt188.Reply{Query: q, Values: values}.Frame(f.Type, f.Address)}
		})
		if got, err := gateway.Gas().Prices(t.Context(), line, number); !errors.Is(err, meterproto.ErrLayout) || got.Fen != nil {
			t.Errorf("no value at byte %d: %+v, %v", at, got, err)
		}
	}
	if _, err := gateway.Gas().Prices(t.Context(), deaf{t}, "12"); err == nil {
		t.Error("half a number")
	}
}

// A heat meter, and models that send their values in other ways.
func TestHeatMeterIsRead(t *testing.T) {
	t.Parallel()
	s := someState()
	withSlave(t, friendly(), &metersim.CJT188{Type: metersim.Heat, Meter: still(s)}, func(t *testing.T, line *link.Line) {
		got, err := gateway.Heat().Read(t.Context(), line, number)
		if err != nil || got.Consumed.Valid || len(got.Registers) != 10 || got.Time != s.Time {
			t.Fatalf("%+v, %v", got, err)
		}
		energy := got.Registers[1]
		if wh, _, ok := energy.Value.In(0); !ok || energy.Unit != meterproto.WattHour || wh != s.Consumed/10*10 {
			t.Errorf("energy: %+v, want %d Wh", energy, s.Consumed)
		}
	})
}
