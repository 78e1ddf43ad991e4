package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending/store"
)

func ledgerSealCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "seal",
		Short: "Seal what was done since the last seal, and print the head",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runLedgerSeal(c.Context(), a) },
	}
}

func runLedgerSeal(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		sealed, ok, err := s.Seal(ctx)
		if err != nil {
			return err
		}
		if !ok {
			fmt.Fprintln(a.errs, a.words().Text("ledger_nothing_to_seal"))
		}
		return a.printOne(append(record{{key: "links", value: sealed.Links}}, sealFields(sealed)...))
	})
}

// head seals what was done, and is what a report prints of it; nil where nothing was
// ever done.
func (a *app) head(ctx context.Context, s *store.Store) ([]byte, error) {
	sealed, _, err := s.Seal(ctx)
	if err != nil || sealed.No == 0 {
		return nil, err
	}
	return sealed.Hash[:], nil
}

func sealFields(s ledger.Sealed) record {
	head := ""
	if s.No > 0 {
		head = s.Hash.String()
	}
	return record{{key: "seal", value: s.No}, {key: "sealed", value: s.At}, {key: "head", value: head}}
}
