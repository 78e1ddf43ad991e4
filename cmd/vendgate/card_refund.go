package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type cardRefundOptions struct {
	reader, id string
	dryRun     bool
	payment    vending.Payment
}

func cardRefundCommand(a *app) *cobra.Command {
	var o cardRefundOptions
	c := &cobra.Command{
		Use:   "refund",
		Short: "Take all credit back that is on the card in the reader and not in the meter, and pay its money out",
		Long: `Take all credit back that is on the card in the reader and that the meter has not
taken: sale by sale, the newest first, each written, read back and settled. Then the
money is paid out of the shift of who acts, in one sum. It needs the right to reverse
and --why; above a limit --approve.

After an error, or a write in doubt, give the same id again.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCardRefund(c.Context(), a, o) },
	}
	f := c.Flags()
	readerFlag(f, &o.reader)
	f.StringVar((*string)(&o.payment.Means), "pay", string(vending.Cash), "how the money goes out: cash, cheque, bank_card, transfer, mobile, or advance: it stays with us")
	f.StringVar(&o.payment.Bank, "bank", "", "who issued the payment's reference")
	f.StringVar(&o.payment.Reference, "reference", "", "number of the cheque, transfer or mobile payment")
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runCardRefund(ctx context.Context, a *app, o cardRefundOptions) error {
	return a.withCounter(ctx, o.reader, func(d *counter.Desk, t counter.Terminal) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if o.dryRun {
			d = d.Rehearsal()
		}
		r, err := d.RefundCard(ctx, t, deed, o.payment)
		if len(r.Back) == 0 {
			return err
		}
		if printed := a.printOne(refundedRecord(deed, r)); err == nil {
			err = printed
		}
		if err != nil || o.dryRun {
			return err
		}
		if r.Repeated {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
		}
		return a.endedReversal(counter.Reversed{Outcome: counter.Outcome{Purchase: r.Back[len(r.Back)-1].Purchase}})
	})
}

func refundedRecord(deed vending.Deed, r counter.CardRefunded) record {
	last := r.Back[len(r.Back)-1].Purchase
	return record{
		{key: "id", value: deed.ID.String()},
		{key: "card", value: last.Card},
		{key: "sales", value: r.Sales},
		{key: "taken_back", value: len(r.Back)},
		{key: "state", value: string(last.State)},
		fen("refund_fen", r.RefundFen), currency,
	}
}
