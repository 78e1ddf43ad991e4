package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type partnerMatchOptions struct {
	code, since, id string
	days            int
	post, dryRun    bool
}

// partnerMatchCommand is agent match or bank match.
func partnerMatchCommand(a *app, class ledger.Class) *cobra.Command {
	var o partnerMatchOptions
	c := &cobra.Command{
		Use:   "match",
		Short: "Hold its lines, each once, against the books; list what only one side has (exit 3 while there is any)",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runPartnerMatch(c.Context(), a, ledger.Account{Class: class, Of: o.code}, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.code, "code", "", "whose lines")
	f.StringVar(&o.since, "since", "2000-01-01", "list what we have from this day on")
	f.IntVar(&o.days, "days", 3, "how many days a line and what we have may lie apart")
	f.BoolVar(&o.dryRun, "dry-run", false, "list only; keep and post nothing")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	if class == ledger.ClassAgent {
		f.BoolVar(&o.post, "post", false, "take what only the agent has, and names a customer, into the customer's advance")
	}
	return c
}

func runPartnerMatch(ctx context.Context, a *app, account ledger.Account, o partnerMatchOptions) error {
	since, err := vending.ParseDate(o.since)
	if err != nil {
		return err
	}
	if o.days < 0 || o.days > 366 {
		return usageError{fmt.Errorf("--days %d: want 0 to 366", o.days)}
	}
	m := counter.Match{Account: account, Since: since, Days: o.days, Post: o.post, DryRun: o.dryRun}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		st, err := d.MatchPartner(ctx, deed, m)
		if err != nil {
			return err
		}
		if err := a.printList(a.standingRecords(st)); err != nil {
			return err
		}
		fmt.Fprintln(a.errs, a.words().Text("partner_matched", "Matched", len(st.Pairs), "Posted", len(st.Posted),
			"Theirs", len(st.Theirs), "Ours", len(st.Ours)))
		if n := len(st.Theirs) + len(st.Ours); n > 0 {
			return &remark{exitDifferences, a.words().Text("differences", "Count", n)}
		}
		return nil
	})
}

// standingRecords lists what was posted and what only one side has.
func (a *app) standingRecords(st counter.Standing) (rs []record) {
	add := func(side string, day vending.Date, customer int64, reference string, n int64, reason string) {
		rs = append(rs, record{
			{key: "side", value: side},
			{key: "day", value: day.UTC().Format(time.DateOnly)},
			{key: "customer", value: customer},
			{key: "reference", value: reference},
			{key: "amount_fen", value: n, text: vending.FormatYuan(n) + " CNY"},
			{key: "currency", value: string(ledger.CNY)},
			{key: "reason", value: reason},
		})
	}
	for _, l := range st.Posted {
		add("posted", l.Day, l.Customer, l.Reference, l.Fen, "")
	}
	for _, l := range st.Theirs {
		reason := ""
		if err := st.Refused[l.ID]; err != nil {
			reason = a.words().Error(err)
		}
		add("theirs", l.Day, l.Customer, l.Reference, l.Fen, reason)
	}
	for _, e := range st.Ours {
		add("ours", e.Day, e.Customer, e.Reference, e.Fen, "")
	}
	return rs
}
