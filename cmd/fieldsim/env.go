package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func envCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: `Print what a shell needs to use the field: eval "$(fieldsim env)"`,
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runEnv(c.Context(), a) },
	}
}

func runEnv(ctx context.Context, a *app) error {
	dir, err := a.running()
	if err != nil {
		return err
	}
	did, err := a.tell(ctx, "status", order{})
	if err != nil {
		return err
	}
	path, err := a.findGate()
	if err != nil {
		path = "vendgate" // the one in the shell's PATH
	}
	printEnv(a.out, gate{path, dataDir(dir), did.Field.Socket, did.Field.Utility, did.Field.Chip})
	return nil
}

// printEnv writes what opensc-tool, pcsc_scan and vendgate itself need.
func printEnv(w io.Writer, g gate) {
	fmt.Fprintf(w, "export %s=%s\n", socketVariable, quoted(g.socket))
	words := []string{quoted(g.path)}
	for _, word := range g.flags() {
		words = append(words, quoted(word))
	}
	fmt.Fprintf(w, "vendgate() { %s \"$@\"; }\n", strings.Join(words, " "))
}

// quoted is s for a shell.
func quoted(s string) string {
	if s != "" && !strings.ContainsFunc(s, special) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func special(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@", r))
}
