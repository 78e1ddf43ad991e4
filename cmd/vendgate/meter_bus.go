package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/facts"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/iec62056"
	"github.com/vendgate/vendgate/meterproto/mbus"
	"github.com/vendgate/vendgate/meterproto/modbus"
	"github.com/vendgate/vendgate/vending"
)

// busOptions name a line that need not be in the books, and what is spoken on it.
type busOptions struct {
	line, protocol, parity, registers string
	baud, bits                        int
}

func (o *busOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.line, "line", "", "serial port, as /dev/ttyUSB0, tcp://host:port, modbus-tcp://host:port, or dtu://ID behind the gateway of this machine")
	f.StringVar(&o.protocol, "protocol", "cjt188", "what the meters speak: "+strings.Join(facts.Protocols(), ", "))
	f.IntVar(&o.baud, "baud", 0, "baud rate (default: 2400; 300 of iec62056-21)")
	f.StringVar(&o.parity, "parity", "even", "parity: even, odd or none")
	f.IntVar(&o.bits, "bits", 0, "data bits: 7 or 8 (default: 8; 7 of iec62056-21)")
	f.StringVar(&o.registers, "map", "example-corrector-integer", "register map of modbus: a file, or a shipped one")
}

// config is the line as the flags say.
func (o busOptions) config() (l lineConfig, err error) {
	if _, ok := parities[o.parity]; !ok || o.line == "" {
		return l, usageError{fmt.Errorf("name the line with --line, and a parity of even, odd or none")}
	}
	if !slices.Contains(facts.Protocols(), o.protocol) {
		return l, usageError{fmt.Errorf("--protocol %q: want one of %s", o.protocol, strings.Join(facts.Protocols(), ", "))}
	}
	usual := builtIn()[o.protocol]
	l = lineOf(vending.LineMeter{Line: o.line, Baud: cmp.Or(o.baud, usual.baud, usualBaud), Parity: o.parity}, modelConfig{})
	l.Bits = cmp.Or(o.bits, usual.bits(o.parity))
	if _, err = l.mode(); err != nil {
		err = usageError{err}
	}
	return l, err
}

// driver asks each meter on a line once: whoever scans asks many that are not there.
func (o busOptions) driver(l lineConfig) (gateway.Driver, error) {
	switch o.protocol {
	case "dlt645":
		d := gateway.Electricity()
		d.Timing.Retries = 0
		return d, nil
	case "mbus":
		d := gateway.MBus{Timing: mbus.Timing(l.rate())}
		d.Timing.Retries = 0
		return d, nil
	case "iec62056-21":
		d := gateway.IEC62056{Timing: iec62056.Timing()}
		d.Timing.Retries = 0
		return d, nil
	case "modbus":
		named, err := registerMap(o.registers)
		if err != nil {
			return nil, err
		}
		registers, err := modelConfig{Map: named}.registers()
		d := gateway.Modbus{Map: registers, TCP: l.ModbusTCP, Timing: modbus.Timing(l.rate())}
		d.Timing.Retries = 0
		return d, err
	}
	d := gateway.Water()
	d.Type, d.Timing.Retries = anyType, 0
	return d, nil
}

// anyType is T in a request to a meter of CJ/T 188 of which nobody knows what it measures.
const anyType = 0xAA
