package gateway_test

import (
	"errors"
	"io"
	"math/bits"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/iec62056"
	"github.com/vendgate/vendgate/meterproto/link"
)

// sending is a line on which a meter sends by itself.
type sending struct {
	meter metersim.Slave
	plan  metersim.FaultPlan
	baud  int
	seed  uint64
	every time.Duration
}

// pushed reads a meter that sends by itself, in a bubble, after it has sent for so long to nobody.
func pushed(t *testing.T, s sending, before time.Duration, meter string) (r meterproto.Reading, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		bus := metersim.NewBus(metersim.Line{Baud: s.baud, Faults: s.plan, Seed: s.seed, Log: io.Discard, Protocol: metersim.IEC62056Line{}, Push: s.every})
		bus.Join(s.meter)
		cable := metersim.NewCable()
		ended := make(chan error, 1)
		go func() { ended <- bus.Serve(cable.Meters()) }()
		line, e := link.New("port", link.Mode{Baud: s.baud}, func() (link.Wire, error) { return cable, nil })
		if e != nil {
			t.Fatal(e)
		}
		<-time.After(before) // of the bubble's clock: the meter's telegrams
		start := time.Now()
		r, err = gateway.Pushed().Read(t.Context(), line, meter)
		took = time.Since(start)
		cable.Cut()
		if e := <-ended; e != nil {
			t.Error(e)
		}
	})
	return r, took, err
}

// The meter that sends, and the one behind it: what is of which, and when it was.
func TestPushedTelegramOfP1(t *testing.T) {
	t.Parallel()
	for name, p1 := range map[string]*metersim.P1{
		"with a CRC": {Meter: still(someState())}, "in summer": {Meter: still(someState()), Summer: true}, "without": {Meter: still(someState()), Old: true},
	} {
		line := sending{meter: p1, plan: metersim.Friendly(), baud: 115_200, seed: 1, every: time.Second}
		r, took, err := pushed(t, line, 0, "E"+number)
		if err != nil || r.Meter != "E"+number || !r.Time.Equal(someState().Time) || r.Consumed.Valid || took > 3*time.Second {
			t.Errorf("%s: %+v, %v, %v", name, r, took, err)
		}
		if len(r.Registers) == 0 || r.Registers[0].Value.String() != "777777" || r.Registers[0].Unit != meterproto.WattHour {
			t.Errorf("%s: the total of both tariffs: %+v", name, r.Registers)
		}
		r, _, err = pushed(t, line, 0, number)
		hour := someState().Time.Truncate(time.Hour)
		if err != nil || r.Meter != number || !r.Consumed.Valid || r.Consumed.Litres != someState().Consumed || !r.Time.Equal(hour) {
			t.Errorf("%s, behind it: %+v, %v", name, r, err)
		}
		for _, reg := range r.Registers {
			if reg.Kind == meterproto.OfEnergy || reg.Subunit != 0 {
				t.Errorf("%s, behind it: %+v", name, reg)
			}
		}
	}
}

func TestPushedTelegramOfModeD(t *testing.T) {
	t.Parallel()
	line := sending{meter: &metersim.IEC62056{Meter: still(someState())}, plan: metersim.Friendly(), baud: 2400, seed: 1, every: 2 * time.Second}
	for _, asked := range []string{number, ""} {
		r, took, err := pushed(t, line, 0, asked)
		if err != nil || r.Meter != number || r.Consumed.Litres != someState().Consumed || !r.Time.IsZero() {
			t.Errorf("%q: %+v, %v", asked, r, err)
		}
		if took < 4*time.Second { // two of them
			t.Errorf("%q: believed after %v", asked, took)
		}
	}
}

