package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

type meterReadOptions struct {
	line, parity, meter, model, address string
	transcript, replay                  string
	baud                                int
	ownBaud, ownParity                  bool // those of the model
	dryRun                              bool
}

func meterReadCommand(a *app) *cobra.Command {
	var o meterReadOptions
	c := &cobra.Command{
		Use:   "read",
		Short: "Read a meter on a line and take its report into the books",
		Long: `Read a meter on a line and take its report into the books: over the line on which it is (meter add), or over --line, as a --model.

A report that jumps is held and not posted (RULES D4): it ends with 3 then, and meter held lists it. One that counts money is asked
what it charges, too: it ends with 3 where that is no version's price.

A meter that sends by itself (model iec62056-21-push: P1 ports, mode D) is not asked: the next telegram that is whole, proved and of this
meter is taken, or of a meter behind it that the telegram names (its --address is the equipment number there).

Where it fails and nobody sees why, --transcript writes down every byte that went over the line; whoever gets that file sees with
--replay what the meter said, without the meter and without the books. It holds the meter's number and what was said, no customer.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, other := range []string{"line", "meter", "model", "address", "baud", "parity", "transcript"} {
				if o.replay != "" && c.Flags().Changed(other) {
					return usageError{fmt.Errorf("a transcript says all that --%s does: leave it out with --replay", other)}
				}
			}
			o.ownBaud, o.ownParity = !c.Flags().Changed("baud"), !c.Flags().Changed("parity")
			return runMeterRead(c.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.line, "line", "", "serial port, as /dev/ttyUSB0, or tcp://host:port (default: that of meter add)")
	f.StringVar(&o.model, "model", "", "with --line: how it is asked (default: as a meter of CJ/T 188)")
	f.StringVar(&o.address, "address", "", "with --line: address on it (default: the meter number)")
	f.IntVar(&o.baud, "baud", 0, "with --line: baud rate (default: the model's, mostly 2400)")
	f.StringVar(&o.parity, "parity", "", "with --line: even, odd or none (default: the model's, mostly even)")
	f.StringVar(&o.meter, "meter", "", "meter number, 14 digits")
	f.StringVar(&o.transcript, "transcript", "", "new file to which the exchange is written")
	f.StringVar(&o.replay, "replay", "", "decode that transcript instead; nothing is booked")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what the meter says; keep nothing")
	return c
}

func runMeterRead(ctx context.Context, a *app, o meterReadOptions) error {
	if o.replay != "" {
		return a.replayed(ctx, o.replay)
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		m, err := o.asked(ctx, d)
		if err != nil {
			return err
		}
		w, line, err := a.wireTo(ctx, d.Store, m)
		if err != nil {
			return err
		}
		defer line.Close()
		if o.transcript != "" {
			tape, err := taped(ctx, o.transcript, w, line, m)
			if err != nil {
				return err
			}
			defer tape.Close()
		}
		heard, err := w.Hear(ctx)
		if err != nil {
			return err
		}
		var took intake.Result
		if !o.dryRun {
			if took, err = intake.Take(ctx, d.Store, heard.Report, time.Now()); err != nil {
				return err
			}
		}
		if err := a.printOne(reportRecord(heard.Report, heard.Counts)); err != nil {
			return err
		}
		if err := a.read(heard, took); err != nil || o.dryRun || heard.Counts != ledger.CNY {
			return err
		}
		return a.askPrices(ctx, d, m, w)
	})
}

// askPrices takes in what a meter that counts money charges. One that refuses to say, says it in no known way, or is silent
// after it has been read, has no list to show.
func (a *app) askPrices(ctx context.Context, d *counter.Desk, m vending.LineMeter, w *intake.Wire) error {
	_, err := d.AskPrices(ctx, m, w)
	switch {
	case errors.Is(err, vending.ErrNotSettable), errors.Is(err, meterproto.ErrAbnormal),
		errors.Is(err, meterproto.ErrNoAnswer), errors.Is(err, meterproto.ErrLayout):
		return nil
	case errors.Is(err, vending.ErrPriceUnknown):
		return &remark{exitDifferences, a.words().Error(err)}
	}
	return err
}

// asked is how the meter is asked: as the books say, or as the flags do.
func (o meterReadOptions) asked(ctx context.Context, d *counter.Desk) (vending.LineMeter, error) {
	if o.line == "" {
		return d.Store.LineMeter(ctx, o.meter)
	}
	add := meterAddOptions{protocol: "cjt188", ownBaud: o.ownBaud, ownParity: o.ownParity, meter: vending.LineMeter{Meter: o.meter, Model: o.model, Line: o.line, Baud: o.baud,
		Parity: o.parity, Address: o.address}}
	return add.whole(ctx, d.Store)
}

// read says what is wrong with a reading that was taken in.
func (a *app) read(heard intake.Heard, took intake.Result) error {
	if heard.ClockOff != 0 {
		fmt.Fprintln(a.errs, a.words().Text("clock_off", "Meter", heard.Report.Meter, "Off", heard.ClockOff.Round(time.Second).String()))
	}
	if took.Held != "" {
		return &remark{exitDifferences, a.words().Text("report_held", "Meter", heard.Report.Meter)}
	}
	return nil
}

func reportRecord(r vending.Report, unit ledger.Commodity) record {
	return record{
		{key: "meter", value: r.Meter},
		{key: "customer", value: r.Customer},
		{key: "meter_time", value: r.MeterTime},
		{key: "loaded", value: r.Loaded, text: amount(r.Loaded, unit)},
		{key: "remaining", value: r.Remaining, text: amount(r.Remaining, unit)},
		{key: "consumed", value: r.Consumed, text: amount(r.Consumed, unit)},
		{key: "resolution", value: r.Resolution},
		{key: "unit", value: string(unit)},
		{key: "valve_open", value: r.ValveOpen},
		{key: "battery_low", value: r.BatteryLow},
	}
}
