package gateway_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// head is an optical head: a cable whose rate can change.
type head struct {
	*metersim.Cable
	rates []int
}

func (h *head) SetBaud(baud int) error { h.rates = append(h.rates, baud); return nil }

// onHead reads a text meter over a wire, in a bubble.
func onHead(t *testing.T, plan metersim.FaultPlan, seed uint64, wire func(*metersim.Cable) link.Wire, meter string) (r meterproto.Reading, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		bus := metersim.NewBus(metersim.Line{Baud: 300, Faults: plan, Seed: seed, Log: io.Discard, Protocol: metersim.IEC62056Line{}})
		bus.Join(&metersim.IEC62056{Meter: still(someState())})
		cable := metersim.NewCable()
		ended := make(chan error, 1)
		go func() { ended <- bus.Serve(cable.Meters()) }()
		w := wire(cable)
		line, e := link.New("head", link.Mode{Baud: 300, Bits: 7, Patience: 20}, func() (link.Wire, error) { return w, nil })
		if e != nil {
			t.Fatal(e)
		}
		start := time.Now()
		r, err = gateway.Text().Read(t.Context(), line, meter)
		took = time.Since(start)
		cable.Cut()
		if e := <-ended; e != nil {
			t.Error(e)
		}
	})
	return r, took, err
}

// The line goes to the rate that the meter offers and back again; one that cannot stays where it is.
func TestTextMeterIsReadOut(t *testing.T) {
	t.Parallel()
	var optical *head
	for name, wire := range map[string]func(*metersim.Cable) link.Wire{
		"optical head": func(c *metersim.Cable) link.Wire { optical = &head{Cable: c}; return optical },
		"one rate":     func(c *metersim.Cable) link.Wire { return c },
	} {
		for _, asked := range []string{"", number} {
			r, _, err := onHead(t, metersim.Friendly(), 1, wire, asked)
			if err != nil || r.Meter != asked || !r.Consumed.Valid || r.Consumed.Litres != someState().Consumed {
				t.Errorf("%s, %q: %+v, %v", name, asked, r, err)
			}
			if name == "optical head" && !slices.Equal(optical.rates, []int{2400, 300}) {
				t.Errorf("rates %v", optical.rates)
			}
		}
	}
}

func TestTextMeterFaults(t *testing.T) {
	t.Parallel()
	for f, ends := range map[metersim.Fault]ends{
		metersim.NoFault: {}, metersim.Repeated: {}, metersim.Torn: {}, metersim.Echo: {},
		metersim.Silence: {always: meterproto.ErrNoAnswer}, metersim.BadSum: {always: meterproto.ErrGarbage},
	} {
		for _, c := range []struct {
			plan metersim.FaultPlan
			want error
		}{{metersim.Always(f), ends.always}, {metersim.First(1, f), ends.once}} {
			optical := &head{}
			r, _, err := onHead(t, c.plan, 3, func(c *metersim.Cable) link.Wire { optical.Cable = c; return optical }, number)
			if !errors.Is(err, c.want) || (c.want == nil) != r.Consumed.Valid {
				t.Errorf("%s: %+v, %v", f, r, err)
			}
			if n := len(optical.rates); n > 0 && optical.rates[n-1] != 300 {
				t.Errorf("%s: the line stays at %v", f, optical.rates)
			}
		}
	}
}

func TestTextMeterThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, _, err := onHead(t, metersim.Friendly(), 1, func(c *metersim.Cable) link.Wire { return c }, "99"); !errors.Is(err, meterproto.ErrNoAnswer) {
		t.Error(err)
	}
}

// recital is a line that answers each request with the next of these, and knows for how long it had to be quiet before the first.
type recital struct {
	answers []string
	idle    time.Duration
}

func (s *recital) Exchange(_ context.Context, _ []byte, t meterproto.Timing, accept func([]byte) ([]byte, bool)) error {
	if s.idle == 0 {
		s.idle = t.Idle
	}
	if len(s.answers) == 0 {
		return meterproto.ErrNoAnswer
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	if _, ok := accept([]byte(next)); !ok {
		return meterproto.ErrGarbage
	}
	return nil
}

// textData is the data of a readout.
func textData(lines ...string) string {
	body := strings.Join(lines, "\r\n") + "\r\n!\r\n\x03"
	sum := byte(0)
	for i := range len(body) {
		sum ^= body[i]
	}
	return "\x02" + body + string(sum)
}

// A readout is the meter's that was asked, where it bears the number of one; and it comes when it was asked for.
func TestTextMeterIsTheOneThatWasAsked(t *testing.T) {
	t.Parallel()
	const flow, modeA, modeC = "8.0(0000123.456*m3)", "/ABC@one\r\n", "/ABC3one\r\n"
	mine, other := textData("0.0.0(00000002)", flow), textData("0.0.0(00000001)", flow)
	for name, c := range map[string]struct {
		answers []string
		asked   string
		want    error
	}{
		"its own":                    {[]string{modeC, mine}, "00000002", nil},
		"without its zeros":          {[]string{modeC, mine}, "2", nil},
		"unasked, mode A":            {[]string{modeA + mine}, "00000002", nil},
		"no number":                  {[]string{modeC, textData(flow)}, "00000002", nil},
		"two numbers, one of them":   {[]string{modeC, textData("0.0.0(00000002)", "C.1.0(99)", flow)}, "00000002", nil},
		"whoever is there":           {[]string{modeC, other}, "", nil},
		"another's":                  {[]string{modeC, other}, "00000002", meterproto.ErrWrongMeter},
		"another's, mode A":          {[]string{modeA + other}, "00000002", meterproto.ErrWrongMeter},
		"another's serial number":    {[]string{modeC, textData("C.1.0(00000001)", flow)}, "00000002", meterproto.ErrWrongMeter},
		"another's, named as P1 has": {[]string{modeC, textData("0-0:96.1.0(00000001)", flow)}, "00000002", meterproto.ErrWrongMeter},
		"before the option":          {[]string{modeC + textData(flow)}, "00000002", meterproto.ErrStale},
		"the end of another's":       {[]string{textData(flow)}, "00000002", meterproto.ErrStale},
	} {
		line := &recital{answers: c.answers}
		r, err := gateway.Text().Read(t.Context(), line, c.asked)
		if !errors.Is(err, c.want) || (c.want == nil) != (r.Consumed.Litres == 123_456) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if line.idle < gateway.Text().Timing.Answer {
			t.Errorf("%s: asked after %v of quiet", name, line.idle)
		}
	}
}

// Two meters on a line whose answers come late: neither is taken for the other.
func TestLateTextMeterIsNotTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := metersim.NewBus(metersim.Line{Baud: 300, Faults: metersim.Always(metersim.Late), Seed: 1, Log: io.Discard, Protocol: metersim.IEC62056Line{}})
		one, two := someState(), someState()
		two.Number, two.Consumed = "10000000000002", 77_000
		bus.Join(&metersim.IEC62056{Meter: still(one)})
		bus.Join(&metersim.IEC62056{Meter: still(two)})
		cable := metersim.NewCable()
		ended := make(chan error, 1)
		go func() { ended <- bus.Serve(cable.Meters()) }()
		line, err := link.New("head", link.Mode{Baud: 300, Bits: 7}, func() (link.Wire, error) { return cable, nil })
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, s := range []metersim.State{one, two} {
				r, err := gateway.Text().Read(t.Context(), line, s.Number)
				if r.Consumed.Valid && r.Consumed.Litres != s.Consumed {
					t.Errorf("%s: %+v, %v", s.Number, r.Consumed, err)
				}
			}
		}
		cable.Cut()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
