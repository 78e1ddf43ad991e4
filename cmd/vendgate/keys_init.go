package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam/token"
)

func keysInitCommand(a *app) *cobra.Command {
	var soPIN string
	c := &cobra.Command{
		Use:   "init",
		Short: "Make an empty key file, or an empty token",
		Long: `Make an empty key file, or an empty token.

A key file is made where --keys says, with the passphrase that is in
--key-passphrase-file. A token is made in a slot that has none yet, with the label
--token-label, the user's PIN in --token-pin-file and the security officer's in
--so-pin-file. What is there already is left alone. Keys come next: keys generate,
or keys import.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runKeysInit(a, soPIN) },
	}
	c.Flags().StringVar(&soPIN, "so-pin-file", "", "file with the PIN of the token's security officer")
	return c
}

func runKeysInit(a *app, soPIN string) error {
	if a.token.module != "" {
		return initToken(a, soPIN)
	}
	s, err := a.keyFileStore()
	if err != nil {
		return err
	}
	path, _ := a.keyPaths()
	err = s.Init()
	if errors.Is(err, fs.ErrExist) {
		_, err = s.Roots() // it is ours, and its passphrase is this one
		return orDone(a, err, record{{key: "keys", value: path}}, false)
	}
	return orDone(a, err, record{{key: "keys", value: path}}, true)
}

func initToken(a *app, soPIN string) error {
	if soPIN == "" {
		return usageError{errors.New("name the file with the PIN of the token's security officer: --so-pin-file")}
	}
	err := token.Init(a.token.options(), func() (string, error) { return readSecret("PIN of the security officer", soPIN) })
	did := err == nil
	if err == nil || errors.Is(err, token.ErrTaken) {
		_, err = a.openToken(false)
	}
	return orDone(a, err, record{{key: "token", value: a.token.label}}, did)
}

func orDone(a *app, err error, r record, did bool) error {
	if err != nil {
		return fmt.Errorf("keys init: %w", err)
	}
	return a.didOne(did, r)
}
