package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/link"
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

// modelFor is the model that is built in for what a meter speaks and counts.
func modelFor(p vending.Protocol, counts ledger.Commodity) string {
	switch {
	case p == vending.CJT188 && counts == ledger.CNY:
		return "cjt188-money"
	case p == vending.CJT188 && counts == ledger.WattHour:
		return "cjt188-heat"
	case p == vending.CJT188:
		return "cjt188-gas"
	case p == vending.DLT645 && counts == ledger.CNY:
		return "dlt645-money"
	}
	return string(p)
}

// modelName is the model of a meter in the books.
func modelName(ctx context.Context, s *store.Store, m vending.LineMeter) (string, error) {
	_, meters, err := s.Customer(ctx, m.Customer)
	if err != nil {
		return "", err
	}
	var counts ledger.Commodity
	for _, its := range meters {
		if its.No == m.Meter {
			counts = its.Commodity
		}
	}
	return modelFor(m.Protocol, counts), nil
}

// wireTo is the wire to a meter in the books; close it with the line.
func (a *app) wireTo(ctx context.Context, s *store.Store, m vending.LineMeter) (*intake.Wire, *link.Line, error) {
	name, err := modelName(ctx, s, m)
	if err != nil {
		return nil, nil, err
	}
	model, err := models(nil).named(name)
	if err != nil {
		return nil, nil, err
	}
	driver, err := model.driver(place{line: lineOf(m)})
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("model %s: %w", name, err)}
	}
	line, err := a.openLine(m)
	if err != nil {
		return nil, nil, err
	}
	return &intake.Wire{Store: s, Line: line, Driver: driver, Meter: m.Meter, Address: m.Address,
		Holder: fmt.Sprintf("%012d", m.Customer), Rolls: builtIn()[model.Base].rolls, Now: time.Now}, line, nil
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
