package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

type customerPersonsOptions struct {
	customer int64
	persons  int
	id       string
}

func customerPersonsCommand(a *app) *cobra.Command {
	var o customerPersonsOptions
	c := &cobra.Command{
		Use:   "persons NUMBER PERSONS",
		Short: "Say how many people live in a customer's household: their tiers follow from it",
		Args:  o.read,
		RunE:  func(c *cobra.Command, _ []string) error { return runCustomerPersons(c.Context(), a, o) },
	}
	c.Flags().StringVar(&o.id, "id", "", "UUID of this change (default: a new one, which is printed)")
	return c
}

func (o *customerPersonsOptions) read(c *cobra.Command, args []string) (err error) {
	if err = cobra.ExactArgs(2)(c, args); err == nil {
		o.customer, err = strconv.ParseInt(args[0], 10, 64)
	}
	if err == nil {
		o.persons, err = strconv.Atoi(args[1])
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}

func runCustomerPersons(ctx context.Context, a *app, o customerPersonsOptions) error {
	return a.withStore(ctx, func(s *store.Store) error {
		deed, err := a.deed(ctx, s, "persons changed", o.id, o.persons)
		if err != nil {
			return err
		}
		if err := deed.By.Permit(vending.MayServe); err != nil {
			return err
		}
		err = s.ForCustomer(ctx, o.customer, deed, func(tx *store.Tx) error { return tx.SetPersons(ctx, o.persons) })
		if errors.Is(err, vending.ErrRepeated) {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
			err = nil
		}
		if err != nil {
			return err
		}
		return a.printOne(record{{key: "customer", value: o.customer}, {key: "persons", value: o.persons}})
	})
}
