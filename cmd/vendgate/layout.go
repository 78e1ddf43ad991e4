package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// layoutNamed is a layout that comes with vendgate, or that a file holds.
func layoutNamed(a *app, name string) (*cardfile.Layout, error) {
	all, err := cardfile.Shipped()
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if l.Name() == name {
			return l, nil
		}
	}
	return layoutFile(a, name)
}

// layoutFile reads a layout file. What is wrong with it is said line by line.
func layoutFile(a *app, path string) (*cardfile.Layout, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{fmt.Errorf("no layout and no file: %w", err)}
	}
	l, err := cardfile.Parse(text)
	if err == nil {
		err = cardio.Fits(l)
	}
	if err != nil {
		return nil, a.layoutRefused(path, err)
	}
	return l, nil
}

// cardLayouts are the layouts that the terminals take: those that come with vendgate, and the utility's own from a folder.
// Each of its own must be proved.
func (a *app) cardLayouts() ([]*cardfile.Layout, error) {
	all, err := cardio.Layouts()
	if err != nil || a.layouts == "" {
		return all, err
	}
	files, err := os.ReadDir(a.layouts)
	if err != nil {
		return nil, usageError{fmt.Errorf("--layouts: %w", err)}
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".json" {
			continue
		}
		l, err := layoutFile(a, filepath.Join(a.layouts, f.Name()))
		if err == nil {
			err = a.proved(l)
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(other *cardfile.Layout) bool { return other.Name() == l.Name() }) {
			return nil, usageError{fmt.Errorf("--layouts: %s is the name of another layout too", l.Name())}
		}
		all = append(all, l)
	}
	return all, nil
}

// cards are those that the utility uses.
type cards struct {
	layouts []*cardfile.Layout
	chips   []driver.Chip // nil: all
}

// cards are the layouts, and the kinds of chip that --chips names. It refuses a chip that no layout lies on, and a
// --layout that is none.
func (a *app) cards() (c cards, err error) {
	if c.layouts, err = a.cardLayouts(); err != nil {
		return c, err
	}
	for _, name := range a.chips {
		if !slices.ContainsFunc(c.layouts, func(l *cardfile.Layout) bool { return slices.Contains(l.Chips(), name) }) {
			return c, usageError{fmt.Errorf("--chips: no layout lies on a chip %q; see vendgate layout list", name)}
		}
		c.chips = append(c.chips, driver.Chip(name))
	}
	if a.newLayout != "" && !slices.ContainsFunc(c.layouts, func(l *cardfile.Layout) bool { return l.Name() == a.newLayout }) {
		return c, usageError{fmt.Errorf("--layout: no layout %q; see vendgate layout list, and --layouts for your own", a.newLayout)}
	}
	return c, nil
}

// newCardFlags say what is made of a blank card.
func (a *app) newCardFlags(f *pflag.FlagSet) {
	f.StringVar(&a.newLayout, "layout", "", "layout of a new card, by name (default: vg1, or the only one that its chip can have)")
}

// proved runs a layout's vectors.
func (a *app) proved(l *cardfile.Layout) error {
	if err := l.Test(); err != nil {
		return &remark{exitDifferences, a.words().Text("layout_differs", "Layout", l.Name(), "Problems", indented(err))}
	}
	return nil
}

// layoutRefused says what is wrong with a layout file.
func (a *app) layoutRefused(path string, err error) error {
	return &remark{exitUsage, a.words().Text("layout_refused", "File", path, "Problems", indented(err))}
}

// indented are the lines of an error, each under the one before.
func indented(err error) string {
	return "\n  " + strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n  ")
}

// ruleFlag is a load rule as it stands on a command line.
func ruleFlag(rule string) error {
	switch rule {
	case cardfile.RuleCounter, cardfile.RuleCumulative, cardfile.RuleHistory:
		return nil
	}
	return usageError{errors.New("--rule is counter, cumulative or history: how the meter keeps from taking one credit twice")}
}
