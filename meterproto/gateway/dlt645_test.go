package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

const (
	electricNumber = "202107072529"
	customerNumber = "000000123456"
)

// electric is a meter that counts money, and a driver that has its keys.
func electric() (*living, *metersim.DLT645, gateway.DLT645) {
	m := &living{state: metersim.State{
		Number: electricNumber, Count: 5, LastCredit: 5_000, Loaded: 110_000, Consumed: 100_000, ValveOpen: true, BatteryLow: true,
		Prices: [3]int64{50}, Time: time.Date(2026, 1, 31, 2, 30, 5, 0, time.UTC),
	}}
	esam := &metersim.ESAM{Root: [16]byte([]byte("a root for tests"))}
	d := gateway.Electricity()
	d.Keys, d.Password, d.Operator = esam, dlt645.Password{0x33, 0x22, 0x11}, dlt645.Operator{1, 2, 3, 4}
	slave := &metersim.DLT645{Meter: m, Customer: customerNumber, Hoard: 1 << 40, ESAM: esam, Password: d.Password}
	return m, slave, d
}

func electricLine(f metersim.FaultPlan) metersim.Line {
	return metersim.Line{Protocol: metersim.DLT645Line{}, Faults: f, Seed: 3}
}

func TestElectricMeterIsRead(t *testing.T) {
	t.Parallel()
	for _, number := range []string{electricNumber, "AAAAAAAAAAAA", "2529"} {
		_, slave, d := electric()
		slave.Split = 3 // all that is longer comes in parts
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			d.Asks = append(d.Asks, dlt645.ID(0x00010002), dlt645.ID(0x02030000)) // it has the one, and not the other
			r, err := d.Read(t.Context(), line, number)
			if err != nil || r.Meter != electricNumber || len(r.Registers) != 6 || !r.BatteryLow || r.ValveOpen == nil || !*r.ValveOpen ||
				!r.Time.Equal(time.Date(2026, 1, 31, 2, 30, 5, 0, time.UTC)) {
				t.Fatalf("%s: %+v, %v", number, r, err)
			}
			energy, left := r.Registers[0], r.Registers[1]
			if wh, _, ok := energy.Value.In(0); !ok || wh != 2_000_000 || energy.Unit != meterproto.WattHour {
				t.Errorf("energy %+v", energy)
			}
			if left.Value != (meterproto.Decimal{Digits: 10_000, Scale: -2}) || left.Kind != meterproto.OfMoney {
				t.Errorf("left %+v", left)
			}
		})
	}
}

func TestElectricMeterOf1997IsRead(t *testing.T) {
	t.Parallel()
	_, slave, _ := electric()
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		d := gateway.Electricity97()
		d.Asks = append(d.Asks, dlt645.ID97(0x901F))
		r, err := d.Read(t.Context(), line, electricNumber)
		if err != nil || len(r.Registers) != 4 {
			t.Fatalf("%+v, %v", r, err)
		}
		if wh, _, ok := r.Registers[0].Value.In(0); !ok || wh != 2_000_000 {
			t.Errorf("%+v", r.Registers[0])
		}
	})
}

// Whatever goes wrong with every answer, no value leaves; once, and all is read.
func TestElectricReadingUnderFaults(t *testing.T) {
	t.Parallel()
	for fault, end := range faults() {
		for _, c := range []struct {
			plan metersim.FaultPlan
			want error
		}{{metersim.Always(fault), end.always}, {metersim.First(1, fault), end.once}} {
			_, slave, d := electric()
			withSlave(t, electricLine(c.plan), slave, func(t *testing.T, line *link.Line) {
				r, err := d.Read(t.Context(), line, electricNumber)
				if !errors.Is(err, c.want) || (c.want == nil) != (len(r.Registers) == 5) {
					t.Errorf("%s: %v, want %v; %+v", fault, err, c.want, r)
				}
			})
		}
	}
}

