package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type meterModelRemoveOptions struct {
	id     string
	dryRun bool
}

func meterModelRemoveCommand(a *app) *cobra.Command {
	var o meterModelRemoveOptions
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove the description of a model that no meter has",
		Long: `Remove the description of a model that no meter has, with a reason (--why): a name that was misspelt. What it was is in the audit record. One
that a meter on a line has, or had when it was taken down, is refused.`,
		Args: oneArg,
		RunE: func(c *cobra.Command, args []string) error { return runMeterModelRemove(c.Context(), a, args[0], o) },
	}
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	return c
}

func runMeterModelRemove(ctx context.Context, a *app, name string, o meterModelRemoveOptions) error {
	if _, shipped := builtIn()[name]; shipped {
		return usageError{fmt.Errorf("model %s is built in, and stays", name)}
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		done, err := d.RemoveModel(ctx, deed, name)
		if errors.Is(err, vending.ErrNoMeterModel) {
			_, err = modelInBooks(ctx, d.Store, name) // which names all that there are
		}
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, record{{key: "id", value: deed.ID.String()}, {key: "model", value: name}})
	})
}
