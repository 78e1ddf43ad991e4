package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

func layoutListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the layouts that come with vendgate",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runLayoutList(a) },
	}
}

func runLayoutList(a *app) error {
	all, err := cardfile.Shipped()
	if err != nil {
		return err
	}
	var rs []record
	for _, l := range all {
		rs = append(rs, record{
			{key: "layout", value: l.Name()},
			{key: "rule", value: l.Rule()},
			{key: "unit", value: l.Unit()},
			{key: "two_copies", value: l.TwoCopies()},
			{key: "chips", value: l.Chips(), text: strings.Join(l.Chips(), "\n")},
			{key: "title", value: l.Title()},
		})
	}
	return a.printList(rs)
}
