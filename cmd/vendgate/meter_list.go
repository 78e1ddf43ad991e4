package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// waitingListed bounds how much of what waits is listed.
const waitingListed = 100_000

func meterListCommand(a *app) *cobra.Command {
	var waiting bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the meters on lines, or what waits for them",
		Long: `List the meters on lines. With --waiting, what waits for them instead, what waits longest first: prices in force that a meter which counts
money was not heard to charge, and purchases of which nobody knows how they ended. vendgate gateway does that; what it has given up, for the
meter declines it or cannot hold it, wants a person (meter prices) or other prices.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if waiting {
				return runMeterWaiting(c.Context(), a)
			}
			return runMeterList(c.Context(), a)
		},
	}
	c.Flags().BoolVar(&waiting, "waiting", false, "what waits for meters: prices, and purchases in doubt")
	return c
}

func runMeterList(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.LineMeters(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, m := range list {
			rs = append(rs, lineMeterRecord(m))
		}
		return a.printList(rs)
	})
}

func runMeterWaiting(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.Waiting(ctx, waitingListed)
		if err != nil {
			return err
		}
		var rs []record
		for _, c := range list {
			rs = append(rs, a.choreRecord(c))
		}
		return a.printList(rs)
	})
}

func (a *app) choreRecord(c vending.Chore) record {
	trouble := ""
	if c.Trouble != nil {
		trouble = a.words().Error(c.Trouble)
	}
	return record{
		{key: "meter", value: c.Meter}, {key: "customer", value: c.Customer}, {key: "line", value: c.Line}, {key: "kind", value: string(c.Kind)},
		{key: "about", value: c.About}, {key: "since", value: c.Since}, {key: "tries", value: c.Tries}, {key: "given_up", value: c.GivenUp},
		{key: "trouble", value: trouble},
	}
}
