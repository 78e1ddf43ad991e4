// Command vendgate is the gateway and vending service and everything that
// people do with it from a shell.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	a := &app{out: os.Stdout, errs: os.Stderr}
	root := rootCommand(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	err = errors.Join(err, a.token.close())
	a.report(err)
	return exitCode(err)
}

// report says on stderr, in the user's language, what went wrong.
func (a *app) report(err error) {
	if err == nil {
		return
	}
	var remark *remark
	if errors.As(err, &remark) {
		fmt.Fprintln(a.errs, remark.text)
		return
	}
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(a.errs, "vendgate: %s\n", a.words().Text("usage", "Reason", usage.Error()))
		return
	}
	fmt.Fprintf(a.errs, "vendgate: %s\n", a.words().Error(err))
	if a.verbose || unforeseen(err) {
		fmt.Fprintf(a.errs, "  %v\n", err)
	}
}
