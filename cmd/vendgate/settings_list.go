package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func settingsListCommand(a *app) *cobra.Command {
	var changed bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the settings: value, default, range, and the rule they are a number of",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runSettingsList(c.Context(), a, changed) },
	}
	c.Flags().BoolVar(&changed, "changed", false, "only those that are not as shipped")
	return c
}

func runSettingsList(ctx context.Context, a *app, changed bool) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		all, err := d.Store.Settings(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, s := range vending.AllSettings() {
			if !changed || s.In(all) != s.Default() {
				rs = append(rs, a.settingRecord(s, all))
			}
		}
		return a.printList(rs)
	})
}

func settingsShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show one setting",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runSettingsShow(c.Context(), a, args[0]) },
	}
}

func runSettingsShow(ctx context.Context, a *app, name string) error {
	s, err := vending.SettingNamed(name)
	if err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		all, err := d.Store.Settings(ctx)
		if err != nil {
			return err
		}
		return a.printOne(a.settingRecord(s, all))
	})
}

func (a *app) settingRecord(s vending.Setting, all vending.Settings) record {
	r := record{
		{key: "name", value: s.Name},
		settingField("value", s, s.In(all)),
		settingField("default", s, s.Default()),
		{key: "unit", value: string(s.Unit)},
	}
	if s.Unit == vending.UnitBank {
		r = append(r, field{key: "min", value: ""}, field{key: "max", value: ""})
	} else {
		r = append(r, field{key: "min", value: s.Min}, field{key: "max", value: s.Max})
	}
	return append(r, field{key: "rule", value: s.Rule}, field{key: "approved", value: s.Eyes}, field{key: "about", value: a.words().Term(s.About)})
}

// settingField is a setting's value: a name, or an integer.
func settingField(key string, s vending.Setting, v vending.SettingValue) field {
	if s.Unit == vending.UnitBank {
		return field{key: key, value: v.Name}
	}
	return field{key: key, value: v.N}
}
