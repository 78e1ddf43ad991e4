package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

type tariffShowOptions struct{ code, at string }

func tariffShowCommand(a *app) *cobra.Command {
	var o tariffShowOptions
	c := &cobra.Command{
		Use:   "show CODE",
		Short: "Show the version of a price list that is in force; -o json writes it as tariff add reads it",
		Args:  oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			o.code = args[0]
			return runTariffShow(c.Context(), a, o)
		},
	}
	c.Flags().StringVar(&o.at, "at", "", "instant, as 2026-04-01 (its midnight) or 2026-04-01T09:00:00+08:00 (default: now)")
	return c
}

// instant reads a day, which is its midnight, or a time; empty is now.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, nil
	}
	if at, err := time.ParseInLocation(time.DateOnly, s, vending.Zone); err == nil {
		return at, nil
	}
	_, err := vending.ParseDate(s)
	return time.Time{}, err
}

func runTariffShow(ctx context.Context, a *app, o tariffShowOptions) error {
	at, err := instant(o.at)
	if err != nil {
		return err
	}
	return a.withStore(ctx, func(s *store.Store) error {
		t, err := s.TariffAt(ctx, o.code, at)
		if err != nil {
			return err
		}
		if a.output == "json" {
			return a.printJSON(t)
		}
		return a.printOne(tariffRecord(t))
	})
}
