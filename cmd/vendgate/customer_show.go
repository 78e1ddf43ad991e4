package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func customerShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show CUSTOMER",
		Short: "Show a customer's meters, cards and balances",
		Args:  oneCustomer,
		RunE: withCustomer(func(c *cobra.Command, no int64) error {
			return runCustomerShow(c.Context(), a, no)
		}),
	}
}

func oneCustomer(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("give one customer number")}
	}
	return nil
}

// withCustomer reads the customer number that stands on the line.
func withCustomer(do func(*cobra.Command, int64) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		no, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return vending.ErrNumberInvalid.With("What", "customer_number", "Value", args[0], "Want", "positive_number")
		}
		return do(c, no)
	}
}

func runCustomerShow(ctx context.Context, a *app, no int64) error {
	return a.withStore(ctx, func(s *store.Store) error {
		customer, meters, err := s.Customer(ctx, no)
		if err != nil {
			return err
		}
		if err := a.looked(ctx, s, "customer", no); err != nil {
			return err
		}
		cards, err := s.Cards(ctx, no)
		if err != nil {
			return err
		}
		balances, err := s.Balances(ctx, no)
		if err != nil {
			return err
		}
		r := customerRecord(customer, meters[0])
		for _, c := range cards {
			r = append(r, field{key: "card " + c.No, value: string(c.State)})
		}
		for _, b := range balances {
			r = append(r, field{key: b.Account.String(), value: b.Posted, text: amount(b.Posted, b.Commodity)})
		}
		return a.printOne(r)
	})
}
