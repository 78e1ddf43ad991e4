package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type purchaseReverseOptions struct {
	reader, id string
	dryRun     bool
	req        counter.ReverseRequest
}

func purchaseReverseCommand(a *app) *cobra.Command {
	var o purchaseReverseOptions
	c := &cobra.Command{
		Use:   "reverse PURCHASE",
		Short: "Take the last purchase on the card in the reader back, and pay its money out",
		Long: `Take the last purchase on the card in the reader back, while its credit is on
the card and the meter has not taken it, and pay its money out of the cashier's
shift. PURCHASE is its id, or the number of its slip, as 8100000001-12.

Whoever sold it in the shift that is still open may do this; others need the right
to reverse and --why. Above a limit --approve is needed.

After an error, give the same id again: nothing is taken back or paid out twice.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("give one purchase: its id, or the number of its slip")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.req.Purchase = args[0]
			if id, err := uuid.Parse(args[0]); err == nil {
				o.req.Purchase = id.String()
			}
			return runPurchaseReverse(c.Context(), a, o)
		},
	}
	f := c.Flags()
	readerFlag(f, &o.reader)
	f.StringVar((*string)(&o.req.Payment.Means), "pay", "", "how the money goes back: as it came (default), another means of payment, or advance: it stays with us")
	f.StringVar(&o.req.Payment.Bank, "bank", "", "who issued the reference of what is paid back")
	f.StringVar(&o.req.Payment.Reference, "reference", "", "number of the transfer or mobile payment by which it is paid back")
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runPurchaseReverse(ctx context.Context, a *app, o purchaseReverseOptions) error {
	return a.withCounter(ctx, o.reader, func(d *counter.Desk, t counter.Terminal) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if o.dryRun {
			d = d.Rehearsal()
		}
		back, err := d.Reverse(ctx, t, deed, o.req)
		if back.Purchase.ID == uuid.Nil || back.Purchase.State == "" {
			return err
		}
		p := back.Purchase
		r := append(purchaseRecord(p), fen("refund_fen", back.RefundFen))
		if printed := a.printOne(r); err == nil {
			err = printed
		}
		if err != nil || o.dryRun {
			return err
		}
		return a.endedReversal(back)
	})
}

// endedReversal says how it ended, in the exit code too.
func (a *app) endedReversal(back counter.Reversed) error {
	if back.Repeated {
		fmt.Fprintln(a.errs, a.words().Text("already_done"))
	}
	p := back.Purchase
	yuan := vending.FormatYuan(-p.Taken())
	switch p.State {
	case vending.Loaded:
		return nil
	case vending.Voided:
		return &remark{exitFailure, a.words().Text("reversal_voided", "Amount", yuan)}
	default:
		return &remark{exitInDoubt, a.words().Text("reversal_in_doubt", "Amount", yuan, "ID", p.ID)}
	}
}
