package main

import (
	"bytes"
	"strings"
	"time"

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
	s.wall.meter, s.wall.speaks = m, metersim.DLT645Line{}
	s.wall.hears = &metersim.DLT645{Meter: m, Customer: strings.Repeat("0", 12-len(customer)) + customer, Hoard: 100_000, ESAM: chip}
	return m.Change(func(s *metersim.State) {
		s.Prices[0] = 50
		s.Electric.Sets[0].Tariffs = [4]int64{26_300, 26_300, 26_300, 26_300} // 2.63 at all hours
	})
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

// losing is a fault of the line as a meter that has it, for what no fault of metersim knows: what an answer is to.
func losing(fault metersim.Fault, m metersim.Slave) (metersim.Fault, metersim.Slave) {
	electric, ok := m.(*metersim.DLT645)
	switch {
	case ok && fault == "order lost":
		return metersim.NoFault, &deafens{DLT645: electric}
	case ok && fault == "lost from order":
		return metersim.NoFault, &deafens{DLT645: electric, all: true}
	case fault == "lost from order":
		return metersim.NoFault, &mute{Slave: m}
	}
	return fault, m
}

// mute is a meter of CJ/T 188 that obeys, and is not heard from its first order on.
type mute struct {
	metersim.Slave
	lost bool
}

func (m *mute) Answer(request []byte) []byte {
	answer := m.Slave.Answer(request)
	const control, write = 9, 0x04
	if m.lost = m.lost || request[control] == write; m.lost {
		return nil
	}
	return answer
}
