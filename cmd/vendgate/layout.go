package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
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
