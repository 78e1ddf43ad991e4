package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func fieldCommand(a *app) *cobra.Command {
	var o siteOptions
	c := &cobra.Command{
		Use:   "field",
		Short: "Run readers, cards and meters alone, until Ctrl-C",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runField(c.Context(), a, o) },
	}
	o.flags(c)
	return c
}

func runField(ctx context.Context, a *app, o siteOptions) (err error) {
	s, err := a.openSite(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	a.describe(s, o)
	path, err := a.findGate()
	if err != nil {
		path = "vendgate"
	}
	printEnv(a.out, s.gate(path))
	<-ctx.Done()
	return nil
}

// openSite starts the field of the command line.
func (a *app) openSite(ctx context.Context, o siteOptions) (*site, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	dir, err := a.settle(ctx)
	if err != nil {
		return nil, err
	}
	keys := &keyFile{dir: dataDir(dir)}
	if err := errors.Join(o.same(dir), a.firstKeys(ctx, dir, o, keys)); err != nil {
		return nil, err
	}
	return open(ctx, dir, o.config(dir, keys, a.errs))
}

// describe lists what there is in a field.
func (a *app) describe(s *site, o siteOptions) {
	status := s.Status()
	fmt.Fprintf(a.out, "field in %s\n", s.dir)
	showReaders(a.out, status)
	fmt.Fprintf(a.out, "line %s, %d baud 8E1, CJ/T 188, gas:", status.Line, o.baud)
	for _, m := range status.Meters {
		fmt.Fprintf(a.out, " %s", m.Number)
	}
	fmt.Fprintln(a.out)
}
