package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

const number = "78010001234567"

// still is a meter that does not change.
type still metersim.State

func (s still) Snapshot() metersim.State { return metersim.State(s) }

func someState() metersim.State {
	return metersim.State{
		Number: number, Count: 261, LastCredit: 50_000, Loaded: 1_250_007, Consumed: 1_046_963,
		ValveOpen: true, BatteryLow: true, MonthEnd: [12]int64{900_019},
		Time: time.Date(2026, 1, 31, 18, 30, 5, 0, time.UTC),
	}
}

// someReading is what that meter shows: tens of litres, cut down.
func someReading() meterproto.Reading {
	open := true
	volume := func(litres int64) meterproto.Volume {
		return meterproto.Volume{Litres: litres, Resolution: 10, Valid: true}
	}
	return meterproto.Reading{
		Meter: number, Time: time.Date(2026, 1, 31, 18, 30, 5, 0, time.UTC),
		Consumed: volume(1_046_960), Settled: volume(900_010),
		Purchases: &meterproto.Purchases{
			Sequence: 5, Last: volume(50_000), Total: volume(1_250_000), Remaining: volume(203_040),
		},
		ValveOpen: &open, BatteryLow: true,
	}
}

// onCable runs a test on a cable between a bus with these meters and a line at
// 2400 baud, on the clock of its bubble: no real time passes.
func onCable(t *testing.T, l metersim.Line, meters []metersim.State, test func(*testing.T, *link.Line), slaves ...metersim.Slave) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l.Log = io.Discard
		bus := metersim.NewBus(l)
		bus.Join(slaves...)
		for _, m := range meters {
			if err := bus.Add(still(m)); err != nil {
				t.Fatal(err)
			}
		}
		cable := metersim.NewCable()
		ended := make(chan error, 1)
		go func() { ended <- bus.Serve(cable.Meters()) }()
		line, err := link.New("cable", link.Mode{Baud: 2400}, func() (link.Wire, error) { return cable, nil })
		if err != nil {
			t.Fatal(err)
		}
		test(t, line)
		cable.Cut()
		if err := <-ended; err != nil {
			t.Errorf("bus: %v", err)
		}
	})
}

func one() []metersim.State { return []metersim.State{someState()} }

// ends is what a reading ends in if all answers go wrong, and if only the first
// one does.
type ends struct{ always, once error }

// faults lists every way in which an answer can go wrong.
func faults() map[metersim.Fault]ends {
	return map[metersim.Fault]ends{
		metersim.NoFault:   {},
		metersim.Repeated:  {},
		metersim.Torn:      {},
		metersim.Echo:      {},
		metersim.Noise:     {},
		metersim.Short:     {always: meterproto.ErrGarbage},
		metersim.BadSum:    {always: meterproto.ErrGarbage},
		metersim.HexDigits: {always: meterproto.ErrGarbage},
		metersim.Silence:   {always: meterproto.ErrNoAnswer},
		metersim.Late:      {always: meterproto.ErrStale},
		metersim.Stale:     {always: meterproto.ErrStale},
		metersim.Stranger:  {always: meterproto.ErrWrongMeter},
		metersim.Refusal:   {always: meterproto.ErrAbnormal, once: meterproto.ErrAbnormal},
		metersim.OtherSize: {always: meterproto.ErrLayout, once: meterproto.ErrLayout},
	}
}

// check holds a reading and its error against what is expected.
func check(t *testing.T, got meterproto.Reading, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
	expected := someReading()
	if want != nil {
		expected = meterproto.Reading{}
	}
	registers := got.Registers
	if got.Registers = nil; !reflect.DeepEqual(got, expected) {
		t.Errorf("got %+v, want %+v", got, expected)
	}
	if want == nil {
		if len(registers) != 4+5 || registers[0].Value != (meterproto.Decimal{Digits: 104_696, Scale: -2}) {
			t.Errorf("registers: %+v", registers)
		}
		return
	}
	for _, other := range []error{
		meterproto.ErrNoAnswer, meterproto.ErrGarbage, meterproto.ErrWrongMeter, meterproto.ErrStale,
		meterproto.ErrAbnormal, meterproto.ErrLayout, meterproto.ErrLineGone,
	} {
		if !errors.Is(want, other) && errors.Is(err, other) {
			t.Errorf("%v is %v as well", err, other)
		}
	}
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	for f, ends := range faults() {
		for name, c := range map[string]struct {
			plan func() metersim.FaultPlan
			want error
		}{
			"always": {func() metersim.FaultPlan { return metersim.Always(f) }, ends.always},
			"once":   {func() metersim.FaultPlan { return metersim.First(1, f) }, ends.once},
		} {
			t.Run(fmt.Sprintf("%s %s", f, name), func(t *testing.T) {
				t.Parallel()
				for seed := uint64(1); seed <= 20; seed++ {
					onCable(t, metersim.Line{Faults: c.plan(), Seed: seed}, one(), func(t *testing.T, line *link.Line) {
						got, err := gateway.Gas().Read(t.Context(), line, number)
						check(t, got, err, c.want)
					})
				}
			})
		}
	}
}

