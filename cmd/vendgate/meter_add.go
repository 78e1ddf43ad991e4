package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type meterAddOptions struct {
	meter    vending.LineMeter
	protocol string
	id       string
	dryRun   bool
	readOnly bool
}

func meterAddCommand(a *app) *cobra.Command {
	var o meterAddOptions
	c := &cobra.Command{
		Use:   "add",
		Short: "Say over which line a customer's meter is asked, and sell on it",
		Long: `Say over which line a customer's meter is asked. The meter is then what credit is sold on, as a card is: it must answer,
show what the books hold, and have no card that lives (RULES C1): one that has a card, or has counted purchases which the books do not
know, is taken over (meter take-over). --read-only only reads it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterAdd(c.Context(), a, o) },
	}
	meterFlag(c, &o.meter.Meter)
	f := c.Flags()
	f.StringVar(&o.meter.Line, "line", "", "serial port, as /dev/ttyUSB0, tcp://host:port, or dtu://ID behind the gateway of this machine")
	f.StringVar(&o.protocol, "protocol", string(vending.CJT188), "cjt188, dlt645, mbus, modbus or iec62056-21")
	f.IntVar(&o.meter.Baud, "baud", 2400, "baud rate")
	f.StringVar(&o.meter.Parity, "parity", "even", "parity: even, odd or none")
	f.StringVar(&o.meter.Address, "address", "", "address on the line (default: the meter number)")
	f.BoolVar(&o.readOnly, "read-only", false, "nothing is sold on it over the line")
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runMeterAdd(ctx context.Context, a *app, o meterAddOptions) error {
	o.meter.Protocol = vending.Protocol(o.protocol)
	if o.meter.Address == "" {
		o.meter.Address = o.meter.Meter
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) (err error) {
		if o.dryRun {
			d = d.Rehearsal()
		}
		if o.meter.Customer, err = d.Store.MeterOwner(ctx, o.meter.Meter); err != nil {
			return err
		}
		done, err := d.PutOnLine(ctx, deed, o.meter)
		if err != nil {
			return err
		}
		r := lineMeterRecord(o.meter)
		if !o.readOnly && !o.dryRun {
			card, err := a.joins(ctx, d, o.meter)
			if err != nil {
				return err
			}
			r = append(r, field{key: "sold_as", value: card.No})
		}
		return a.didOne(done || o.dryRun, r)
	})
}

// joins makes the meter what credit is sold on.
func (a *app) joins(ctx context.Context, d *counter.Desk, m vending.LineMeter) (vending.Card, error) {
	w, line, err := a.wireTo(ctx, d.Store, m)
	if err != nil {
		return vending.Card{}, err
	}
	defer line.Close()
	card, _, err := d.IssueCard(ctx, d.OnLine(m, w), m.Customer, m.Meter)
	return card, err
}

func lineMeterRecord(m vending.LineMeter) record {
	return record{
		{key: "meter", value: m.Meter}, {key: "customer", value: m.Customer}, {key: "protocol", value: string(m.Protocol)}, {key: "line", value: m.Line},
		{key: "baud", value: m.Baud}, {key: "parity", value: m.Parity}, {key: "address", value: m.Address},
	}
}
