package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type customerStepOptions struct {
	change   vending.Change
	register string
	display  displayFlags
	id       string
	dryRun   bool
	payment  vending.Payment
}

// stepWords is what the help says of each step.
var stepWords = map[vending.Step]string{
	vending.StepAccept:    "The installation has passed acceptance: await ignition",
	vending.StepIgnite:    "Ignite: papers, contract and dues must be in order (RULES A5, S5)",
	vending.StepVacate:    "The premises are confirmed to be long unoccupied",
	vending.StepReturn:    "Vacant premises are supplied again",
	vending.StepSuspend:   "Suspend at the customer's own request (RULES A8)",
	vending.StepSeal:      "Seal for arrears or a violation (RULES A8)",
	vending.StepReopen:    "Reopen what was suspended or sealed; dues must be cleared",
	vending.StepDismantle: "The installation is dismantled (RULES A8)",
	vending.StepReinstall: "A dismantled installation is put back",
	vending.StepClose:     "Close the account: credit, advance and deposit are paid out (RULES A8)",
}

// customerStepCommands is a command for every step in the life of an account.
func customerStepCommands(a *app) []*cobra.Command {
	var all []*cobra.Command
	for _, step := range vending.Steps() {
		all = append(all, customerStepCommand(a, step))
	}
	return all
}

func customerStepCommand(a *app, step vending.Step) *cobra.Command {
	o := customerStepOptions{change: vending.Change{Step: step}}
	c := &cobra.Command{
		Use: string(step) + " CUSTOMER", Short: stepWords[step], Args: oneCustomer,
		RunE: withCustomer(func(c *cobra.Command, no int64) error { return runCustomerStep(c.Context(), a, no, o) }),
	}
	f := c.Flags()
	f.StringVar(&o.change.Seen, "seen", "", "meter number as read on site")
	f.StringVar(&o.change.SeenAgain, "seen-again", "", "the same, read a second time")
	f.StringVar(&o.register, "register", "", "final register in m³ (kWh), read with the customer")
	o.display.add(f)
	if step == vending.StepClose {
		payFlags(f, &o.payment)
	}
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runCustomerStep(ctx context.Context, a *app, no int64, o customerStepOptions) error {
	o.change.Reason = a.why
	if o.register != "" {
		n, err := vending.ParseThousandths(o.register)
		if err != nil {
			return err
		}
		o.change.Register = &n
	}
	if err := o.display.into(&o.change.Display); err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		out, done, err := d.TakeStep(ctx, deed, counter.StepRequest{Customer: no, Change: o.change, Payment: o.payment})
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, record{
			{key: "id", value: deed.ID.String()}, {key: "customer", value: no}, {key: "status", value: string(out.Status)},
			fen("paid_out_fen", out.PaidOut), {key: "refunded_credit", value: out.Refunded.N, text: vending.FormatCredit(out.Refunded)},
			fen("refunded_fen", out.CreditFen), currency,
		})
	})
}

func customerStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status CUSTOMER",
		Short: "Show the steps in the life of an account (RULES A1)",
		Args:  oneCustomer,
		RunE:  withCustomer(func(c *cobra.Command, no int64) error { return runCustomerStatus(c.Context(), a, no) }),
	}
}

func runCustomerStatus(ctx context.Context, a *app, no int64) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		c, _, err := d.Store.Customer(ctx, no)
		if err != nil {
			return err
		}
		steps, err := d.Store.Steps(ctx, no)
		if err != nil {
			return err
		}
		var rs []record
		for _, s := range steps {
			register, remaining := "", ""
			if s.Register != nil {
				register = vending.FormatThousandths(*s.Register)
			}
			if s.Remaining != nil {
				remaining = vending.FormatYuan(*s.Remaining)
			}
			rs = append(rs, record{
				{key: "at", value: s.At}, {key: "step", value: string(s.Step)}, {key: "from", value: string(s.From)}, {key: "to", value: string(s.To)},
				{key: "reason", value: s.Reason}, {key: "who", value: s.Who}, {key: "register", value: register}, {key: "remaining", value: remaining},
			})
		}
		if len(rs) == 0 {
			fmt.Fprintln(a.errs, string(c.Status))
		}
		return a.printList(rs)
	})
}