// Any mixture of faults ends in the right reading or in an error, and the same
// line goes on: what is left over from one reading never enters the next.
func TestGarbageNeverBecomesANumber(t *testing.T) {
	t.Parallel()
	read, failed := 0, 0
	for seed := uint64(1); seed <= 40; seed++ {
		onCable(t, metersim.Line{Faults: metersim.OneIn(2), Seed: seed}, one(), func(t *testing.T, line *link.Line) {
			options := gateway.Gas()
			options.SER = new(gateway.Counter)
			for range 20 {
				got, err := options.Read(t.Context(), line, number)
				switch {
				case err == nil:
					read++
					check(t, got, nil, nil)
				case got.Purchases != nil, got.Consumed.Valid && got.Consumed != someReading().Consumed:
					t.Errorf("%+v with %v", got, err)
				default:
					failed++
				}
			}
		})
	}
	if read == 0 || failed == 0 {
		t.Errorf("%d read, %d failed: the faults are not mixed", read, failed)
	}
	t.Logf("%d read, %d failed", read, failed)
}

// What the purchases cannot say, the register still says.
func TestRegisterIsKeptWherePurchasesFail(t *testing.T) {
	t.Parallel()
	for f, want := range map[metersim.Fault]error{
		metersim.Silence: meterproto.ErrNoAnswer,
		metersim.Refusal: meterproto.ErrAbnormal,
	} {
		n := 0
		plan := func(*rand.Rand) metersim.Fault {
			if n++; n == 1 {
				return metersim.NoFault
			}
			return f
		}
		onCable(t, metersim.Line{Faults: plan}, one(), func(t *testing.T, line *link.Line) {
			got, err := gateway.Gas().Read(t.Context(), line, number)
			if !errors.Is(err, want) || got.Purchases != nil || got.Consumed != someReading().Consumed {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestSilenceTakesAsLongAsTheStandardAllows(t *testing.T) {
	t.Parallel()
	onCable(t, metersim.Line{Faults: metersim.Always(metersim.Silence)}, one(), func(t *testing.T, line *link.Line) {
		start := time.Now()
		_, err := gateway.Gas().Read(t.Context(), line, number)
		// §6 at 2400 baud: 30 ms idle, 19 characters out, 500 ms + 30 characters; and
		// 50 ms for the adapter. Four tries.
		char := 11 * time.Second / 2400
		want := 4 * (30*time.Millisecond + 19*char + 500*time.Millisecond + 30*char + 50*time.Millisecond)
		if took := time.Since(start); took != want || !errors.Is(err, meterproto.ErrNoAnswer) {
			t.Errorf("took %v, want %v; %v", took, want, err)
		}
	})
}

func TestAnyMeterAndAbsentMeters(t *testing.T) {
	t.Parallel()
	second := someState()
	second.Number = "78010001234568"
	for name, c := range map[string]struct {
		meters  []metersim.State
		address string
		want    error
	}{
		"alone":          {one(), "AAAAAAAAAAAAAA", nil},
		"two on it":      {append(one(), second), "AAAAAAAAAAAAAA", meterproto.ErrGarbage},
		"one of two":     {append(one(), second), number, nil},
		"nobody":         {nil, number, meterproto.ErrNoAnswer},
		"another number": {one(), "78010001234569", meterproto.ErrNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onCable(t, metersim.Line{Faults: metersim.Friendly()}, c.meters, func(t *testing.T, line *link.Line) {
				got, err := gateway.Gas().Read(t.Context(), line, c.address)
				check(t, got, err, c.want)
			})
		})
	}
}

func TestContextEndsAReading(t *testing.T) {
	t.Parallel()
	onCable(t, metersim.Line{Faults: metersim.Always(metersim.Silence)}, one(), func(t *testing.T, line *link.Line) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := gateway.Gas().Read(ctx, line, number)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 300*time.Millisecond {
			t.Errorf("took %v, %v", took, err)
		}
	})
}

// deaf fails the test when anything is sent.
type deaf struct{ t *testing.T }

func (d deaf) Exchange(context.Context, []byte, meterproto.Timing, func([]byte) ([]byte, bool)) error {
	d.t.Error("something was sent")
	return meterproto.ErrNoAnswer
}

func TestWrongArgumentsSendNothing(t *testing.T) {
	t.Parallel()
	good := gateway.Gas()
	preamble, unknown := good, good
	preamble.Preamble = 5
	unknown.Credit = 9
	for name, c := range map[string]struct {
		address string
		options gateway.CJT188
	}{
		"address": {"12345", good}, "preamble": {number, preamble}, "credit": {number, unknown},
	} {
		if got, err := c.options.Read(t.Context(), deaf{t}, c.address); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	high, bare, postpaid := gateway.Gas(), gateway.Gas(), gateway.Gas()
	high.Order = cjt188.HighFirst
	bare.Preamble = 0
	postpaid.Credit = 0
	for name, o := range map[string]gateway.CJT188{"high byte first": high, "no preamble": bare, "no purchases": postpaid} {
		onCable(t, metersim.Line{Faults: metersim.Friendly()}, one(), func(t *testing.T, line *link.Line) {
			got, err := o.Read(t.Context(), line, number)
			want := someReading()
			if o.Credit == 0 {
				want.Purchases = nil
			}
			got.Registers = nil
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
		})
	}
}

func TestCounterGoesRound(t *testing.T) {
	t.Parallel()
	var c gateway.Counter
	for i := range 600 {
		if got := c.Next(); got != byte(i) {
			t.Fatalf("number %d is %d", i, got)
		}
	}
}

// A reading that is written down is asked again by the same numbers.
func TestCountFrom(t *testing.T) {
	t.Parallel()
	c := gateway.CountFrom(254)
	if a, b, d := c.Next(), c.Next(), c.Next(); a != 254 || b != 255 || d != 0 {
		t.Error(a, b, d)
	}
}
