package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/terminal"
)

type terminalOptions struct {
	service, code, reader string
	mayIssue              bool
}

func terminalCommand(a *app) *cobra.Command {
	var o terminalOptions
	c := &cobra.Command{
		Use:   "terminal",
		Short: "Hold the card reader of this counter PC for the service, or say who may",
		Long: `Without a subcommand: hold the card reader of this PC and dial out to the
service, until it is stopped. The first time with --code, which the page /terminals
of the service shows, or vendgate terminal code; from then on the PC is known by a
key of its own, in the data directory.

The service needs no way in: this PC listens to nobody.`,
		Args: commandNamed,
		RunE: func(c *cobra.Command, _ []string) error { return runTerminal(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.service, "service", "", "where the service takes terminals: wss://HOST:PORT (default: where this PC was enrolled)")
	f.StringVar(&o.code, "code", "", "enrol this PC first, with a code that is good once")
	f.StringVar(&o.reader, "card-reader", "", "PC/SC reader by name (default: the only one)")
	f.BoolVar(&o.mayIssue, "allow-issue", false, "send what makes files and keys on cards too: for a PC at which cards are issued")
	c.AddCommand(terminalCodeCommand(a), terminalListCommand(a), terminalRevokeCommand(a))
	return c
}

func runTerminal(ctx context.Context, a *app, o terminalOptions) error {
	id, err := o.identity(ctx, a)
	if err != nil {
		return err
	}
	service := id.Service
	if o.service != "" {
		service = o.service
	}
	log := slog.New(slog.NewTextHandler(a.errs, nil))
	t := &terminal.Terminal{Identity: id, Service: service, Log: log,
		Agent:   &terminal.Agent{Reader: reader.New(o.reader, reader.Options{}), Scripts: id.Scripts, MayIssue: o.mayIssue, Log: log},
		Trouble: a.terminalTrouble}
	fmt.Fprintln(a.errs, a.words().Text("terminal_ready", "Till", id.Till, "Reader", o.reader, "Service", service))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watchReader(ctx, t, o.reader, log)
	return t.Run(ctx)
}

// identity is what this PC is, or becomes by a code.
func (o terminalOptions) identity(ctx context.Context, a *app) (terminal.Identity, error) {
	path := terminal.IdentityFile(a.dataDir)
	if o.code == "" {
		return terminal.LoadIdentity(path)
	}
	if o.service == "" {
		return terminal.Identity{}, usageError{errors.New("--code wants --service wss://HOST:PORT too")}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	id, err := terminal.Enrol(ctx, o.service, o.code, host)
	if err != nil {
		return id, err
	}
	return id, id.Save(path)
}

// terminalTrouble says why there is no line, in the user's language.
func (a *app) terminalTrouble(err error, again time.Duration) {
	why := a.words().Error(err)
	if unforeseen(err) {
		why = err.Error()
	}
	fmt.Fprintln(a.errs, a.words().Text("terminal_line", "Again", again, "Why", why))
}

// watchReader tells the service of cards as they come. Cards of other readers are
// nobody's business.
func watchReader(ctx context.Context, t *terminal.Terminal, name string, log *slog.Logger) {
	events, err := reader.Monitor(ctx)
	if err != nil {
		log.WarnContext(ctx, "cards are not watched", "error", err)
		return
	}
	for e := range events {
		if name == "" || e.Reader == name {
			t.Card(ctx, e.Kind == reader.Inserted)
		}
	}
}

// terminalRecord is a terminal as it is listed.
func terminalRecord(t vending.Terminal) record {
	r := record{
		{key: "id", value: t.ID.String()},
		{key: "till", value: t.Till},
		{key: "host", value: t.Host},
		{key: "enrolled", value: t.Enrolled},
		{key: "by", value: t.By},
		{key: "may_issue", value: t.MayIssue},
	}
	if !t.Revoked.IsZero() {
		return append(r, field{key: "revoked", value: t.Revoked})
	}
	return r
}
