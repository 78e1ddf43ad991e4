package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

func layoutNewCommand(a *app) *cobra.Command {
	var rule string
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a layout file to start from, on stdout",
		Long: `Write the example layout of a load rule under another name. It is whole and passes "layout test": change it
piece by piece into the maker's, and run the test after each change.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return runLayoutNew(a, args[0], rule) },
	}
	c.Flags().StringVar(&rule, "rule", "", "how the meter keeps from taking one credit twice: counter, cumulative or history")
	return c
}

func runLayoutNew(a *app, name, rule string) error {
	if err := ruleFlag(rule); err != nil {
		return err
	}
	text, err := cardfile.Example(rule)
	if err != nil {
		return err
	}
	renamed := strings.Replace(string(text), `"name": "example-`+rule+`"`, fmt.Sprintf(`"name": %q`, name), 1)
	if _, err := cardfile.Parse([]byte(renamed)); err != nil {
		return usageError{fmt.Errorf("%q is no name of a layout: %w", name, err)}
	}
	_, err = fmt.Fprint(a.out, renamed)
	return err
}
