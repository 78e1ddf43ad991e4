package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
)

func keysComponentCommand(a *app) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "component",
		Short: "Make a key component for one holder, into a file of theirs",
		Long: `Make a key component for one holder, into a file of theirs.

A root for production is made of components that different people hold: all of them
together make the root (keys import), and all but one tell nothing of it. Each holder
runs this alone, prints or copies the file (the component and its check value, a line
each), seals it twice, keeps the envelopes in two places, and destroys the file. The
component is never shown on the screen; its check value is.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runKeysComponent(a, path) },
	}
	c.Flags().StringVar(&path, "out", "", "new file that only its owner can read")
	return c
}

func runKeysComponent(a *app, path string) error {
	if path == "" {
		return usageError{errors.New("name the holder's file with --out: a component is not shown")}
	}
	k := sam.Component()
	digits, err := k.Digits()
	if err != nil {
		return err
	}
	kcv, err := k.KCV()
	if err != nil {
		return err
	}
	if err := writeNew(path, digits+"\n"+kcv+"\n"); err != nil {
		return fmt.Errorf("key component: %w", err)
	}
	return a.printOne(record{{key: "component", value: path}, {key: "kcv", value: kcv}})
}

// writeNew writes a file that was not there and that only its owner can read.
func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}
