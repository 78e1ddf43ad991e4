package main

import (
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
)

func keysGenerateCommand(a *app) *cobra.Command {
	var what string
	c := &cobra.Command{
		Use:   "generate",
		Short: "Make the first root of an empty key set, where it will lie",
		Long: `Make the first root of an empty key set, where it will lie.

In a token it is made by the token, and nobody ever sees it: nobody can restore it
either. For a root that two people can bring back, see keys component and keys
import. A set that has a root already says so: keys rotate adds the next one.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runKeysGenerate(a, what) },
	}
	c.Flags().StringVar(&what, "for", "", "what the keys are for: trial or production of cards, or esam: the security chips of meters")
	return c
}

func runKeysGenerate(a *app, what string) error {
	p, err := purpose(what)
	if err != nil {
		return err
	}
	s, err := a.keyStore()
	if err != nil {
		return err
	}
	held, err := s.Roots()
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return sam.ErrHeld
	}
	version, err := sam.Next(held, p)
	if err != nil {
		return err
	}
	return a.addRoot(s, version, nil)
}
