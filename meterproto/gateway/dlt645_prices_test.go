package gateway_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

const kWh = 1000

// The lists of before and after, and a set that is neither.
func cheap() meterproto.Prices {
	return meterproto.Prices{Fen: []int64{49, 54, 79}, Upto: []int64{2_160 * kWh, 4_200 * kWh}, Of: meterproto.CreditWattHours}
}

func dear() meterproto.Prices {
	return meterproto.Prices{Fen: []int64{52, 57, 82}, Upto: []int64{2_000 * kWh, 4_800*kWh + 10}, Of: meterproto.CreditWattHours}
}

// tables are those of a meter that charges cheap by a ladder of three steps, from its second set.
func tables() metersim.PriceTables {
	return metersim.PriceTables{
		Second: [2]bool{false, true}, Ladder: 3,
		Sets: [2]metersim.PriceSet{
			{Steps: [3]int64{1, 2, 3}, Ladder: [4]int64{9, 9, 9, 9}},
			{Steps: [3]int64{216_000, 420_000, 99_999_998}, Ladder: [4]int64{4_900, 5_400, 7_900, 7_900}},
		},
	}
}

// priced is a meter with these tables, and how it is asked.
func priced(tables metersim.PriceTables) (*living, *metersim.DLT645, gateway.DLT645) {
	m, slave, d := electric()
	m.state.Electric = tables
	slave.Password04 = [3]byte{0x66, 0x55, 0x44}
	d.PriceAccess.Password = dlt645.Password(slave.Password04)
	return m, slave, d
}

// Time passes for the meter.
func (l *living) passes(d time.Duration) {
	_ = l.Change(func(s *metersim.State) { s.Time = s.Time.Add(d) })
}

func (l *living) hour() { l.passes(time.Hour) }

func wantPrices(t *testing.T, d gateway.DLT645, line *link.Line, want meterproto.Prices) {
	t.Helper()
	got, err := d.Prices(t.Context(), line, electricNumber)
	if err != nil || !slices.Equal(got.Fen, want.Fen) || !slices.Equal(got.Upto, want.Upto) || got.Of != want.Of {
		t.Errorf("it charges %+v, %v, want %+v", got, err, want)
	}
}

// A list is in force from the minute on which the sets change over, and not before; the same again changes nothing.
func TestPricesOfAnElectricMeter(t *testing.T) {
	t.Parallel()
	m, slave, d := priced(tables())
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		wantPrices(t, d, line, cheap())
		for _, want := range []meterproto.Outcome{meterproto.Done, meterproto.Already} {
			if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Outcome != want {
				t.Errorf("%v: %v", r.Outcome, r.Reason)
			}
			wantPrices(t, d, line, cheap())
		}
		sent := m.Snapshot().Electric
		m.hour()
		wantPrices(t, d, line, dear())
		before := m.Snapshot()
		if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Outcome != meterproto.Already || m.Snapshot() != before {
			t.Errorf("%v: %v", r.Outcome, r.Reason)
		}
		if due := sent.Change[1].Sub(before.Time.Add(-time.Hour)); due <= 0 || due > 2*time.Minute || !sent.Change[0].IsZero() {
			t.Errorf("it was told to change over after %v", due)
		}
		later := cheap()
		later.From = before.Time.Add(24 * time.Hour).Truncate(time.Minute)
		if r := d.SetPrices(t.Context(), line, electricNumber, later); r.Outcome != meterproto.Done || !m.Snapshot().Electric.Change[1].Equal(later.From) {
			t.Errorf("tomorrow: %v, %v; %v", r.Outcome, r.Reason, m.Snapshot().Electric.Change)
		}
		m.hour()
		wantPrices(t, d, line, dear()) // still
	})
}

// A meter without a ladder has one price in all its tariffs; one with a ladder may hold fewer steps than it has room for.
func TestListsThatAMeterHolds(t *testing.T) {
	t.Parallel()
	flat := meterproto.Prices{Fen: []int64{55}, Of: meterproto.CreditWattHours}
	two := meterproto.Prices{Fen: []int64{55, 55}, Upto: []int64{10}, Of: meterproto.CreditWattHours}
	for _, c := range []struct {
		ladder int
		list   meterproto.Prices
		want   meterproto.Outcome
	}{
		{0, flat, meterproto.Done}, {0, two, meterproto.Refused}, {1, flat, meterproto.Done}, {1, two, meterproto.Done},
		{1, dear(), meterproto.Refused}, {2, dear(), meterproto.Done}, {3, two, meterproto.Done},
	} {
		m, slave, d := priced(metersim.PriceTables{Ladder: c.ladder})
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			if r := d.SetPrices(t.Context(), line, electricNumber, c.list); r.Outcome != c.want {
				t.Errorf("%+v: %v, %v", c.list, r.Outcome, r.Reason)
			}
			if m.hour(); c.want == meterproto.Done {
				wantPrices(t, d, line, c.list)
			} else if m.Snapshot().Electric != (metersim.PriceTables{Ladder: c.ladder}) {
				t.Errorf("refused, and written: %+v", m.Snapshot().Electric)
			}
		})
	}
}

