package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

func layoutShowCommand(a *app) *cobra.Command {
	var images []string
	c := &cobra.Command{
		Use:   "show LAYOUT|FILE",
		Short: "Show what stands where on a card, or what an image of one holds",
		Long: `Show every run of bytes of a layout that comes with vendgate, or that a file holds.

With --image it decodes bytes that were read from a card, and prints the values as a vector of the layout wants
them: how to start a vector of a maker's card. It proves no MAC, for it has no keys: parts that have one are left out.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return runLayoutShow(a, args[0], images) },
	}
	c.Flags().StringArrayVar(&images, "image", nil, "AREA=HEX: what an area of a card holds, once for each area")
	return c
}

func runLayoutShow(a *app, name string, images []string) error {
	l, err := layoutNamed(a, name)
	if err != nil {
		return err
	}
	if len(images) > 0 {
		return showImage(a, l, images)
	}
	var rs []record
	for _, s := range l.Spans() {
		rs = append(rs, record{
			{key: "area", value: s.Area},
			{key: "offset", value: s.Offset},
			{key: "size", value: s.Size},
			{key: "record", value: s.Record},
			{key: "copy", value: s.Copy},
			{key: "name", value: s.Name},
			{key: "means", value: s.Means},
		})
	}
	return a.printList(rs)
}

// showImage decodes what was read from a card.
func showImage(a *app, l *cardfile.Layout, images []string) error {
	m := cardfile.Image{}
	for _, image := range images {
		area, digits, ok := strings.Cut(image, "=")
		b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
		if !ok || err != nil {
			return usageError{fmt.Errorf("--image %q: want AREA=HEX", image)}
		}
		m[area] = b
	}
	values, copies, err := l.Peek(m)
	if errors.Is(err, cardfile.ErrSize) {
		return usageError{err}
	}
	if err != nil {
		return a.layoutRefused(l.Name(), err)
	}
	var rs []record
	for _, name := range slices.Sorted(maps.Keys(values)) {
		rs = append(rs, record{{key: "name", value: name}, {key: "value", value: values[name]}})
	}
	for _, name := range slices.Sorted(maps.Keys(copies)) {
		rs = append(rs, record{{key: "name", value: "copies of " + name}, {key: "value", value: strings.Trim(fmt.Sprint(copies[name]), "[]")}})
	}
	return a.printList(rs)
}
