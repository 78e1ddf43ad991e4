package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

// app is what the commands share: where to write, and what was named for all of them.
type app struct {
	out, errs io.Writer

	dir      string // of the field; "" is the default
	vendgate string // the binary; "" is the one beside this
	output   string // table or json
}

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "fieldsim",
		Short:         "The field without hardware: card readers, cards and meters for vendgate",
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: `fieldsim simulates what vendgate is connected to: card readers of a private
pcscd, CPU cards, and gas meters with a card slot on a serial line (CJ/T 188).

Exit codes: 0 ok, 1 failure, 2 usage, 6 already running.`,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	f := root.PersistentFlags()
	f.StringVar(&a.dir, "dir", "", "directory of the field (default .run here, or where PostgreSQL can reach it)")
	f.StringVar(&a.vendgate, "vendgate", "", "vendgate binary (default: the one beside fieldsim)")
	f.StringVarP(&a.output, "output", "o", "table", "format of data on stdout: table or json")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.output != "table" && a.output != "json" {
			return usageError{fmt.Errorf("unknown output %q: want table or json", a.output)}
		}
		return nil
	}
	root.AddCommand(runCommand(a), demoCommand(a), fieldCommand(a), metersCommand(a), envCommand(a),
		group("card", "The cards of the running field",
			cardInsertCommand(a), cardPullCommand(a), cardSwapCommand(a), cardToMeterCommand(a),
			cardFaultCommand(a), cardStatusCommand(a)),
		group("meter", "The meters of the running field",
			meterBurnCommand(a), meterDaysCommand(a), meterShowCommand(a)))
	return root
}

func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: name, Short: short}
	g.AddCommand(commands...)
	return g
}

// noArgs refuses what stands on the line without belonging to a flag.
func noArgs(c *cobra.Command, args []string) error { return usage(cobra.NoArgs(c, args)) }

// oneNumber takes one argument that is a number.
func oneNumber(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(c, args); err != nil {
		return usageError{err}
	}
	_, err := strconv.ParseInt(args[0], 10, 64)
	return usage(err)
}

// number is an argument that oneNumber has let pass.
func number(arg string) int64 {
	n, _ := strconv.ParseInt(arg, 10, 64)
	return n
}

func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}
