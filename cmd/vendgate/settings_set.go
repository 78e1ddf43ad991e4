package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func settingsSetCommand(a *app) *cobra.Command {
	var id string
	var dryRun bool
	c := &cobra.Command{
		Use:   "set NAME VALUE",
		Short: "Change a setting from now on; --why says the reason, --approve who approves",
		Long: `Change a setting from now on.

VALUE is a whole number in the setting's unit: fen, basis points (bp, 1/10,000),
days; or the name of a bank account. "settings list" has all names, units and
ranges; "default" is the value as shipped.

A change wants a reason (--why), and where money depends on the setting somebody
else's approval (--approve). Who changed what, from what and why, is in "ledger
records". Late fees until now are booked by the old rate before it changes.`,
		Args: settingArgs,
		RunE: func(c *cobra.Command, args []string) error {
			return runSettingsSet(c.Context(), a, counter.SettingChange{Name: args[0], Value: args[1]}, id, dryRun)
		},
	}
	deedFlags(c.Flags(), &id, &dryRun)
	return c
}

func settingArgs(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(2)(c, args); err != nil {
		return usageError{err}
	}
	return nil
}

func runSettingsSet(ctx context.Context, a *app, req counter.SettingChange, id string, dryRun bool) error {
	s, err := vending.SettingNamed(req.Name)
	if err != nil {
		return err
	}
	if req.Value == "default" {
		req.Value = s.Default().String()
	}
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		if dryRun {
			d = d.Rehearsal()
		}
		out, done, err := d.ChangeSetting(ctx, deed, req)
		if err != nil {
			return err
		}
		return a.didOne(done || dryRun, record{
			{key: "id", value: deed.ID.String()}, {key: "name", value: s.Name}, settingField("was", s, out.Was), settingField("value", s, out.Now),
			{key: "unit", value: string(s.Unit)}, {key: "rule", value: s.Rule},
		})
	})
}
