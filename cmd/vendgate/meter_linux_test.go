package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
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

	sendsEach = 250 * time.Millisecond
)

// wall is the household's meter and the line that it hangs on. The port is a link
// to a pseudo-terminal: the kernel gives the number of one that is gone to the next
// one at once, which may be another test's.
type wall struct {
	meter  *metersim.Meter
	hears  metersim.Slave // the meter as its line hears it
	speaks metersim.Protocol
	push   time.Duration // it sends by itself, with such a pause
	port   string
	unplug func()
}

// installed is when the meters of the tests were.
var installed = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func newWall(keys *sam.File, port string) (*wall, error) {
	m, err := metersim.New(metersim.Config{Number: meterNumber, Keys: keys, Utility: 1, Unit: cardio.Litre, Start: installed})
	return &wall{meter: m, hears: &metersim.CJT188{Type: metersim.Gas, Meter: m}, speaks: metersim.CJT188Line{}, port: port, unplug: func() {}}, err
}

// cmdMeter is what the world does to the meter and its line.
//
//	meter line [FAULT]    a serial line, $LINE, on which every answer has that fault of metersim; "unplugged" pulls the adapter at the
//	                      first request; "order lost" loses the answer to an order of DL/T 645, "lost from order" of any
//	                      meter all from there on
//	meter is KIND         it is another kind of meter: "unit-first" of CJ/T 188, "heat" that shows GJ, "electric" of DL/T 645, number
//	                      000000000001, with passwords of its own, a ladder of three steps, and 2 kWh burnt; "modbus" or "modbus-tcp", unit 7, which has burnt 1.23 m³;
//	                      "p1", behind a P1 port that sends by itself, or "mode-d", which does: the same
//	meter chip KEYS PASSPHRASE-FILE CUSTOMER  it is one of DL/T 645 of that customer, number 100000000001, with a chip that was made of that key file
//	meter listen          its line is behind TCP, at $TCP
//	meter unplug          pull the adapter out
//	meter burn LITRES     let gas flow
//	meter prices FEN      somebody sets its first price by hand
//	meter served COUNT LITRES BURNT   another program has sold that to it
func cmdMeter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: meter line|is|chip|listen|unplug|burn|prices|served [ARG...]")
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
	case "is":
		ts.Check(s.wall.replace(what))
	case "listen":
		address, err := s.wall.listen()
		ts.Check(err)
		ts.Setenv("TCP", address)
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

// replace hangs a meter of another kind on the wall.
func (w *wall) replace(kind string) (err error) {
	switch kind {
	case "unit-first":
		w.hears = &metersim.CJT188{Type: metersim.Gas, Meter: w.meter, UnitFirst: true}
	case "heat":
		w.hears = &metersim.CJT188{Type: 0x25, Meter: w.meter, Heat: metersim.Heats{GJ: true}}
	case "electric":
		w.speaks = metersim.DLT645Line{}
		if w.meter, err = metersim.New(metersim.Config{Number: meterNumber[2:], Start: installed}); err != nil {
			return err
		}
		w.hears = &metersim.DLT645{Meter: w.meter, Password: [3]byte{0x33, 0x22, 0x11}, Password04: [3]byte{0x66, 0x55, 0x44}}
		return w.meter.Change(func(s *metersim.State) { s.Prices[0], s.Consumed, s.Loaded, s.Electric.Ladder = 50, 100, 200, 3 })
	case "modbus", "modbus-tcp":
		tcp := kind == "modbus-tcp"
		w.hears, w.speaks = &metersim.Modbus{Unit: 7, Meter: w.meter, TCP: tcp}, metersim.ModbusLine{TCP: tcp}
		return w.meter.Change(func(s *metersim.State) { s.Loaded, s.Consumed, s.ValveOpen = 100_000, 1230, true })
	case "p1", "mode-d":
		w.speaks, w.push = metersim.IEC62056Line{}, sendsEach
		w.hears = &metersim.P1{Meter: w.meter}
		if kind == "mode-d" {
			w.hears = &metersim.IEC62056{Meter: w.meter}
		}
		return w.meter.Change(func(s *metersim.State) { s.Loaded, s.Consumed, s.ValveOpen = 100_000, 1230, true })
	default:
		return fmt.Errorf("no kind of meter is called %q", kind)
	}
	return nil
}

// bus is the line with the meter on it.
func (w *wall) bus(plan metersim.FaultPlan, hears metersim.Slave) *metersim.Bus {
	bus := metersim.NewBus(metersim.Line{Baud: lineBaud, Think: time.Millisecond, Faults: plan, Seed: 1, Log: io.Discard, Protocol: w.speaks, Push: w.push})
	bus.Join(hears)
	return bus
}

// listen serves the line on TCP, and says where.
func (w *wall) listen() (address string, err error) {
	w.unplug()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.bus(metersim.Friendly(), w.hears).Listen(l) }) // ends with l
	w.unplug = sync.OnceFunc(func() { _ = l.Close(); serving.Wait() })
	return l.Addr().String(), nil
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
	w.unplug()
	pty, err := metersim.OpenPTY()
	if err != nil {
		return err
	}
	pull := sync.OnceFunc(func() {
		_ = os.Remove(w.port)
		_ = pty.Close()
	})
	fault, hears := losing(fault, w.hears)
	plan := metersim.Always(fault)
	if fault == "unplugged" {
		plan = func(*rand.Rand) metersim.Fault { pull(); return metersim.Silence }
	}
	bus := w.bus(plan, hears)
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
