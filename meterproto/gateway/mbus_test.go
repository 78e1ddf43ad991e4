package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

const (
	mbusID      = 0x12345678
	mbusWhole   = "1234567815933307"
	mbusPrimary = "5"
)

func mbusDriver() gateway.MBus { return gateway.MBus{Timing: mbus.Timing(2400)} }

// mbusMeter is a water meter that shows so many litres.
func mbusMeter(primary byte, id uint32, litres int64) *metersim.MBus {
	s := someState()
	s.Consumed = litres
	return &metersim.MBus{
		Primary: primary, Meter: still(s), Secondary: mbus.Secondary{ID: id, Manufacturer: 0x1593, Version: 51, Medium: 7},
	}
}

// onMBus runs a test on a line with these meters.
func onMBus(t *testing.T, faults metersim.FaultPlan, seed uint64, meters []*metersim.MBus, test func(*testing.T, *link.Line)) {
	t.Helper()
	var slaves []metersim.Slave
	for _, m := range meters {
		slaves = append(slaves, m)
	}
	onCable(t, metersim.Line{Faults: faults, Seed: seed, Log: io.Discard, Protocol: metersim.MBusLine{}}, nil, test, slaves...)
}

func TestMBusIsReadByEveryName(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		mbusPrimary: mbusPrimary, "12345678": "12345678", mbusWhole: mbusWhole, "1234FFFF": mbusWhole, "FFFFFFFF1593FFFF": mbusWhole,
	} {
		meters := []*metersim.MBus{mbusMeter(5, mbusID, 1_046_963), mbusMeter(6, 0x87654321, 7)}
		meters[1].Secondary.Manufacturer = 0x1594
		onMBus(t, metersim.Friendly(), 1, meters, func(t *testing.T, line *link.Line) {
			got, err := mbusDriver().Read(t.Context(), line, asked)
			if err != nil || got.Meter != want || got.Consumed != (meterproto.Volume{Litres: 1_046_963, Resolution: 1, Span: 100_000_000, Valid: true}) ||
				!got.Time.Equal(someState().Time.Truncate(time.Minute)) || !got.BatteryLow {
				t.Errorf("%s: %+v, %v", asked, got, err)
			}
			if len(got.Registers) != 6+11 { // both parts of the answer
				t.Errorf("%s: %d registers", asked, len(got.Registers))
			}
		})
	}
	for _, wrong := range []string{"", "251", "-1", "1234567", "1234567890", "abcdefgh"} {
		if got, err := mbusDriver().Read(t.Context(), nil, wrong); err == nil {
			t.Errorf("%q: %+v", wrong, got)
		}
	}
}

// What an answer that always, or once, goes wrong ends in.
func TestMBusEveryFault(t *testing.T) {
	t.Parallel()
	for f, ends := range map[metersim.Fault]ends{
		metersim.NoFault:   {},
		metersim.Repeated:  {},
		metersim.Torn:      {},
		metersim.Echo:      {},
		metersim.Short:     {always: meterproto.ErrGarbage},
		metersim.BadSum:    {always: meterproto.ErrGarbage},
		metersim.Silence:   {always: meterproto.ErrNoAnswer},
		metersim.Stranger:  {always: meterproto.ErrWrongMeter},
		metersim.Refusal:   {always: meterproto.ErrAbnormal},
		metersim.OtherSize: {always: meterproto.ErrLayout},
	} {
		for _, asked := range []string{mbusPrimary, mbusWhole} {
			for name, c := range map[string]struct {
				plan metersim.FaultPlan
				want error
			}{"always": {metersim.Always(f), ends.always}, "once": {metersim.First(1, f), ends.once}} {
				t.Run(fmt.Sprintf("%s %s %s", f, name, asked), func(t *testing.T) {
					onMBus(t, c.plan, 3, []*metersim.MBus{mbusMeter(5, mbusID, 1_046_963)}, func(t *testing.T, line *link.Line) {
						got, err := mbusDriver().Read(t.Context(), line, asked)
						if !errors.Is(err, c.want) || (c.want == nil) != (len(got.Registers) == 17) {
							t.Errorf("%+v, %v, want %v", got, err, c.want)
						}
					})
				})
			}
		}
	}
}

// Any mixture of faults ends in the right reading or in an error; no part of an
// answer is taken twice, and none is another meter's.
func TestMBusGarbageNeverBecomesANumber(t *testing.T) {
	t.Parallel()
	read, failed := 0, 0
	for seed := uint64(1); seed <= 20; seed++ {
		meters := []*metersim.MBus{mbusMeter(5, mbusID, 1_046_963), mbusMeter(6, 0x12345679, 7)}
		onMBus(t, metersim.OneInOf(3, metersim.HardFaults()), seed, meters, func(t *testing.T, line *link.Line) {
			for i := range 10 {
				asked, litres := []string{mbusPrimary, "12345679"}[i%2], []int64{1_046_963, 7}[i%2]
				got, err := mbusDriver().Read(t.Context(), line, asked)
				switch {
				case got.Consumed.Valid && got.Consumed.Litres != litres, err == nil && len(got.Registers) != 17, len(got.Registers) > 17:
					t.Errorf("seed %d: %+v with %v", seed, got, err)
				case err == nil:
					read++
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

// echoLine gives every request back twice before its answer: the second is what an
// adapter had kept of the request before.
type echoLine struct {
	meter  *metersim.MBus
	before []byte
}

func (l *echoLine) Exchange(_ context.Context, request []byte, _ meterproto.Timing, accept func([]byte) ([]byte, bool)) error {
	stream := slices.Concat(request, l.before, l.meter.Answer(request))
	l.before = request
	if _, done := accept(stream); !done {
		return meterproto.ErrGarbage
	}
	return nil
}

func TestMBusEchoIsNoAnswer(t *testing.T) {
	t.Parallel()
	line := &echoLine{meter: mbusMeter(5, mbusID, 1_046_963)}
	if got, err := mbusDriver().Read(t.Context(), line, mbusWhole); err != nil || len(got.Registers) != 17 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMBusSearch(t *testing.T) {
	t.Parallel()
	ids := []uint32{0x12345678, 0x12345679, 0x22345678, 0x22345699}
	for name, faults := range map[string]metersim.FaultPlan{
		"friendly": metersim.Friendly(), "unfriendly": metersim.OneInOf(20, []metersim.Fault{metersim.Silence, metersim.BadSum, metersim.Short}),
	} {
		var meters []*metersim.MBus
		for i, id := range ids {
			meters = append(meters, mbusMeter(0, id, int64(i)*111_111))
		}
		onMBus(t, faults, 5, meters, func(t *testing.T, line *link.Line) {
			began := time.Now()
			found, err := mbusDriver().Search(t.Context(), line, mbus.Everyone(), 1000)
			var got []uint32
			for _, m := range found.Meters {
				got = append(got, m.ID)
			}
			if slices.Sort(got); err != nil || !slices.Equal(got, ids) {
				t.Errorf("%s: found %08X, want %08X, %v", name, got, ids, err)
			}
			t.Logf("%s: %d probes in %v at 2400 baud", name, found.Probes, time.Since(began))
		})
	}
}
