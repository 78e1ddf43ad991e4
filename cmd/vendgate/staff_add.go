package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func staffAddCommand(a *app) *cobra.Command {
	var m vending.Staff
	var role, id string
	var left bool
	c := &cobra.Command{
		Use:   "add",
		Short: "Take somebody on, change their role, or let them go (RULES C3)",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m.Role, m.Active = vending.Role(role), !left
			return runStaffAdd(c.Context(), a, m, id)
		},
	}
	f := c.Flags()
	f.StringVar(&m.Code, "code", "", "staff code: letters and digits")
	f.StringVar(&m.Name, "name", "", "name")
	f.StringVar(&role, "role", string(vending.RoleCashier), "cashier, supervisor, finance or manager")
	f.BoolVar(&left, "left", false, "they no longer work here")
	f.StringVar(&id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runStaffAdd(ctx context.Context, a *app, m vending.Staff, id string) error {
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		done, err := d.SetStaff(ctx, deed, m)
		if err != nil {
			return err
		}
		return a.didOne(done, staffRecord(m))
	})
}

func staffListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the staff",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runStaffList(c.Context(), a) },
	}
}

func runStaffList(ctx context.Context, a *app) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		list, err := d.Store.Staff(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, m := range list {
			rs = append(rs, staffRecord(m))
		}
		return a.printList(rs)
	})
}

func staffRecord(m vending.Staff) record {
	return record{{key: "code", value: m.Code}, {key: "name", value: m.Name}, {key: "role", value: string(m.Role)}, {key: "active", value: m.Active}}
}
