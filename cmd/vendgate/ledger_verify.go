package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending/store"
)

func ledgerVerifyCommand(a *app) *cobra.Command {
	var expect []string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove the books: every chain, seal and balance (exit 3 where one does not hold)",
		Long: `Prove the books on one snapshot: walk the hash chain of every book from its
first link, hold every seal against its links, rebuild every balance from the
transfers. Of each book the first broken link is named.

Whoever has all rights in the database can make a chain that holds in itself. So
give a head that was printed on a day's report: it must be among the seals.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedgerVerify(c.Context(), a, expect) },
	}
	c.Flags().StringSliceVar(&expect, "expect", nil, "seal as printed on paper, 64 digits and letters a to f (may be given again)")
	return c
}

func runLedgerVerify(ctx context.Context, a *app, expect []string) error {
	var printed []ledger.Hash
	for _, s := range expect {
		head, err := ledger.ParseHash(s)
		if err != nil {
			return usageError{err}
		}
		printed = append(printed, head)
	}
	return a.withStore(ctx, func(s *store.Store) error {
		v, err := s.Verify(ctx, printed, func(done, _ int64) { a.progress(int(done)) })
		if err != nil {
			return err
		}
		if err := a.printOne(verifiedRecord(v)); err != nil {
			return err
		}
		switch {
		case v.Report.Clean() && v.Clean():
			return nil
		case v.Report.Clean():
			return &remark{exitDifferences, a.words().Text("ledger_unknown_head", "Head", v.Unknown[0].String())}
		}
		return &remark{exitDifferences, a.words().Text("ledger_broken", "Count", v.Broken+int64(len(v.Violations)))}
	})
}

func verifiedRecord(v store.Verified) record {
	faults := []string{}
	for _, b := range v.Breaks {
		faults = append(faults, b.String())
	}
	for _, f := range v.Violations {
		faults = append(faults, f.String())
	}
	for _, head := range v.Unknown {
		faults = append(faults, "no seal is "+head.String())
	}
	return append(record{
		{key: "links", value: v.Links},
		{key: "transfers", value: v.Transfers},
		{key: "seals", value: v.Seals},
		{key: "unsealed", value: v.Unsealed},
		{key: "broken", value: v.Broken + int64(len(v.Violations))},
	}, append(sealFields(v.Last), field{key: "faults", value: faults, text: strings.Join(faults, "\n")})...)
}