func TestElectricOrderIsTakenOnce(t *testing.T) {
	t.Parallel()
	m, slave, d := electric()
	order := meterproto.Order{Count: 6, Amount: 12_340, Unit: meterproto.CreditFen, Customer: customerNumber}
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		for i, want := range []meterproto.Outcome{meterproto.Done, meterproto.Already, meterproto.Already} {
			if r := d.TopUp(t.Context(), line, electricNumber, order); r.Outcome != want {
				t.Errorf("try %d: %v: %v", i+1, r.Outcome, r.Reason)
			}
		}
		taken, err := d.Taken(t.Context(), line, electricNumber)
		fen := func(n int64) meterproto.Credit {
			return meterproto.Credit{N: n, Unit: meterproto.CreditFen, Valid: true}
		}
		want := meterproto.Taken{Meter: electricNumber, Count: 6, Modulus: 10_000, Last: fen(12_340), Total: fen(122_340), Remaining: fen(22_340)}
		if err != nil || taken != want {
			t.Errorf("%+v, %v", taken, err)
		}
		for name, c := range map[string]struct {
			order meterproto.Order
			want  error
		}{
			"a count too many": {meterproto.Order{Count: 8, Amount: 1, Unit: meterproto.CreditFen, Customer: customerNumber}, dlt645.ErrCount},
			"someone else's":   {meterproto.Order{Count: 7, Amount: 1, Unit: meterproto.CreditFen, Customer: "000000123457"}, dlt645.ErrCustomer},
		} {
			if r := d.TopUp(t.Context(), line, electricNumber, c.order); r.Outcome != meterproto.Refused || !errors.Is(r.Reason, c.want) {
				t.Errorf("%s: %v, %v", name, r.Outcome, r.Reason)
			}
		}
		if got := m.Snapshot(); got.Loaded != 122_340 {
			t.Errorf("the meter has %+v", got)
		}
	})
}

// Whatever happens to the answer to an order, an outcome that is not known is not guessed.
func TestElectricOutcomeUnderFaults(t *testing.T) {
	t.Parallel()
	for f, want := range map[metersim.Fault]meterproto.Outcome{
		metersim.NoFault: meterproto.Done, metersim.Repeated: meterproto.Done, metersim.Torn: meterproto.Done,
		metersim.Echo: meterproto.Done, metersim.Noise: meterproto.Done,
		metersim.Short: meterproto.Unknown, metersim.BadSum: meterproto.Unknown, metersim.Silence: meterproto.Unknown,
		metersim.Late: meterproto.Unknown, metersim.Stale: meterproto.Unknown, metersim.Stranger: meterproto.Unknown,
		metersim.PowerCut: meterproto.Unknown, metersim.OtherSize: meterproto.Unknown, metersim.Refusal: meterproto.Refused,
	} {
		m, slave, d := electric()
		answers := 0
		third := func(*rand.Rand) metersim.Fault { // after the status's and the identity's
			if answers++; answers == 3 {
				return f
			}
			return metersim.NoFault
		}
		withSlave(t, electricLine(third), slave, func(t *testing.T, line *link.Line) {
			order := meterproto.Order{Count: 6, Amount: 10_000, Unit: meterproto.CreditFen, Customer: customerNumber}
			r := d.TopUp(t.Context(), line, electricNumber, order)
			if r.Outcome != want || (r.Reason == nil) != (want == meterproto.Done) || m.Snapshot().Loaded != 120_000 {
				t.Errorf("%s: %v, %v; %d fen", f, r.Outcome, r.Reason, m.Snapshot().Loaded)
			}
		})
	}
}

// What is asked before a challenge only has to be answered: a meter that does not know it says so.
func TestElectricOrderToAMeterWithoutStatus(t *testing.T) {
	t.Parallel()
	_, slave, d := electric()
	withSlave(t, electricLine(metersim.First(1, metersim.Refusal)), slave, func(t *testing.T, line *link.Line) {
		order := meterproto.Order{Count: 6, Amount: 10_000, Unit: meterproto.CreditFen, Customer: customerNumber}
		if r := d.TopUp(t.Context(), line, electricNumber, order); r.Outcome != meterproto.Done {
			t.Errorf("%v: %v", r.Outcome, r.Reason)
		}
	})
}

// A thousand orders to a meter that loses answers, its power and its place: each is
// credited exactly once, and what the count says is what was done.
func TestThousandElectricOrders(t *testing.T) {
	t.Parallel()
	m, slave, d := electric()
	withSlave(t, electricLine(metersim.OneInOf(4, metersim.HardFaults())), slave, func(t *testing.T, line *link.Line) {
		var paid int64
		doubts := map[meterproto.Outcome]int{}
		for n := range uint32(1000) {
			order := meterproto.Order{Count: 6 + n, Amount: 100 + int64(n), Unit: meterproto.CreditFen, Customer: customerNumber}
			paid += order.Amount
			if err := settle(t.Context(), line, d, order, doubts); err != nil {
				t.Fatal(err)
			}
			if got := m.Snapshot(); got.Loaded != 110_000+paid || got.Count != order.Count {
				t.Fatalf("order %d: the meter has %d fen, paid %d", order.Count, got.Loaded-110_000, paid)
			}
		}
		if doubts[meterproto.Unknown] == 0 || doubts[meterproto.Already] == 0 {
			t.Errorf("nothing ever was in doubt: %v", doubts)
		}
		t.Logf("outcomes of 1000 orders: %v", doubts)
	})
}

