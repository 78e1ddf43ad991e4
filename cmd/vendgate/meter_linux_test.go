package main

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/metersim"
)

const (
	lineBaud = 115200
	cardTime = 5 * time.Second // that a card stays in a meter
)

// wall is the household's meter and the line that it hangs on. The port is a link
// to a pseudo-terminal: the kernel gives the number of one that is gone to the next
// one at once, which may be another test's.
type wall struct {
	meter    *metersim.Meter
	electric *metersim.DLT645 // nil without a chip
	port     string
	unplug   func()
}

func newWall(keys *sam.File, port string) (*wall, error) {
	m, err := metersim.New(metersim.Config{Number: meterNumber, Keys: keys, Utility: 1, Unit: cardio.Litre,
		Start: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)})
	return &wall{meter: m, port: port, unplug: func() {}}, err
}

// cmdMeter is what the world does to the meter and its line.
//
//	meter line [FAULT]    a serial line, $LINE, on which every answer has that fault of metersim; "unplugged" pulls the adapter at the
//	                      first request
//	meter chip KEYS PASSPHRASE-FILE CUSTOMER  the customer gets an electricity meter, with a chip that was made of that key file
//	meter electric [FAULT]  as meter line, with that meter on it; "order lost" loses the answer to an order, "lost from order" all from there on
//	meter unplug          pull the adapter out
//	meter burn LITRES     let gas flow
//	meter prices FEN      somebody sets its first price by hand
//	meter served COUNT LITRES BURNT   another program has sold that to it
func cmdMeter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: meter line|chip|electric|unplug|burn|prices|served [ARG...]")
	}
	s, what := of(ts), append(args, "")[1]
	switch args[0] {
	case "line":
		ts.Check(s.wall.plug(metersim.Fault(what)))
	case "chip":
		if len(args) != 4 {
			ts.Fatalf("usage: meter chip KEYS PASSPHRASE-FILE CUSTOMER")
		}
		ts.Check(s.chipped(ts.MkAbs(what), ts.MkAbs(args[2]), args[3]))
	case "electric":
		ts.Check(s.wall.plugElectric(ts, what))
	case "unplug":
		s.wall.unplug()
	case "burn":
		litres, err := strconv.ParseInt(what, 10, 64)
		ts.Check(err)
		_, err = s.wall.meter.Burn(litres)
		ts.Check(err)
		ts.Check(s.wall.meter.Advance(time.Hour))
	case "prices":
		fen, err := strconv.ParseInt(what, 10, 64)
		ts.Check(err)
		ts.Check(s.wall.meter.Change(func(m *metersim.State) { m.Prices[0] = fen }))
	case "served":
		ts.Check(s.wall.served(what, args[2], args[3]))
	default:
		ts.Fatalf("meter %s: unknown", args[0])
	}
}

// served makes it a meter that another program has run.
func (w *wall) served(count, loaded, burnt string) error {
	var n [3]int64
	for i, text := range []string{count, loaded, burnt} {
		var err error
		if n[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return err
		}
	}
	return w.meter.Change(func(s *metersim.State) {
		s.Count, s.Loaded, s.Consumed, s.LastCredit, s.ValveOpen = uint32(n[0]), n[1], n[2], 10_000, n[1] > n[2]
	})
}

func (w *wall) plug(fault metersim.Fault) error {
	return w.hang(fault, metersim.CJT188Line{}, &metersim.CJT188{Type: metersim.Gas, Meter: w.meter})
}

// hang hangs a meter on a new line.
func (w *wall) hang(fault metersim.Fault, speaks metersim.Protocol, slave metersim.Slave) error {
	w.unplug()
	pty, err := metersim.OpenPTY()
	if err != nil {
		return err
	}
	pull := sync.OnceFunc(func() {
		_ = os.Remove(w.port)
		_ = pty.Close()
	})
	plan := metersim.Always(fault)
	if fault == "unplugged" {
		plan = func(*rand.Rand) metersim.Fault { pull(); return metersim.Silence }
	}
	bus := metersim.NewBus(metersim.Line{Baud: lineBaud, Think: time.Millisecond, Faults: plan, Seed: 1, Log: io.Discard, Protocol: speaks})
	bus.Join(slave)
	if err := os.Symlink(pty.Path, w.port); err != nil {
		pull()
		return err
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = bus.Serve(pty) }) // ends with the line
	w.unplug = func() { pull(); serving.Wait() }
	return nil
}

// toMeter takes the card from the reader to the meter and back.
func (s *site) toMeter() error {
	card := s.seat.Card()
	if err := s.seat.pull(); err != nil {
		return err
	}
	if err := s.wall.meter.Advance(cardTime); err != nil {
		return err
	}
	slot := cardsim.NewSlot("meter")
	slot.Insert(card)
	defer slot.Pull()
	link, err := slot.Connect(context.Background())
	if err != nil {
		return err
	}
	defer link.Close()
	if err := s.wall.meter.Insert(link); err != nil {
		return err
	}
	slot.Pull()
	return s.seat.insert(card)
}