// Whatever the line does to telegrams, in every turn or once, another value is never taken. A meter that has a CRC is read after
// one that went wrong; without, after two more.
func TestPushedTelegramFaults(t *testing.T) {
	t.Parallel()
	meters := map[string]metersim.Slave{"P1": &metersim.P1{Meter: still(someState())}, "old P1": &metersim.P1{Meter: still(someState()), Old: true}}
	for name, meter := range meters {
		sealed := name == "P1"
		for f, always := range map[metersim.Fault]error{
			metersim.NoFault: nil, metersim.Late: nil, metersim.Repeated: nil, metersim.Torn: nil, metersim.Noise: nil, metersim.Echo: nil, metersim.OtherSize: nil,
			metersim.Silence: gateway.ErrNoTelegram, metersim.Deaf: gateway.ErrNoTelegram, metersim.Short: meterproto.ErrGarbage,
			metersim.BadSum: meterproto.ErrGarbage, metersim.Stranger: meterproto.ErrWrongMeter,
		} {
			if f == metersim.BadSum && !sealed {
				always = nil // it has none
			}
			for seed := range uint64(3) {
				line := sending{meter, metersim.Always(f), 115_200, seed + 1, 3 * time.Second}
				r, _, err := pushed(t, line, 0, number)
				if !errors.Is(err, always) || (always == nil) != r.Consumed.Valid || r.Consumed.Valid && r.Consumed.Litres != someState().Consumed {
					t.Errorf("%s, always %s: %+v, %v", name, f, r.Consumed, err)
				}
				line.plan = metersim.First(1, f)
				r, took, err := pushed(t, line, 0, number)
				if err != nil || r.Consumed.Litres != someState().Consumed || took > 14*time.Second {
					t.Errorf("%s, once %s: %+v after %v, %v", name, f, r.Consumed, took, err)
				}
			}
		}
	}
}

// On a line that spoils every other telegram in any way, a reading is right, or there is none, with a reason that callers know.
func TestPushedTelegramOnAnUnfriendlyLine(t *testing.T) {
	t.Parallel()
	faults := append(metersim.HardFaults(), metersim.OtherSize, metersim.HexDigits)
	read := 0
	for seed := range uint64(60) {
		line := sending{&metersim.P1{Meter: still(someState()), Old: seed%2 == 1}, metersim.OneInOf(2, faults), 115_200, seed + 1, time.Second}
		r, _, err := pushed(t, line, time.Duration(seed)*37*time.Millisecond, number)
		switch {
		case err == nil && r.Consumed.Valid && r.Consumed.Litres == someState().Consumed:
			read++
		case err == nil && r.Consumed.Valid:
			t.Errorf("seed %d: %+v", seed, r)
		case err != nil && !errors.Is(err, meterproto.ErrNoAnswer) && !errors.Is(err, meterproto.ErrGarbage) && !errors.Is(err, meterproto.ErrWrongMeter):
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if read < 50 {
		t.Errorf("%d of 60 were read", read)
	}
}

// growing counts on between two telegrams.
type growing struct{ s metersim.State }

func (g *growing) Snapshot() metersim.State {
	g.s.Consumed += 100
	return g.s
}

// What waited in a buffer, whole or begun, is no reading of now.
func TestPushedTelegramIsFresh(t *testing.T) {
	t.Parallel()
	for _, before := range []time.Duration{0, 3*time.Second + 30*time.Millisecond, 9500 * time.Millisecond} { // in the middle of one; several, and none under way
		g := &growing{someState()}
		line := sending{&metersim.P1{Meter: g}, metersim.Friendly(), 115_200, 1, time.Second}
		r, _, err := pushed(t, line, before, number)
		if err != nil || r.Consumed.Litres != g.s.Consumed {
			t.Errorf("after %v: %d of %d litres, %v", before, r.Consumed.Litres, g.s.Consumed, err)
		}
	}
}

func TestPushedTelegramOfAnother(t *testing.T) {
	t.Parallel()
	line := sending{&metersim.P1{Meter: still(someState())}, metersim.Friendly(), 115_200, 1, time.Second}
	_, took, err := pushed(t, line, 0, "42")
	if !errors.Is(err, meterproto.ErrWrongMeter) || !strings.Contains(err.Error(), "E"+number+", "+number) || took < 30*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
}

// script is a line that says what it is told to, a part each second, and counts what is sent.
type script struct {
	parts []string
	begun bool // with the first of them
	sent  int
}

func (s *script) Send(b []byte) error { s.sent += len(b); return nil }
func (s *script) Close() error        { return nil }
func (s *script) Receive(b []byte, wait time.Duration) (int, error) {
	if !s.begun {
		<-time.After(wait)
		if len(s.parts) == 0 || time.Now().Nanosecond() != 0 {
			return 0, nil
		}
	}
	n := copy(b, s.parts[0])
	s.parts[0] = s.parts[0][n:]
	if s.begun = s.parts[0] != ""; !s.begun {
		s.parts = s.parts[1:]
	}
	return n, nil
}

// overheard reads from a line that says these parts.
func overheard(t *testing.T, parts ...string) (r meterproto.Reading, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &script{parts: parts}
		line, e := link.New("port", link.Mode{Baud: 115_200}, func() (link.Wire, error) { return s, nil })
		if e != nil {
			t.Fatal(e)
		}
		if r, err = (gateway.IEC62056Push{Wait: 10 * time.Second}).Read(t.Context(), line, "1"); s.sent != 0 {
			t.Errorf("%d bytes were sent to a meter that nobody asks", s.sent)
		}
	})
	return r, err
}

