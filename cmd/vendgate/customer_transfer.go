package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type customerTransferOptions struct {
	req    counter.TransferRequest
	number string
	id     string
	dryRun bool
}

func customerTransferCommand(a *app) *cobra.Command {
	var o customerTransferOptions
	c := &cobra.Command{
		Use:   "transfer CUSTOMER",
		Short: "Give the premises to another party: the credit stays, the old party's money is paid out (RULES A6)",
		Args:  oneCustomer,
		RunE: withCustomer(func(c *cobra.Command, no int64) error {
			o.req.Customer = no
			return runCustomerTransfer(c.Context(), a, o)
		}),
	}
	f := c.Flags()
	f.StringVar(&o.req.Name, "name", "", "name of the new party")
	papersFlags(f, &o.req.Papers, &o.number)
	payFlags(f, &o.req.Payment)
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

// papersFlags are what an account is opened on.
func papersFlags(f *pflag.FlagSet, p *vending.Papers, number *string) {
	f.StringVar(&p.Kind, "papers", "", "kind of identity papers, as id_card or licence")
	f.StringVar(number, "papers-no", "", "their number; only the last characters are kept")
	f.StringVar(&p.Contract, "contract", "", "number of the supply contract")
}

func runCustomerTransfer(ctx context.Context, a *app, o customerTransferOptions) error {
	o.req.Papers.Tail = vending.TailOf(o.number)
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		out, done, err := d.TransferPremises(ctx, deed, o.req)
		if err != nil {
			return err
		}
		r := record{{key: "id", value: deed.ID.String()}, {key: "customer", value: o.req.Customer}, {key: "name", value: o.req.Name}}
		if done || o.dryRun {
			r = append(r, field{key: "before", value: out.Before}, fen("paid_out_fen", out.PaidOut), currency)
		}
		return a.didOne(done || o.dryRun, r)
	})
}

type customerPapersOptions struct {
	papers     vending.Papers
	number, id string
}

func customerPapersCommand(a *app) *cobra.Command {
	var o customerPapersOptions
	c := &cobra.Command{
		Use:   "papers CUSTOMER",
		Short: "File the identity papers and the contract that an account is opened on (RULES A5)",
		Args:  oneCustomer,
		RunE:  withCustomer(func(c *cobra.Command, no int64) error { return runCustomerPapers(c.Context(), a, no, o) }),
	}
	papersFlags(c.Flags(), &o.papers, &o.number)
	c.Flags().StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runCustomerPapers(ctx context.Context, a *app, no int64, o customerPapersOptions) error {
	o.papers.Tail = vending.TailOf(o.number)
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		done, err := d.FilePapers(ctx, deed, no, o.papers)
		if err != nil {
			return err
		}
		return a.didOne(done, record{{key: "id", value: deed.ID.String()}, {key: "customer", value: no}, {key: "papers", value: o.papers.Kind},
			{key: "papers_tail", value: o.papers.Tail}, {key: "contract", value: o.papers.Contract}})
	})
}
