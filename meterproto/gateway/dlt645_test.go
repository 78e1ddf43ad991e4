package gateway_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

const (
	electric = "000012345678"
	holder   = "000000001001"
)

// purse is an electricity meter in memory.
type purse struct{ s metersim.State }

func (p *purse) Snapshot() metersim.State                  { return p.s }
func (p *purse) Change(change func(*metersim.State)) error { change(&p.s); return nil }

// onElectric runs a test at a line with one electricity meter on it.
func onElectric(t *testing.T, plan metersim.FaultPlan, test func(*testing.T, *link.Line, *purse)) {
	t.Helper()
	meter := &purse{metersim.State{Number: electric, Count: 6, Loaded: 50_000, Consumed: 20_000, Prices: [3]int64{50}, ValveOpen: true}}
	synctest.Test(t, func(t *testing.T) {
		bus := metersim.NewBus(metersim.Line{Faults: plan, Seed: 1, Log: io.Discard, Protocol: metersim.DLT645Line{}})
		bus.Join(&metersim.DLT645{Meter: meter, Customer: holder, ESAM: keys(), Hoard: 100_000})
		cable := metersim.NewCable()
		ended := make(chan error, 1)
		go func() { ended <- bus.Serve(cable.Meters()) }()
		line, err := link.New("cable", link.Mode{Baud: 2400}, func() (link.Wire, error) { return cable, nil })
		if err != nil {
			t.Fatal(err)
		}
		test(t, line, meter)
		_ = line.Close()
		cable.Cut()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// keys is what meters and gateway share.
func keys() *metersim.ESAM { return &metersim.ESAM{Key: []byte("a key of the tests")} }

func electricity() gateway.DLT645 {
	d := gateway.Electricity()
	d.Keys = keys()
	return d
}

func TestElectricityIsRead(t *testing.T) {
	t.Parallel()
	onElectric(t, metersim.Friendly(), func(t *testing.T, line *link.Line, meter *purse) {
		r, err := electricity().Read(t.Context(), line, electric)
		if err != nil || r.Meter != electric || r.ValveOpen == nil || !*r.ValveOpen {
			t.Errorf("%+v, %v", r, err)
		}
		// 200 yuan at half a yuan are 400 kWh.
		if n, step, ok := r.Registers[0].Value.In(0); n != 400_000 || step != 10 || !ok || r.Registers[0].Unit != meterproto.WattHour {
			t.Errorf("%+v", r.Registers[0])
		}
		taken, err := electricity().Taken(t.Context(), line, electric)
		if err != nil || taken.Count != 6 || taken.Modulus != 10_000 || taken.Total.N != 50_000 || !taken.Total.Valid || taken.Remaining.N != 30_000 {
			t.Errorf("%+v, %v", taken, err)
		}
		if _, err := electricity().Read(t.Context(), line, "000099999999"); !errors.Is(err, meterproto.ErrNoAnswer) {
			t.Error(err)
		}
	})
}

// The meter's rule protects the money, whatever is sent, and the driver says what became of it.
func TestElectricityIsBought(t *testing.T) {
	t.Parallel()
	fen := meterproto.CreditFen
	for _, c := range []struct {
		name  string
		order meterproto.Order
		want  meterproto.Outcome
		why   error
		gains int64
	}{
		{"the next", meterproto.Order{Count: 7, Amount: 20_000, Unit: fen, Customer: holder}, meterproto.Done, nil, 20_000},
		{"its own count", meterproto.Order{Count: 6, Amount: 20_000, Unit: fen, Customer: holder}, meterproto.Already, nil, 0},
		{"one skipped", meterproto.Order{Count: 8, Amount: 20_000, Unit: fen, Customer: holder}, meterproto.Refused, dlt645.ErrCount, 0},
		{"another customer", meterproto.Order{Count: 7, Amount: 20_000, Unit: fen, Customer: "000000001002"}, meterproto.Refused, dlt645.ErrCustomer, 0},
		{"too much to hoard", meterproto.Order{Count: 7, Amount: 80_000, Unit: fen, Customer: holder}, meterproto.Refused, dlt645.ErrOverHoard, 0},
		{"energy", meterproto.Order{Count: 7, Amount: 20_000, Unit: meterproto.CreditWattHours, Customer: holder}, meterproto.Refused, nil, 0},
		{"no customer", meterproto.Order{Count: 7, Amount: 20_000, Unit: fen}, meterproto.Refused, dlt645.ErrNumber, 0},
		{"nothing", meterproto.Order{Count: 7, Unit: fen, Customer: holder}, meterproto.Refused, dlt645.ErrAmount, 0},
	} {
		onElectric(t, metersim.Friendly(), func(t *testing.T, line *link.Line, meter *purse) {
			r := electricity().TopUp(t.Context(), line, electric, c.order)
			if r.Outcome != c.want || c.why != nil && !errors.Is(r.Reason, c.why) || meter.s.Loaded != 50_000+c.gains {
				t.Errorf("%s: %v, %v; loaded %d", c.name, r.Outcome, r.Reason, meter.s.Loaded)
			}
		})
	}
	onElectric(t, metersim.Friendly(), func(t *testing.T, line *link.Line, meter *purse) {
		if r := gateway.Electricity().TopUp(t.Context(), line, electric, meterproto.Order{Count: 7, Amount: 1, Unit: fen, Customer: holder}); r.Outcome != meterproto.Refused {
			t.Errorf("without keys: %v", r.Outcome)
		}
	})
}

// Whatever goes wrong with one answer, a purchase is in the meter at most once, and the outcome is never more than is known.
func TestElectricityIsBoughtOnABadLine(t *testing.T) {
	t.Parallel()
	for _, f := range append(metersim.HardFaults(), metersim.Refusal, metersim.HexDigits, metersim.OtherSize) {
		for n := range 2 { // of the identity, and of the purchase
			answers := 0
			plan := metersim.FaultPlan(func(*rand.Rand) metersim.Fault {
				answers++
				if answers == n+1 {
					return f
				}
				return metersim.NoFault
			})
			onElectric(t, plan, func(t *testing.T, line *link.Line, meter *purse) {
				order := meterproto.Order{Count: 7, Amount: 20_000, Unit: meterproto.CreditFen, Customer: holder}
				r := electricity().TopUp(t.Context(), line, electric, order)
				time.Sleep(10 * time.Second) // in the bubble: what is late has come
				in := meter.s.Loaded == 70_000
				if !in && meter.s.Loaded != 50_000 || !in && r.Err() == nil {
					t.Errorf("%s of answer %d: %v, %v; loaded %d", f, n, r.Outcome, r.Reason, meter.s.Loaded)
				}
				for range 4 { // a power cut makes it miss some
					r = electricity().TopUp(t.Context(), line, electric, order)
				}
				if r.Outcome != meterproto.Already || meter.s.Loaded != 70_000 {
					t.Errorf("%s of answer %d, again: %v, %v; loaded %d", f, n, r.Outcome, r.Reason, meter.s.Loaded)
				}
			})
		}
	}
}

// A relay trips and closes for who has the key, and for nobody else.
func TestElectricRelay(t *testing.T) {
	t.Parallel()
	onElectric(t, metersim.Friendly(), func(t *testing.T, line *link.Line, meter *purse) {
		meter.s.Time = time.Now()
		for _, open := range []bool{false, true} {
			if r := electricity().SetValve(t.Context(), line, electric, open); r.Err() != nil {
				t.Error(r.Err())
			}
			if stands, err := electricity().Valve(t.Context(), line, electric); err != nil || stands == nil || *stands != open {
				t.Errorf("%v, %v; want %v", stands, err, open)
			}
		}
		stranger := electricity()
		stranger.Keys = &metersim.ESAM{Key: []byte("another")}
		if r := stranger.SetValve(t.Context(), line, electric, false); r.Outcome != meterproto.Refused || !meter.s.ValveOpen {
			t.Errorf("a stranger: %v, open %v", r.Outcome, meter.s.ValveOpen)
		}
		if r := gateway.Electricity().SetValve(t.Context(), line, electric, false); r.Outcome != meterproto.Refused {
			t.Errorf("without keys: %v", r.Outcome)
		}
	})
}