// A telegram without a CRC is taken only where its line has none, and only with another that confirms it right behind it.
func TestPushedTelegramWithoutCRC(t *testing.T) {
	t.Parallel()
	const head, tail = "/VGS5X\r\n\r\n", "!\r\n"
	one := head + "0.0.0(1)\r\n7-0:3.0.0(1.000*m3)\r\n" + tail
	far := head + "0.0.0(1)\r\n7-0:3.0.0(9.000*m3)\r\n" + tail
	other := head + "0.0.0(2)\r\n7-0:3.0.0(1.000*m3)\r\n" + tail
	broken := head + "0.0.0(1)\r\n7-0:3.0.0(1.000*m3)\r\n!0000\r\n"
	promised := head + "1-3:0.2.8(42)\r\n0.0.0(1)\r\n7-0:3.0.0(1.000*m3)\r\n" + tail
	for name, c := range map[string]struct {
		parts []string
		want  error
	}{
		"two":                        {[]string{one, one}, nil},
		"with parity":                {[]string{even(one), even(one)}, nil},
		"one":                        {[]string{one}, meterproto.ErrGarbage},
		"two that differ":            {[]string{one, far}, meterproto.ErrGarbage},
		"the second is confirmed":    {[]string{one, far, far}, nil},
		"another between":            {[]string{one, other, one}, meterproto.ErrGarbage},
		"the line has CRCs":          {[]string{broken, one, one}, iec62056.ErrBroken},
		"they should have one":       {[]string{promised, promised}, meterproto.ErrGarbage},
		"the end of one, and one":    {[]string{one[20:], one}, meterproto.ErrGarbage},
		"the end of one, and two":    {[]string{one[20:], one, one}, nil},
		"only another meter's":       {[]string{other, other}, meterproto.ErrWrongMeter},
		"our own words, and another": {[]string{"/?1!\r\n", "\x06000\r\n", "/?!\r\n"}, meterproto.ErrGarbage},
	} {
		r, err := overheard(t, c.parts...)
		known := c.want
		if errors.Is(known, iec62056.ErrBroken) || name == "the line has CRCs" {
			known = meterproto.ErrGarbage
		}
		if !errors.Is(err, known) || (known == nil) != r.Consumed.Valid {
			t.Errorf("%s: %+v, %v", name, r.Consumed, err)
		}
	}
}

// even is text as an 8-bit port takes it from a 7E1 line.
func even(text string) string {
	b := []byte(text)
	for i, x := range b {
		b[i] |= byte(bits.OnesCount8(x)%2) << 7
	}
	return string(b)
}

// Whatever comes over the line, Read ends with a reading or with a reason that callers know.
func TestPushedNoise(t *testing.T) {
	t.Parallel()
	good := string((&metersim.P1{Meter: still(someState())}).Push())
	rapid.Check(t, func(rt *rapid.T) {
		var parts []string
		for range rapid.IntRange(0, 5).Draw(rt, "parts") {
			b := []byte(good)
			if rapid.Bool().Draw(rt, "noise") {
				b = rapid.SliceOfN(rapid.Byte(), 1, 250).Draw(rt, "bytes")
			}
			parts = append(parts, string(b[rapid.IntRange(0, len(b)-1).Draw(rt, "from"):]))
		}
		r, err := overheard(t, parts...)
		if err == nil || errors.Is(err, meterproto.ErrNoAnswer) == errors.Is(err, meterproto.ErrGarbage) && !errors.Is(err, meterproto.ErrWrongMeter) {
			rt.Fatalf("%q: %+v, %v", parts, r, err)
		}
	})
}
