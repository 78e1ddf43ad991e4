package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
)

func keysRotateCommand(a *app) *cobra.Command {
	var to uint8
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Add a root and make it the current one; cards of the older ones stay valid",
		Long: `Add a root and make it the current one; cards of the older ones stay valid.

The root is made where it will lie. Cards issued from now on are keyed by it, once
the service was started again; cards of older roots are read and written until
those are retired. With --to the same line again changes nothing.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runKeysRotate(a, to) },
	}
	c.Flags().Uint8Var(&to, "to", 0, "the version that is to be current (default: the next one)")
	return c
}

func runKeysRotate(a *app, to uint8) error {
	s, err := a.keyStore()
	if err != nil {
		return err
	}
	held, err := s.Roots()
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return sam.ErrNoKeys
	}
	if last := held[len(held)-1]; to != 0 && last.Version == to {
		return a.didOne(false, rootRecord(last, "current"))
	}
	version, err := sam.Next(held, "")
	if err != nil {
		return err
	}
	if to != 0 && version != to {
		return usageError{fmt.Errorf("the next version is %d, not %d", version, to)}
	}
	return a.addRoot(s, version, nil)
}