// settle sends an order until the meter holds it: as the books do, by the meter's count
// and never by another.
func settle(ctx context.Context, line *link.Line, d gateway.DLT645, o meterproto.Order, seen map[meterproto.Outcome]int) error {
	for range 50 {
		r := d.TopUp(ctx, line, electricNumber, o)
		seen[r.Outcome]++
		taken, err := d.Taken(ctx, line, electricNumber)
		if err != nil {
			continue
		}
		if happened := r.Outcome == meterproto.Done || r.Outcome == meterproto.Already; happened && !taken.Holds(o.Count) {
			return fmt.Errorf("order %d: %v, and the meter counts %d", o.Count, r.Outcome, taken.Count)
		}
		if taken.Holds(o.Count) {
			return nil
		}
	}
	return fmt.Errorf("order %d: not settled in 50 tries", o.Count)
}

func TestElectricRelayAndClock(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*metersim.DLT645, *gateway.DLT645){
		"sealed":       func(*metersim.DLT645, *gateway.DLT645) {},
		"by password":  func(_ *metersim.DLT645, d *gateway.DLT645) { d.Keys = nil },
		"an old clock": func(m *metersim.DLT645, _ *gateway.DLT645) { m.Old = true },
	} {
		m, slave, d := electric()
		spoil(slave, &d)
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			for _, open := range []bool{false, true} {
				if r := d.SetValve(t.Context(), line, electricNumber, open); r.Outcome != meterproto.Done {
					t.Errorf("%s: open %v: %v", name, open, r.Err())
				}
				if is, err := d.Valve(t.Context(), line, electricNumber); err != nil || is == nil || *is != open {
					t.Errorf("%s: open %v: %v, %v", name, open, is, err)
				}
			}
			now := time.Date(2026, 11, 27, 18, 0, 5, 0, time.UTC)
			r := d.SetTime(t.Context(), line, electricNumber, now)
			if slave.Old {
				if r.Outcome != meterproto.Refused || !errors.Is(r.Reason, dlt645.ErrNoData) {
					t.Errorf("%s: %v, %v", name, r.Outcome, r.Reason)
				}
			} else if r.Outcome != meterproto.Done || !m.Snapshot().Time.Equal(now) {
				t.Errorf("%s: %v, %v", name, r.Err(), m.Snapshot().Time)
			}
		})
	}
}

func TestElectricCommandsThatAreNotSent(t *testing.T) {
	t.Parallel()
	_, _, d := electric()
	bare := d
	bare.Keys = nil
	order := func(amount int64, unit meterproto.CreditUnit, customer string) meterproto.Order {
		return meterproto.Order{Count: 6, Amount: amount, Unit: unit, Customer: customer}
	}
	fen := meterproto.CreditFen
	line, ctx := deaf{t}, t.Context()
	for name, r := range map[string]meterproto.Result{
		"nothing":          d.TopUp(ctx, line, electricNumber, order(0, fen, customerNumber)),
		"below zero":       d.TopUp(ctx, line, electricNumber, order(-1, fen, customerNumber)),
		"too much":         d.TopUp(ctx, line, electricNumber, order(100_000_000, fen, customerNumber)),
		"energy":           d.TopUp(ctx, line, electricNumber, order(1, meterproto.CreditWattHours, customerNumber)),
		"nobody":           d.TopUp(ctx, line, electricNumber, order(1, fen, "")),
		"without keys":     bare.TopUp(ctx, line, electricNumber, order(1, fen, customerNumber)),
		"to a part":        d.TopUp(ctx, line, "2529", order(1, fen, customerNumber)),
		"to everyone":      d.TopUp(ctx, line, "999999999999", order(1, fen, customerNumber)),
		"to no number":     d.TopUp(ctx, line, "x", order(1, fen, customerNumber)),
		"relay of whoever": d.SetValve(ctx, line, "AAAAAAAAAAAA", false),
		"year 2100":        d.SetTime(ctx, line, electricNumber, time.Date(2100, 1, 2, 0, 0, 0, 0, time.UTC)),
	} {
		if r.Outcome != meterproto.Refused || r.Reason == nil {
			t.Errorf("%s: %v", name, r.Outcome)
		}
	}
	if _, err := d.Taken(ctx, line, "2529"); err == nil {
		t.Error("purchases of whoever is there")
	}
}
