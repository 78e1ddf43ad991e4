package main

import (
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/mbus"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// base is a model that is built in: how its meters are asked, and what all of them have in common.
type base struct {
	takes  []string // keys of a description, beside base and gap
	baud   int      // of its lines, unless somebody says otherwise
	parity string   // the same; "": even
	text   bool     // its lines have 7 data bits where they have a parity
	rolls  bool     // its registers have eight digits and begin again; of other protocols each says its own width (meterproto.Register.Span)
	make   func(modelConfig, berth) (gateway.Driver, error)
}

// The rate of most meters on serial lines, of those of the 1997 edition of DL/T 645, of sign-on in IEC 62056-21, and of P1 ports.
const (
	usualBaud = 2400
	baud1997  = 1200
	baudIEC   = 300
	baudP1    = 115_200
)

// builtIn are the models that need no description, but for the register map of Modbus. The first word is the protocol.
func builtIn() map[string]base {
	money := gateway.Gas()
	money.Credit = cjt188.CreditMoney
	sold, unsold := gateway.Electricity(), gateway.Electricity()
	unsold.Prepaid = false
	return map[string]base{
		"cjt188-gas":   ofCJT188(gateway.Gas()),
		"cjt188-money": ofCJT188(money),
		"cjt188-water": ofCJT188(gateway.Water()),
		"cjt188-heat":  ofCJT188(gateway.Heat()),
		"dlt645":       ofDLT645(unsold),
		"dlt645-money": ofDLT645(sold),
		"dlt645-1997": {baud: baud1997, rolls: true, make: func(modelConfig, berth) (gateway.Driver, error) {
			return gateway.Electricity97(), nil
		}},
		"mbus": {baud: usualBaud, make: func(_ modelConfig, at berth) (gateway.Driver, error) {
			return gateway.MBus{Timing: mbus.Timing(at.line.rate())}, nil
		}},
		"modbus": {takes: []string{"map"}, baud: usualBaud, make: func(m modelConfig, at berth) (gateway.Driver, error) {
			registers, err := m.registers()
			return gateway.Modbus{Map: registers, TCP: at.line.ModbusTCP, Timing: modbus.Timing(at.line.rate()), SER: at.ser}, err
		}},
		"iec62056-21": {takes: []string{"rolls"}, baud: baudIEC, text: true, make: func(m modelConfig, _ berth) (gateway.Driver, error) {
			d := gateway.Text()
			d.Rolls = m.Rolls
			return d, nil
		}},
		"iec62056-21-push": {takes: []string{"rolls", "wait"}, baud: baudP1, parity: "none", text: true, make: describedPush},
	}
}

// longestWait is what a loan of a line allows, less the time of a telegram at 300 baud.
const longestWait = time.Minute

// describedPush are meters that send by themselves.
func describedPush(m modelConfig, _ berth) (gateway.Driver, error) {
	d := gateway.Pushed()
	d.Rolls = m.Rolls
	if m.Wait != 0 {
		d.Wait = time.Duration(m.Wait)
	}
	if d.Wait < time.Second || d.Wait > longestWait {
		return nil, fmt.Errorf("wait %v: want 1s to %v", d.Wait, longestWait)
	}
	return d, nil
}

// bits are the data bits of a line with that parity, 0 for the usual 8: the text protocol's 7E1, or 8N1, where its codec cuts a
// parity off.
func (b base) bits(parity string) int {
	if b.text && parity != "none" {
		return 7
	}
	return 0
}

// ownParity is the parity of its lines, unless somebody says otherwise.
func (b base) ownParity() string {
	if b.parity == "" {
		return "even"
	}
	return b.parity
}

// ofDLT645 are meters of the 2007 edition.
func ofDLT645(d gateway.DLT645) base {
	return base{takes: []string{"credit", "ladder"}, baud: usualBaud, rolls: true, make: func(m modelConfig, _ berth) (gateway.Driver, error) {
		return described645(d, m)
	}}
}

func described645(d gateway.DLT645, m modelConfig) (gateway.Driver, error) {
	prepaid, ok := map[string]bool{"": d.Prepaid, "none": false, "money": true}[m.Credit]
	if !ok {
		return nil, fmt.Errorf("credit %q: want money or none", m.Credit)
	}
	d.Prepaid = prepaid
	for _, name := range m.Ladder {
		switch name {
		case "alone":
			d.LadderAlone = true
		case "with-tariff":
			d.LadderWithTariff = true
		default:
			return nil, fmt.Errorf("ladder %q: want alone or with-tariff", name)
		}
	}
	return d, nil
}

// ofCJT188 are meters of CJ/T 188.
func ofCJT188(d gateway.CJT188) base {
	takes := []string{"credit", "di_first", "preamble", "layout", "idle"}
	return base{takes: takes, baud: usualBaud, rolls: true, make: func(m modelConfig, at berth) (gateway.Driver, error) {
		d.SER = at.ser
		return described188(d, m)
	}}
}

// described188 departs from d where the description does.
func described188(d gateway.CJT188, m modelConfig) (gateway.Driver, error) {
	credit, err := cjt188.CreditOf(m.Credit, d.Credit)
	if err != nil {
		return nil, err
	}
	order, ok := map[string]cjt188.DIOrder{"": d.Order, "high": cjt188.HighFirst, "low": cjt188.LowFirst}[m.DIFirst]
	if !ok {
		return nil, fmt.Errorf("di_first %q: want high or low", m.DIFirst)
	}
	d.Credit, d.Order = credit, order
	if m.Preamble != nil {
		d.Preamble = *m.Preamble
	}
	if m.Idle != 0 {
		d.Timing.Idle = time.Duration(m.Idle)
	}
	if d.Layout, err = layoutOf(m.Layout); err != nil {
		return nil, err
	}
	return d, d.Check()
}

// layoutOf is how a model departs from the standard.
func layoutOf(names []string) (l cjt188.Layout, err error) {
	for _, name := range names {
		switch name {
		case "unit-first":
			l.UnitFirst = true
		case "high-first":
			l.HighFirst = true
		case "time-high-first":
			l.TimeHighFirst = true
		case "plus-33":
			l.Plus33 = true
		default:
			return l, fmt.Errorf("layout %q: want unit-first, high-first, time-high-first or plus-33", name)
		}
	}
	return l, nil
}
