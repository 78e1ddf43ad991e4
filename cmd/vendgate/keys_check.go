package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
)

func keysCheckCommand(a *app) *cobra.Command {
	var spend bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Open the key set, compute with every root, and see that a token guards it",
		Long: `Open the key set, compute with every root, and see that a token guards it.

Ends with 3 where a root in a token may do more than derive: be read, wrapped or
copied. After a wrong PIN no command gives the token one, for a service that is
started again and again would lock it; with --spend-try this command does, when the
PIN in the file is right now. The last try is never spent.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runKeysCheck(a, spend) },
	}
	c.Flags().BoolVar(&spend, "spend-try", false, "log in to the token although a wrong PIN was given before")
	return c
}

func runKeysCheck(a *app, spend bool) error {
	var faults []string
	if a.token.module != "" {
		t, err := a.openToken(spend)
		if err != nil {
			return err
		}
		if faults, err = t.Faults(); err != nil {
			return err
		}
	}
	s, err := a.keyStore()
	if err != nil {
		return err
	}
	roots, err := s.Roots()
	if err != nil {
		return err
	}
	keys, err := a.keys()
	if err != nil {
		return err
	}
	var rs []record
	for _, r := range roots {
		if err := computes(keys, r.Version); err != nil {
			return fmt.Errorf("root %d: %w", r.Version, err)
		}
		rs = append(rs, rootRecord(r, "computes"))
	}
	if err := a.printList(rs); err != nil {
		return err
	}
	return a.keyFaults(len(roots), faults)
}

// keyFaults ends a check that found something.
func (a *app) keyFaults(roots int, faults []string) error {
	if roots == 0 {
		return sam.ErrNoKeys
	}
	for _, f := range faults {
		fmt.Fprintln(a.errs, f)
	}
	if faults != nil {
		return &remark{exitDifferences, a.words().Text("key_faults", "Count", len(faults))}
	}
	return nil
}

// computes does with a root all that a top-up does, of a card or of a meter with a chip.
func computes(keys *sam.Set, version uint8) error {
	if sam.For(version) == sam.Chips {
		return computesChip(keys, version)
	}
	meter, err := keys.Meter(version, "00000000000000")
	if err != nil {
		return err
	}
	card, err := keys.Card(version, [8]byte{})
	if err != nil {
		return err
	}
	if _, err := meter.Purse.CMAC(nil); err != nil {
		return err
	}
	if _, err := card.Vendor.Auth.Cryptogram(make([]byte, 4)); err != nil {
		return err
	}
	_, err = card.Vendor.Message.SecureMAC(make([]byte, 4), make([]byte, 16))
	return err
}

func computesChip(keys *sam.Set, version uint8) error {
	chip, err := keys.ESAM(version, [6]byte{})
	if err != nil {
		return err
	}
	_, err = chip.PurchaseMAC([4]byte{}, [4]byte{}, make([]byte, 8))
	return err
}
