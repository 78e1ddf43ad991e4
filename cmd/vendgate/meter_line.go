package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/meterproto/mbus"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

var parities = map[string]link.Parity{"even": link.Even, "odd": link.Odd, "none": link.None}

// overTCP begins a line that is behind a serial server.
const overTCP = "tcp://"

// overDTU begins a line behind a DTU that dials in at the gateway of this machine.
const overDTU = "dtu://"

// meterFlag names the meter that a command is about.
func meterFlag(c *cobra.Command, meter *string) {
	c.Flags().StringVar(meter, "meter", "", "meter number, 14 digits")
	_ = c.MarkFlagRequired("meter") // there is such a flag
}

// openLine opens the line of a meter, or borrows it of the gateway that holds it.
func (a *app) openLine(m vending.LineMeter) (*link.Line, error) {
	mode := link.Mode{Baud: m.Baud, Parity: parities[m.Parity]}
	if m.Protocol == vending.IEC62056 {
		mode.Bits = 7
	}
	if line, err := a.borrow(m.Line, mode); line != nil || err != nil {
		return line, err
	}
	if address, ok := strings.CutPrefix(m.Line, overTCP); ok {
		return link.Dial(address, mode)
	}
	return link.Open(m.Line, mode)
}

// driverOf is how a meter is asked that counts something. Purchases and relays of DL/T 645 want a key service, which
// none is wired to yet.
func driverOf(m vending.LineMeter, counts ledger.Commodity) (gateway.Driver, error) {
	switch m.Protocol {
	case vending.CJT188:
		return cjt188Driver(counts), nil
	case vending.DLT645:
		return dlt645Driver(counts), nil
	case vending.MBus:
		return gateway.MBus{Timing: mbus.Timing(m.Baud)}, nil
	case vending.IEC62056:
		return gateway.Text(), nil
	}
	return nil, usageError{fmt.Errorf("a %s meter needs a map of its registers: name it in the configuration of vendgate gateway", m.Protocol)}
}

// unsold is a driver of meters that are not sold in, but may be switched and set.
type unsold struct {
	gateway.Driver
	gateway.Shutter
	gateway.ClockSetter
}

// dlt645Driver asks for purchases only where they are counted: other meters refuse the question.
func dlt645Driver(counts ledger.Commodity) gateway.Driver {
	d := gateway.Electricity()
	if counts == ledger.CNY {
		return d
	}
	return unsold{d, d, d}
}

func cjt188Driver(counts ledger.Commodity) gateway.Driver {
	d := gateway.Gas()
	switch counts {
	case ledger.WattHour:
		d = gateway.Heat()
	case ledger.CNY:
		d.Credit = cjt188.CreditMoney
	}
	return d
}

// wireTo is the wire to a meter in the books; close it with the line.
func (a *app) wireTo(ctx context.Context, s *store.Store, m vending.LineMeter) (*intake.Wire, *link.Line, error) {
	_, meters, err := s.Customer(ctx, m.Customer)
	if err != nil {
		return nil, nil, err
	}
	var counts ledger.Commodity
	for _, its := range meters {
		if its.No == m.Meter {
			counts = its.Commodity
		}
	}
	driver, err := driverOf(m, counts)
	if err != nil {
		return nil, nil, err
	}
	line, err := a.openLine(m)
	if err != nil {
		return nil, nil, err
	}
	rolls := m.Protocol == vending.CJT188 || m.Protocol == vending.DLT645
	return &intake.Wire{Store: s, Line: line, Driver: driver, Meter: m.Meter, Address: m.Address,
		Holder: m.Holder(), Rolls: rolls, Now: time.Now}, line, nil
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
