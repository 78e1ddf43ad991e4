package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/vending/store"
)

func keysListCommand(a *app) *cobra.Command {
	var cards bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the roots: version, what for, check value, and how many cards are keyed with each",
		Long: `List the roots: version, what for, check value.

With --cards the books are asked how many live cards are keyed with each version, by what
was last read on them: retire a root when there are none. Version 0 are cards that say no
version, or were not seen since an earlier release issued them.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runKeysList(c.Context(), a, cards) },
	}
	c.Flags().BoolVar(&cards, "cards", false, "count the cards of each version, too: opens the database")
	return c
}

func runKeysList(ctx context.Context, a *app, cards bool) error {
	s, err := a.keyStore()
	if err != nil {
		return err
	}
	roots, err := s.Roots()
	if err != nil {
		return err
	}
	var rs []record
	for i, r := range roots {
		state := "readable"
		if i == len(roots)-1 {
			state = "current"
		}
		rs = append(rs, rootRecord(r, state))
	}
	if !cards {
		return a.printList(rs)
	}
	return a.withStore(ctx, func(s *store.Store) error {
		counts, err := s.CardsByKeys(ctx)
		if err != nil {
			return err
		}
		return a.printList(withCards(rs, roots, counts))
	})
}

// withCards adds to each root how many cards it has, and the versions that cards have and the set has not.
func withCards(rs []record, roots []sam.Root, counts map[uint8]int64) []record {
	for i, r := range roots {
		rs[i] = append(rs[i], field{key: "cards", value: counts[r.Version]})
		delete(counts, r.Version)
	}
	for _, version := range slices.Sorted(maps.Keys(counts)) {
		unheld := rootRecord(sam.Root{Version: version}, "not held")
		rs = append(rs, append(unheld, field{key: "cards", value: counts[version]}))
	}
	return rs
}
