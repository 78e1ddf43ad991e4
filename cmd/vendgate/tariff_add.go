package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

type tariffAddOptions struct {
	file, id string
	dryRun   bool
}

func tariffAddCommand(a *app) *cobra.Command {
	var o tariffAddOptions
	c := &cobra.Command{
		Use:   "add FILE",
		Short: "Add a version of a price list; what is there is never changed",
		Long: `Add a version of a price list, from a file ("-" is standard input). The first
version of a code makes the price list; a later one must begin after the last,
an hour from now at the earliest. What is there is never changed.

  {
    "code": "gas-residential",     a to z, 0 to 9, - and _
    "class": "residential",        or bulk, commercial, collective, industrial, public
    "region": "",                  where it applies
    "from": "2026-04-01",          counts from this midnight, in China
    "commodity": "L",              litres of gas or water, or Wh of heat or electricity; CNY: below
    "step": 10,                    units that credit is sold in
    "tiers": [                     units of a tier year; fen per 1,000 units
      {"from": 0, "to": 350000, "price_fen": 263},
      {"from": 350000, "price_fen": 316}
    ],
    "year_start": "01-01",         or where a heating year begins, as 11-15
    "counted": "purchases",        or consumption
    "pro_rata": false,             who is there for a part of the year has that part of the tiers
    "allowance": {"above": 4, "units": 80000},     more for each person above
    "fixed": [{"code": "basic", "fen": 60000, "every": "season", "start": "11-15", "end": "03-15"}],
    "vat_bp": 900,                 basis points
    "limits": {"purchase_fen": 0, "purchase_units": 0, "month_fen": 0, "month_units": 0,
               "hoarding": {"days": 30, "units": 60000, "percent": 200}}
  }

code, class, from, commodity, step and tiers must be there. A hoarding limit
counts in the days before the price rises: so many units, or so many percent of
what the customer buys in a month, whichever is more.

At meters that count money the commodity is CNY, "measures" is L or Wh, and the step
1: what is paid is what the meter gets. The tiers are the meter's own prices, which
are sent to it (price-change). allowance, pro_rata, counted and limits by units are
not for them.`,
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			o.file = args[0]
			return runTariffAdd(c.Context(), a, o, c.InOrStdin())
		},
	}
	c.Flags().StringVar(&o.id, "id", "", "UUID of this change (default: a new one, which is printed)")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "say whether it could be added; change nothing")
	return c
}

func oneFile(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(c, args); err != nil {
		return usageError{err}
	}
	return nil
}

// mostTariffFile bounds what is read: a tariff has a few lines.
const mostTariffFile = 1 << 20

func readTariff(file string, in io.Reader) (vending.Tariff, error) {
	data, err := readText(file, in, mostTariffFile)
	if err != nil {
		return vending.Tariff{}, err
	}
	return vending.ParseTariff(data)
}

// readText reads a file, or in where it is called "-", of so many bytes at most.
func readText(file string, in io.Reader, most int64) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usageError{err}
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", file, most)
	}
	if err != nil {
		return nil, usageError{err}
	}
	return data, nil
}

func runTariffAdd(ctx context.Context, a *app, o tariffAddOptions, in io.Reader) error {
	version, err := readTariff(o.file, in)
	if err != nil {
		return err
	}
	return a.withStore(ctx, func(s *store.Store) error {
		if o.dryRun {
			versions, err := s.Versions(ctx, version.Code)
			if err != nil && !errors.Is(err, vending.ErrNoTariff) {
				return err
			}
			if _, err := versions.Add(version, time.Now(), vending.PriceNotice); err != nil {
				return err
			}
			return a.printOne(tariffRecord(version))
		}
		deed, err := a.deed(ctx, s, "tariff added", o.id, version)
		if err != nil {
			return err
		}
		err = s.AddTariff(ctx, deed, version)
		if errors.Is(err, vending.ErrRepeated) {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
			err = nil
		}
		if err != nil {
			return err
		}
		return a.printOne(tariffRecord(version))
	})
}
