package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
)

func keysRetireCommand(a *app) *cobra.Command {
	var kcv string
	c := &cobra.Command{
		Use:   "retire VERSION",
		Short: "Destroy an old root; its cards and meters cannot be read any more",
		Long: `Destroy an old root; its cards and meters cannot be read any more.

It cannot be undone, except by the holders of its components (keys import
--version). So the root's check value has to be given, from keys list.`,
		Args: oneArg,
		RunE: func(_ *cobra.Command, args []string) error { return runKeysRetire(a, args[0], kcv) },
	}
	c.Flags().StringVar(&kcv, "kcv", "", "the root's check value, so that it is the right one")
	return c
}

func runKeysRetire(a *app, number, kcv string) error {
	version, err := strconv.ParseUint(number, 10, 8)
	if err != nil || version == 0 {
		return usageError{fmt.Errorf("a key version is a number from 1 to 255, not %q", number)}
	}
	s, err := a.keyStore()
	if err != nil {
		return err
	}
	r, held, err := rootOf(s, uint8(version))
	switch {
	case err != nil:
		return err
	case !held:
		return sam.ErrVersion
	case !strings.EqualFold(r.KCV, kcv):
		return usageError{fmt.Errorf("give --kcv with the check value of root %d, from keys list", version)}
	}
	if err := s.Retire(uint8(version)); err != nil {
		return err
	}
	return a.printOne(rootRecord(r, "retired"))
}
