package main

import (
	"github.com/spf13/cobra"
)

func layoutTestCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "test LAYOUT|FILE",
		Short: "Prove a layout by its own vectors",
		Long: `Read a layout file and hold it against the schema, against the chips that it names, and against itself; then
decode the image of each vector, bring its order onto it, and hold the outcome against the vector, byte by byte.

Ends with 2 where the file is no layout (line and reason are said), with 3 where a vector does not hold.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return runLayoutTest(a, args[0]) },
	}
}

func runLayoutTest(a *app, name string) error {
	l, err := layoutNamed(a, name)
	if err != nil {
		return err
	}
	if err := l.Test(); err != nil {
		return &remark{exitDifferences, a.words().Text("layout_differs", "Layout", l.Name(), "Problems", indented(err))}
	}
	var rs []record
	for _, vector := range l.Examples() {
		rs = append(rs, record{{key: "layout", value: l.Name()}, {key: "vector", value: vector}, {key: "proved", value: true}})
	}
	return a.printList(rs)
}
