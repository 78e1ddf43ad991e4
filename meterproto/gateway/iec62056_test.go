package gateway_test

import (
	"errors"
	"io"
	"slices"
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
