package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/facts"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/iec62056"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/meterproto/mbus"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// busOptions name a line that need not be in the books, and what is spoken on it.
type busOptions struct {
	line, protocol, parity, registers string
	baud, bits                        int
}

func (o *busOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.line, "line", "", "serial port, as /dev/ttyUSB0, or tcp://host:port")
	f.StringVar(&o.protocol, "protocol", "cjt188", "what the meters speak: "+strings.Join(facts.Protocols(), ", "))
	f.IntVar(&o.baud, "baud", 2400, "baud rate")
	f.StringVar(&o.parity, "parity", "even", "parity: even, odd or none")
	f.IntVar(&o.bits, "bits", 8, "data bits: 7 or 8")
	f.StringVar(&o.registers, "map", "example-corrector-integer", "register map of modbus: a file, or a shipped one")
}

// open opens the line as the flags say.
func (o busOptions) open() (*link.Line, error) {
	parity, ok := parities[o.parity]
	if !ok || o.line == "" {
		return nil, usageError{fmt.Errorf("name the line with --line, and a parity of even, odd or none")}
	}
	if !slices.Contains(facts.Protocols(), o.protocol) {
		return nil, usageError{fmt.Errorf("--protocol %q: want one of %s", o.protocol, strings.Join(facts.Protocols(), ", "))}
	}
	mode := link.Mode{Baud: o.baud, Parity: parity, Bits: o.bits}
	if err := mode.Check(); err != nil {
		return nil, usageError{err}
	}
	if address, ok := strings.CutPrefix(o.line, overTCP); ok {
		return link.Dial(address, mode)
	}
	return link.Open(o.line, mode)
}

// driver asks each meter once: whoever scans asks many that are not there.
func (o busOptions) driver() (gateway.Driver, error) {
	switch o.protocol {
	case "dlt645":
		d := gateway.Electricity()
		d.Timing.Retries = 0
		return d, nil
	case "mbus":
		d := gateway.MBus{Timing: mbus.Timing(o.baud)}
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
		d := gateway.Modbus{Map: registers, Timing: modbus.Timing(o.baud)}
		d.Timing.Retries = 0
		return d, err
	}
	d := gateway.Water()
	d.Type, d.Timing.Retries = anyType, 0
	return d, nil
}

// anyType is T in a request to a meter of CJ/T 188 of which nobody knows what it measures.
const anyType = 0xAA