// Where the ladder changes over with the tariffs it is their instant that is set.
func TestPricesOfALadderThatChangesWithTheTariffs(t *testing.T) {
	t.Parallel()
	is := tables()
	is.AtOnce = true
	m, slave, d := priced(is)
	d.LadderWithTariff = true
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Outcome != meterproto.Done {
			t.Errorf("%v: %v", r.Outcome, r.Reason)
		}
		wantPrices(t, d, line, cheap())
		m.hour()
		wantPrices(t, d, line, dear())
	})
}

// What no list can say is no list; and where the tariffs may count, too, nothing is written.
func TestPricesThatNoListSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*metersim.PriceTables)
		alone  bool
		says   int // prices
		want   meterproto.Outcome
	}{
		"whole fen":                {func(*metersim.PriceTables) {}, false, 3, meterproto.Done},
		"parts of a fen":           {func(p *metersim.PriceTables) { p.Sets[1].Ladder[1]++ }, false, 0, meterproto.Done},
		"of a step nobody reaches": {func(p *metersim.PriceTables) { p.Sets[1].Ladder[3]++ }, false, 0, meterproto.Done},
		"tariffs beside a ladder":  {func(p *metersim.PriceTables) { p.Sets[0].Tariffs[2] = 1 }, false, 0, meterproto.Refused},
		"in the other set":         {func(p *metersim.PriceTables) { p.Sets[1].Tariffs[0] = 1 }, false, 0, meterproto.Refused},
		"that do not count":        {func(p *metersim.PriceTables) { p.Sets[1].Tariffs[0] = 1 }, true, 3, meterproto.Done},
		"tariffs that differ":      {func(p *metersim.PriceTables) { p.Ladder, p.Sets[0].Tariffs = 0, [4]int64{9, 9, 9, 10} }, false, 0, meterproto.Refused},
	} {
		is := tables()
		c.change(&is)
		m, slave, d := priced(is)
		d.LadderAlone = c.alone
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			if got, err := d.Prices(t.Context(), line, electricNumber); err != nil || len(got.Fen) != c.says {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Outcome != c.want || c.want == meterproto.Refused && m.Snapshot().Electric != is {
				t.Errorf("%s: %v, %v", name, r.Outcome, r.Reason)
			}
		})
	}
}

// A meter whose ladder has more steps than it shows values is told nothing.
func TestPricesOfALadderThatIsNotThere(t *testing.T) {
	t.Parallel()
	is := tables()
	is.Ladder = 5
	m, slave, d := priced(is)
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		if got, err := d.Prices(t.Context(), line, electricNumber); !errors.Is(err, meterproto.ErrLayout) {
			t.Errorf("%+v, %v", got, err)
		}
		if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Err() == nil || m.Snapshot().Electric != is {
			t.Errorf("%v, %v", r.Outcome, r.Reason)
		}
	})
}

func TestPricesThatAreNotSent(t *testing.T) {
	t.Parallel()
	_, _, d := priced(tables())
	list := func(change func(*meterproto.Prices)) meterproto.Prices {
		p := dear()
		change(&p)
		return p
	}
	sealed := d
	sealed.Keys, sealed.PriceAccess.Level = nil, dlt645.LevelMAC
	if r := sealed.SetPrices(t.Context(), deaf{t}, electricNumber, dear()); r.Outcome != meterproto.Refused {
		t.Errorf("without keys: %v", r.Outcome)
	}
	if r := d.SetPrices(t.Context(), deaf{t}, "AAAAAAAAAAAA", dear()); r.Outcome != meterproto.Refused {
		t.Errorf("to whoever hears: %v", r.Outcome)
	}
	for name, p := range map[string]meterproto.Prices{
		"no price":          {Of: meterproto.CreditWattHours},
		"by the m³":         list(func(p *meterproto.Prices) { p.Of = meterproto.CreditLitres }),
		"a step too few":    list(func(p *meterproto.Prices) { p.Upto = p.Upto[:1] }),
		"steps that fall":   list(func(p *meterproto.Prices) { p.Upto[1] = p.Upto[0] }),
		"part of 10 Wh":     list(func(p *meterproto.Prices) { p.Upto[0] += 5 }),
		"a step of nothing": list(func(p *meterproto.Prices) { p.Upto[0] = 0 }),
		"beyond the digits": list(func(p *meterproto.Prices) { p.Upto[1] = 999_999_980 }),
		"a negative price":  list(func(p *meterproto.Prices) { p.Fen[0] = -1 }),
		"a price too high":  list(func(p *meterproto.Prices) { p.Fen[0] = 1_000_000 }),
	} {
		if r := d.SetPrices(t.Context(), deaf{t}, electricNumber, p); r.Outcome != meterproto.Refused || r.Reason == nil {
			t.Errorf("%s: %v", name, r.Outcome)
		}
	}
}

