package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

type meterAddOptions struct {
	meter     vending.LineMeter
	protocol  string
	ownBaud   bool // the rate of the model
	ownParity bool // and its parity
	id        string
	dryRun    bool
	readOnly  bool
}

func meterAddCommand(a *app) *cobra.Command {
	var o meterAddOptions
	c := &cobra.Command{
		Use:   "add",
		Short: "Say over which line a customer's meter is asked, and sell on it",
		Long: `Say over which line a customer's meter is asked. The meter is then what credit is sold on, as a card is: it must answer,
show what the books hold, and have no card that lives (RULES C1): one that has a card, or has counted purchases which the books do not
know, is taken over (meter take-over). --read-only only reads it: the gateway brings it
no prices either.

How it is asked is its model: one that is built in, by the protocol and by what the meter counts, or the --model that was described
for meters which depart from the standard, and for all of Modbus (vendgate meter model add).`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.meter.Model != "" && c.Flags().Changed("protocol") {
				return usageError{errors.New("a --model has its protocol: leave --protocol out")}
			}
			o.ownBaud, o.ownParity = !c.Flags().Changed("baud"), !c.Flags().Changed("parity")
			return runMeterAdd(c.Context(), a, o)
		},
	}
	meterFlag(c, &o.meter.Meter)
	f := c.Flags()
	f.StringVar(&o.meter.Line, "line", "", "serial port, as /dev/ttyUSB0, tcp://host:port, modbus-tcp://host:port, or dtu://ID behind the gateway of this machine")
	f.StringVar(&o.meter.Model, "model", "", "how it is asked: vendgate meter model list (default: as --protocol says)")
	f.StringVar(&o.protocol, "protocol", "cjt188", "cjt188, dlt645, mbus or iec62056-21: the model that is built in for what the meter counts")
	f.IntVar(&o.meter.Baud, "baud", 0, "baud rate (default: 2400; 1200 of dlt645-1997, 115200 of iec62056-21-push)")
	f.StringVar(&o.meter.Parity, "parity", "", "parity: even, odd or none (default: even; none of iec62056-21-push)")
	f.StringVar(&o.meter.Address, "address", "", "address on the line (default: the meter number)")
	f.BoolVar(&o.readOnly, "read-only", false, "nothing is sold on it over the line")
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runMeterAdd(ctx context.Context, a *app, o meterAddOptions) error {
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) (err error) {
		if o.dryRun {
			d = d.Rehearsal()
		}
		if o.meter, err = o.whole(ctx, d.Store); err != nil {
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

// whole is the meter with what the flags leave to the books and to its model.
func (o meterAddOptions) whole(ctx context.Context, s *store.Store) (m vending.LineMeter, err error) {
	m = o.meter
	if m.Customer, err = s.MeterOwner(ctx, m.Meter); err != nil {
		return m, err
	}
	if m.Address == "" {
		m.Address = m.Meter
	}
	if m.Model == "" {
		if m.Model, err = builtInFor(ctx, s, m, o.protocol); err != nil {
			return m, err
		}
	}
	model, err := modelInBooks(ctx, s, m.Model)
	if err != nil {
		return m, err
	}
	if o.ownBaud {
		m.Baud = builtIn()[model.Base].baud
	}
	if o.ownParity {
		m.Parity = builtIn()[model.Base].ownParity()
	}
	if err := m.Valid(); err != nil {
		return m, err
	}
	_, _, err = driverIn(m, model)
	return m, err
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
		{key: "meter", value: m.Meter}, {key: "customer", value: m.Customer}, {key: "model", value: m.Model}, {key: "line", value: m.Line},
		{key: "baud", value: m.Baud}, {key: "parity", value: m.Parity}, {key: "address", value: m.Address},
	}
}
