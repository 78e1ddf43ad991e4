package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

type meterReadOptions struct {
	line, parity, meter string
	baud                int
	dryRun              bool
}

func meterReadCommand(a *app) *cobra.Command {
	var o meterReadOptions
	c := &cobra.Command{
		Use:   "read",
		Short: "Read a meter on a serial line (CJ/T 188) and take its report into the books",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeterRead(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.line, "line", "", "serial port, as /dev/ttyUSB0")
	f.IntVar(&o.baud, "baud", 2400, "baud rate")
	f.StringVar(&o.parity, "parity", "even", "parity: even, odd or none")
	f.StringVar(&o.meter, "meter", "", "meter number, 14 digits")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what the meter says; keep nothing")
	return c
}

var parities = map[string]link.Parity{"even": link.Even, "odd": link.Odd, "none": link.None}

func runMeterRead(ctx context.Context, a *app, o meterReadOptions) error {
	parity, ok := parities[o.parity]
	if !ok || o.line == "" {
		return usageError{fmt.Errorf("name the serial port with --line, and a parity of even, odd or none")}
	}
	if o.baud < 1 || o.baud > link.MaxBaud {
		return usageError{fmt.Errorf("baud rate %d: want 1 to %d", o.baud, link.MaxBaud)}
	}
	return a.withStore(ctx, func(s *store.Store) error {
		heard, err := readMeter(ctx, s, o, link.Mode{Baud: o.baud, Parity: parity})
		if err != nil {
			return err
		}
		if !o.dryRun {
			if _, err := intake.Take(ctx, s, heard.Report, time.Now()); err != nil {
				return err
			}
		}
		return a.printOne(reportRecord(heard.Report))
	})
}

func readMeter(ctx context.Context, s *store.Store, o meterReadOptions, mode link.Mode) (intake.Heard, error) {
	if _, err := s.MeterOwner(ctx, o.meter); err != nil {
		return intake.Heard{}, err
	}
	line, err := link.Open(o.line, mode)
	if err != nil {
		return intake.Heard{}, err
	}
	defer line.Close()
	w := &intake.Wire{Store: s, Line: line, Driver: gateway.Gas(), Meter: o.meter, Address: o.meter, Rolls: true, Now: time.Now}
	return w.Hear(ctx)
}

func reportRecord(r vending.Report) record {
	const unit = "L"
	return record{
		{key: "meter", value: r.Meter},
		{key: "customer", value: r.Customer},
		{key: "meter_time", value: r.MeterTime},
		{key: "loaded", value: r.Loaded, text: amount(r.Loaded, unit)},
		{key: "remaining", value: r.Remaining, text: amount(r.Remaining, unit)},
		{key: "consumed", value: r.Consumed, text: amount(r.Consumed, unit)},
		{key: "resolution", value: r.Resolution},
		{key: "unit", value: unit},
		{key: "valve_open", value: r.ValveOpen},
		{key: "battery_low", value: r.BatteryLow},
	}
}
