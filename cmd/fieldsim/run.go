package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"
)

// usualListen is vendgate's own default address.
const usualListen = "127.0.0.1:8460"

type runOptions struct {
	site   siteOptions
	listen string
}

func runCommand(a *app) *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the field and vendgate on it, until Ctrl-C (make run)",
		Long: `Run the field and vendgate on it, until Ctrl-C.

The first run opens a customer and issues card 1; later runs find the card, the
meter and the books as they were left. vendgate uses its own PostgreSQL in the
directory, whatever DATABASE_URL says, and is started again when it is killed.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runRun(c.Context(), a, o) },
	}
	o.site.flags(c)
	c.Flags().StringVar(&o.listen, "listen", "", "address of vendgate's page (default "+usualListen+", or a free port if that is taken)")
	return c
}

func runRun(ctx context.Context, a *app, o runOptions) (err error) {
	if o.site.cards < 1 || o.site.meters < 1 {
		return usageError{errors.New("it takes a card and a meter to run vendgate; fieldsim field runs with less")}
	}
	path, err := a.findGate()
	if err != nil {
		return err
	}
	s, err := a.openSite(ctx, o.site)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.leave()) }()
	name, err := s.Reader(1)
	if err != nil {
		return err
	}
	g := s.gate(path)
	serve := &service{gate: g, reader: name, listen: address(o.listen), log: a.errs, pause: restartPause}
	now, err := serve.start(ctx)
	if err != nil {
		return err
	}
	defer func() { now.stop(stopTime) }()
	if err := seed(ctx, g, s.dir, name); err != nil {
		return fmt.Errorf("open the first customer: %w", err)
	}
	a.describe(s, o.site)
	a.explain(s, g, now, o.site)
	say := func(format string, args ...any) { fmt.Fprintf(a.out, "fieldsim: "+format+"\n", args...) }
	return serve.keep(ctx, now, say, func(again *serving) {
		now = again
		say("vendgate serves %s again (pid %d)", again.url, again.pid())
	})
}

// address is the one asked for, or the usual one if it is free.
func address(asked string) string {
	if asked != "" {
		return asked
	}
	l, err := net.Listen("tcp", usualListen)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close() // only asked
	return usualListen
}

// explain tells a person what to do now.
func (a *app) explain(s *site, g gate, now *serving, o siteOptions) {
	self := quoted(os.Args[0])
	if a.dir != "" {
		self += " --dir " + quoted(s.dir)
	}
	fmt.Fprintf(a.out, `vendgate serves %s (pid %d)

Top up: open %s, enter an amount of money, press the button.
The card:
  %[4]s card to-meter          # the meter takes the credit, and the card goes back
  %[4]s card pull              # and: card insert, card swap, card status
The meter:
  %[4]s meter burn 1500        # litres; and: meter days 30 --litres-per-day 1500
  %[4]s meter show
Crash it between payment and card write:
  %[4]s card fault --kind hang --on %[5]s
  # top up on the page, and while it hangs:
  kill -9 %[2]d
  %[4]s card pull && %[4]s card insert    # seen again, the purchase is settled
In a shell, opensc-tool and vendgate itself:
`, now.url, now.pid(), now.url, self, o.paid())
	printEnv(a.out, g)
	fmt.Fprintf(a.out, `  vendgate card read
  vendgate meter read --line %s --baud %d --meter %s
  vendgate reconcile; vendgate ledger check

Ctrl-C ends it all; card, meter and books stay in %s.
`, s.Line(), o.baud, meterNumber(1), s.dir)
}
