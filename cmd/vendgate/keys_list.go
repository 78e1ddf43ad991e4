package main

import (
	"github.com/spf13/cobra"
)

func keysListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the roots: version, what for, check value",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runKeysList(a) },
	}
}

func runKeysList(a *app) error {
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
	return a.printList(rs)
}
