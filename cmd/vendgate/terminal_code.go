package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/terminal"
)

func terminalCodeCommand(a *app) *cobra.Command {
	var till string
	var issues bool
	c := &cobra.Command{
		Use:   "code",
		Short: "Show a code with which one PC becomes the terminal of a till (RULES C3)",
		Long: `Run it where the service runs, with its data directory: the code names the
service's authority, so that the PC knows it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runTerminalCode(c.Context(), a, till, issues) },
	}
	c.Flags().StringVar(&till, "till", "", "till that the PC is to serve")
	c.Flags().BoolVar(&issues, "issue", false, "cards may be made there, where vendgate terminal was started with --allow-issue, too")
	return c
}

func runTerminalCode(ctx context.Context, a *app, till string, issues bool) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		authority, err := terminal.OpenAuthority(a.dataDir, time.Now())
		if err != nil {
			return err
		}
		code, kept := authority.NewCode(till, d.By.Staff, d.Now())
		kept.Issues = issues
		if _, err := d.LetIn(ctx, vending.Deed{By: d.By}, kept); err != nil {
			return err
		}
		fmt.Fprintln(a.errs, a.words().Text("terminal_code_shown", "Till", till, "Expires", kept.Expires.Local().Format(time.TimeOnly)))
		return a.printOne(record{{key: "code", value: code}, {key: "till", value: till}, {key: "expires", value: kept.Expires}})
	})
}
