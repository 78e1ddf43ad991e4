package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type meterModelAddOptions struct {
	file, id string
	replace  bool
	dryRun   bool
}

func meterModelAddCommand(a *app) *cobra.Command {
	var o meterModelAddOptions
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Describe how the meters of a model are asked, for all machines of the company",
		Long: `Describe how the meters of a model are asked, for all machines of the company, in a JSON file. All but base may be left out:

  {
    "base": "cjt188-gas",            a model that is built in: vendgate meter model list
    "gap": "1s",                     that a meter needs between two conversations
    "credit": "money",               none; DL/T 645: money; CJ/T 188: ` + strings.Join(cjt188.CreditNames(), ", ") + `
    "di_first": "high",              CJ/T 188: which byte of the data identifier goes first: high or low
    "preamble": 0,                   CJ/T 188: FE bytes before a request, 0 to 4
    "layout": ["unit-first"],        CJ/T 188: unit-first, high-first, time-high-first, plus-33
    "idle": "1s",                    CJ/T 188: silence before each request
    "ladder": ["alone"],             DL/T 645 that counts money: alone (no tariff's price is added), with-tariff (both change over at one instant)
    "rolls": true,                   iec62056-21, iec62056-21-push: registers begin again after as many digits as are printed
    "wait": "30s",                   iec62056-21-push: in which a telegram must have begun, 1s to 1m; without a CRC, the second one
    "map": "corrector.json"          Modbus: a register map, a file of one, or a shipped one; what a file holds is stored
  }

It is checked as a whole before it is stored. What is described already stays, unless --replace says otherwise, with a reason (--why): all
meters of the model are asked in the new way from then on, by a running gateway too. What it was is in the audit record.`,
		Args: oneArg,
		RunE: func(c *cobra.Command, args []string) error {
			return runMeterModelAdd(c.Context(), a, args[0], o, c.InOrStdin())
		},
	}
	c.Flags().StringVar(&o.file, "file", "", `file with the description; "-" is standard input`)
	c.Flags().BoolVar(&o.replace, "replace", false, "in the place of what is described")
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	_ = c.MarkFlagRequired("file") // there is such a flag
	return c
}

// mostModelFile bounds what is read.
const mostModelFile = 1 << 20

func runMeterModelAdd(ctx context.Context, a *app, name string, o meterModelAddOptions, in io.Reader) error {
	text, err := readText(o.file, in, mostModelFile)
	if err != nil {
		return err
	}
	m, err := newModel(text)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", o.file, err)}
	}
	if _, taken := builtIn()[name]; taken {
		return usageError{fmt.Errorf("model %s is built in: give yours another name", name)}
	}
	stored, err := m.stored(name)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		done, err := d.DescribeModel(ctx, deed, stored, o.replace)
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, append(record{{key: "id", value: deed.ID.String()}}, modelRecord(name, m)...))
	})
}
