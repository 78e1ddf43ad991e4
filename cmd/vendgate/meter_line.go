package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

var parities = map[string]link.Parity{"even": link.Even, "odd": link.Odd, "none": link.None}

// How lines begin that are no serial ports.
const (
	overTCP       = "tcp://"        // behind a serial server
	overModbusTCP = "modbus-tcp://" // frames of Modbus TCP, instead of a serial line's
	overDTU       = "dtu://"        // behind a DTU that dials in at the gateway of this machine
)

// meterFlag names the meter that a command is about.
func meterFlag(c *cobra.Command, meter *string) {
	c.Flags().StringVar(meter, "meter", "", "meter number, 14 digits")
	_ = c.MarkFlagRequired("meter") // there is such a flag
}

// lineOf is the line of a meter in the books.
func lineOf(m vending.LineMeter, model modelConfig) lineConfig {
	l := lineConfig{Baud: m.Baud, Parity: m.Parity, Bits: builtIn()[model.Base].bits(m.Parity)}
	for scheme, is := range map[string]*string{overTCP: &l.TCP, overModbusTCP: &l.TCP, overDTU: &l.DTU} {
		if address, ok := strings.CutPrefix(m.Line, scheme); ok {
			*is, l.ModbusTCP = address, scheme == overModbusTCP
			return l
		}
	}
	l.Port = m.Line
	return l
}

// openLine opens a line, or borrows it of the gateway that holds it.
func (a *app) openLine(l lineConfig) (*link.Line, error) {
	if line, err := a.borrow(l); line != nil || err != nil {
		return line, err
	}
	return l.open(nil)
}

// driverIn is how a meter in the books is asked on its line.
func driverIn(m vending.LineMeter, model modelConfig) (gateway.Driver, lineConfig, error) {
	l := lineOf(m, model)
	d, err := model.driver(berth{line: l})
	if err != nil {
		return nil, l, usageError{fmt.Errorf("meter %s, model %s: %w", m.Meter, m.Model, err)}
	}
	return d, l, nil
}

// wireTo is the wire to a meter in the books; close it with the line.
func (a *app) wireTo(ctx context.Context, s *store.Store, m vending.LineMeter) (*intake.Wire, *link.Line, error) {
	model, err := modelInBooks(ctx, s, m.Model)
	if err != nil {
		return nil, nil, err
	}
	driver, l, err := driverIn(m, model)
	if err != nil {
		return nil, nil, err
	}
	passwords, err := a.meterPasswords()
	if err != nil {
		return nil, nil, err
	}
	driver = passwords.of(driver)
	line, err := a.openLine(l)
	if err != nil {
		return nil, nil, err
	}
	return &intake.Wire{Store: s, Line: line, Driver: driver, Meter: m.Meter, Address: m.Address,
		Holder: m.Holder(), Rolls: builtIn()[model.Base].rolls, Now: time.Now}, line, nil
}

// withMeter opens the line of a meter that is on one, for as long as do runs.
func (a *app) withMeter(ctx context.Context, meter string, do func(*counter.Desk, vending.LineMeter, *intake.Wire) error) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		m, err := d.Store.LineMeter(ctx, meter)
		if err != nil {
			return err
		}
		w, line, err := a.wireTo(ctx, d.Store, m)
		if err != nil {
			return err
		}
		defer line.Close()
		return do(d, m, w)
	})
}
