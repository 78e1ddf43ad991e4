package main

import (
	"errors"
	"os"

	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/cardio/sam/token"
)

// tokenOptions say which PKCS#11 token holds the keys; without a module it is the key file.
type tokenOptions struct {
	module, label string
	pinFile       string
	open          *token.Token // once it was asked for
}

func (o *tokenOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.module, "token-module", os.Getenv("VENDGATE_TOKEN_MODULE"), "PKCS#11 library of the token that holds the keys, instead of a key file (VENDGATE_TOKEN_MODULE)")
	f.StringVar(&o.label, "token-label", envOr("VENDGATE_TOKEN_LABEL", "vendgate"), "label of the token (VENDGATE_TOKEN_LABEL)")
	f.StringVar(&o.pinFile, "token-pin-file", os.Getenv("VENDGATE_TOKEN_PIN_FILE"), "file with the token's user PIN (VENDGATE_TOKEN_PIN_FILE)")
}

// validKeys refuses two places for keys.
func (a *app) validKeys() error {
	switch {
	case a.token.module != "" && a.keyFile != "":
		return usageError{errors.New("keys lie in a key file (--keys) or in a token (--token-module), not in both")}
	case a.token.module != "" && a.token.pinFile == "":
		return usageError{errors.New("name the file with the token's PIN: --token-pin-file")}
	}
	return nil
}

// options are those of package token. The PIN is read when it is needed, and not kept.
func (o *tokenOptions) options() token.Options {
	return token.Options{Module: o.module, Label: o.label, PIN: func() (string, error) { return readSecret("PIN of the token", o.pinFile) }}
}

// openToken logs in, once for a command. spendTry does so although a wrong PIN was given before.
func (a *app) openToken(spendTry bool) (*token.Token, error) {
	if a.token.open != nil {
		return a.token.open, nil
	}
	o := a.token.options()
	o.SpendTry = spendTry
	t, err := token.Open(o)
	a.token.open = t
	return t, err
}

func (o *tokenOptions) close() error {
	if o.open == nil {
		return nil
	}
	return o.open.Close()
}
