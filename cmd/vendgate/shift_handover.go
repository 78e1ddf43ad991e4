package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type shiftHandoverOptions struct {
	to, id string
	seen   int
	dryRun bool
}

func shiftHandoverCommand(a *app) *cobra.Command {
	var o shiftHandoverOptions
	c := &cobra.Command{
		Use:   "handover SHIFT",
		Short: "Hand the open matters of a shift's till over; --staff gives, --to takes (RULES B8)",
		Long: `Hand the open matters of a shift's till over: --staff gives, --to takes (RULES B8).

First --dry-run lists them; then both sign for as many as they have seen.`,
		Args: oneArg,
		RunE: func(c *cobra.Command, args []string) error { return runShiftHandover(c.Context(), a, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", "staff code of who takes over")
	f.IntVar(&o.seen, "seen", 0, "how many open matters both have seen")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	f.BoolVar(&o.dryRun, "dry-run", false, "list the open matters; sign nothing")
	return c
}

func runShiftHandover(ctx context.Context, a *app, number string, o shiftHandoverOptions) error {
	if o.dryRun {
		return a.withDesk(ctx, func(d *counter.Desk) error {
			s, err := d.Store.Shift(ctx, number)
			if err != nil {
				return err
			}
			open, err := d.Store.OpenMatters(ctx, s.Till)
			if err != nil {
				return err
			}
			return a.printList(matterRecords(open))
		})
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		var err error
		if deed.Approved, err = actor(ctx, d.Store, o.to); err != nil {
			return err
		}
		h, done, err := d.HandOver(ctx, deed, number, o.seen)
		if err != nil {
			return err
		}
		return a.didOne(done, record{{key: "shift", value: h.Shift}, {key: "from", value: h.From}, {key: "to", value: h.To},
			{key: "matters", value: len(h.Matters)}, {key: "at", value: h.At}})
	})
}

func matterRecords(open []vending.Matter) (rs []record) {
	for _, m := range open {
		rs = append(rs, record{{key: "matter", value: m.Kind}, {key: "id", value: m.ID.String()}, {key: "customer", value: m.Customer},
			{key: "card", value: m.Card}, fen("money_fen", m.MoneyFen), currency, {key: "since", value: m.Since}, {key: "doubt", value: m.Doubt}})
	}
	return rs
}
