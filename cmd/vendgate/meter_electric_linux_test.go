package main

import (
	"bytes"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// electricNumber is what an electricity meter is called on its line.
const electricNumber = "100000000001"

// chipped gives a customer another meter: a new one for electricity, with a chip that a factory made of a key file.
func (s *site) chipped(keys, passphrase, customer string) error {
	root, _, err := metersim.FactoryRoot(keys, passphrase)
	if err != nil {
		return err
	}
	m, err := metersim.New(metersim.Config{Number: electricNumber, Start: time.Now()})
	if err != nil {
		return err
	}
	address, err := dlt645.ParseAddress(electricNumber)
	if err != nil {
		return err
	}
	chip := &metersim.ESAM{Root: root}
	s.keepSecret("root of a chip", root[:])
	for _, purpose := range []string{metersim.ForIdentity, metersim.ForPurse, metersim.ForControl} {
		key := chip.Key(purpose, address)
		s.keepSecret(purpose+" of a chip", key[:])
	}
	s.wall.meter = m
	s.wall.electric = &metersim.DLT645{Meter: m, Customer: strings.Repeat("0", 12-len(customer)) + customer, Hoard: 100_000, ESAM: chip}
	return m.Change(func(s *metersim.State) { s.Prices[0] = 50 })
}

// deafens is a meter whose line loses the answer to an order, or all from there on.
type deafens struct {
	*metersim.DLT645
	all, now bool
}

// order is how the identifier of an order stands on the line.
const order = "\x32\x35\x34\x3A"

// Answer is the meter's, unless the line has it.
func (d *deafens) Answer(request []byte) []byte {
	answer := d.DLT645.Answer(request)
	ordered := bytes.Contains(request, []byte(order))
	d.now = d.now || ordered && d.all
	if d.now || ordered {
		return nil
	}
	return answer
}

// plugElectric hangs the electricity meter on the line instead.
func (w *wall) plugElectric(ts *testscript.TestScript, fault string) error {
	if w.electric == nil {
		ts.Fatalf("meter electric: give it a chip first")
	}
	var slave metersim.Slave = w.electric
	switch fault {
	case "order lost":
		slave, fault = &deafens{DLT645: w.electric}, ""
	case "lost from order":
		slave, fault = &deafens{DLT645: w.electric, all: true}, ""
	}
	return w.hang(metersim.Fault(fault), metersim.DLT645Line{}, slave)
}