// A meter takes prices from who has its password, or its keys, and from nobody else.
func TestPricesAreWrittenByWhoMay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*metersim.DLT645, *gateway.DLT645)
		want   meterproto.Outcome
	}{
		"another password": {func(_ *metersim.DLT645, d *gateway.DLT645) { d.PriceAccess.Password[0]++ }, meterproto.Refused},
		"another level":    {func(_ *metersim.DLT645, d *gateway.DLT645) { d.PriceAccess.Level = 0x02 }, meterproto.Refused},
		"no MAC":           {func(m *metersim.DLT645, _ *gateway.DLT645) { m.SealedPrices = true }, meterproto.Refused},
		"a MAC": {func(m *metersim.DLT645, d *gateway.DLT645) {
			m.SealedPrices, d.PriceAccess.Level = true, dlt645.LevelMAC
		}, meterproto.Done},
		"a MAC, hidden": {func(m *metersim.DLT645, d *gateway.DLT645) {
			m.SealedPrices, d.PriceAccess.Level = true, dlt645.LevelCipher
		}, meterproto.Done},
		"a MAC nobody wants": {func(_ *metersim.DLT645, d *gateway.DLT645) { d.PriceAccess.Level = dlt645.LevelMAC }, meterproto.Refused},
	} {
		m, slave, d := priced(tables())
		c.change(slave, &d)
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Outcome != c.want {
				t.Errorf("%s: %v, %v", name, r.Outcome, r.Reason)
			}
			want := cheap()
			if m.hour(); c.want == meterproto.Done {
				want = dear()
			} else if m.Snapshot().Electric != tables() {
				t.Errorf("%s: it was written", name)
			}
			wantPrices(t, d, line, want)
		})
	}
}

// guarded is a meter that says at once when what is in force is neither the old list nor the new one.
type guarded struct {
	living
	wrong []metersim.PriceTables
}

func (g *guarded) Change(do func(*metersim.State)) error {
	err := g.living.Change(do)
	e := g.Snapshot().Electric
	active := e.Sets[0]
	if e.Second[1] {
		active = e.Sets[1]
	}
	old, fresh := tables().Sets[1], metersim.PriceSet{Steps: [3]int64{200_000, 480_001, 99_999_998}, Ladder: [4]int64{5_200, 5_700, 8_200, 8_200}}
	if active != old && active != fresh {
		g.wrong = append(g.wrong, e)
	}
	return err
}

// sky spoils answers from one on.
type sky struct {
	mu            sync.Mutex
	before, spoil int
}

func (s *sky) plan(f metersim.Fault) metersim.FaultPlan {
	return func(*rand.Rand) metersim.Fault {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.before--; s.before >= 0 {
			return metersim.NoFault
		}
		if s.spoil--; s.spoil < 0 {
			return metersim.NoFault
		}
		return f
	}
}

func (s *sky) clears() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoil = 0
}

// Wherever the writes are torn, with a change of the sets due that somebody else ordered, and whatever time passes then: the meter
// charges the old list or the new one, never parts of both; and the same list again ends well.
func TestTornPricesAreNeverInForce(t *testing.T) {
	t.Parallel()
	for _, fault := range []metersim.Fault{metersim.Silence, metersim.Deaf, metersim.BadSum, metersim.PowerCut, metersim.Refusal, metersim.NoData, metersim.Late} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			for at := 0; at < 40; at++ {
				for _, spoil := range []int{1, 1_000} {
					tornAt(t, fault, at, spoil)
				}
			}
		})
	}
}

func tornAt(t *testing.T, fault metersim.Fault, at, spoil int) {
	t.Helper()
	_, slave, d := priced(tables())
	state := slave.Meter.Snapshot()
	state.Electric.Sets[0] = state.Electric.Sets[1] // somebody has brought the old list into both
	state.Electric.Change[1] = state.Time.Add(30 * time.Minute)
	m := &guarded{living: living{state: state}}
	slave.Meter = m
	d.Timing.Idle, d.Timing.Answer, d.Timing.Retries = time.Millisecond, 20*time.Millisecond, 1
	weather := &sky{before: at, spoil: spoil}
	name := fmt.Sprintf("%d × %s from answer %d", spoil, fault, at)
	line := metersim.Line{Protocol: metersim.DLT645Line{}, Baud: 115_200, Think: time.Millisecond, Faults: weather.plan(fault), Seed: 3}
	withSlave(t, line, slave, func(t *testing.T, line *link.Line) {
		r := d.SetPrices(t.Context(), line, electricNumber, dear())
		m.hour()
		weather.clears()
		for try := 0; r.Err() != nil && try < 9; try++ {
			_, _ = d.Prices(t.Context(), line, electricNumber) // a meter hears again after some requests
			r = d.SetPrices(t.Context(), line, electricNumber, dear())
		}
		m.hour()
		if r.Err() != nil {
			t.Errorf("%s: %v", name, r.Err())
		}
		wantPrices(t, d, line, dear())
		if len(m.wrong) > 0 {
			t.Errorf("%s: in force: %+v", name, m.wrong[0])
		}
	})
}
