package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vendgate/vendgate/cardio/sam"
)

// keys opens the key set: a token, where one is named, or the key file. On the
// embedded default, where nothing was named, keys for trials are made on the first
// use: random, with a random passphrase in a file beside them that only this user can read.
func (a *app) keys() (*sam.Set, error) {
	if a.token.module != "" {
		t, err := a.openToken(false)
		if err != nil {
			return nil, err
		}
		return t.Keys()
	}
	path, secret := a.keyPaths()
	if a.keyFile == "" && a.passphrase == "" && a.database == "" {
		if err := trialKeys(a.dataDir, path, secret); err != nil {
			return nil, fmt.Errorf("make trial keys: %w", err)
		}
	}
	passphrase, err := readSecret("passphrase of the key file", secret)
	if err != nil {
		return nil, err
	}
	file, err := sam.LoadFile(path, passphrase)
	if err != nil {
		return nil, err
	}
	return &file.Set, nil
}

// keyPaths are the key file and the file with its passphrase.
func (a *app) keyPaths() (path, secret string) {
	path, secret = a.keyFile, a.passphrase
	if path == "" {
		path = filepath.Join(a.dataDir, "keys.age")
	}
	if secret == "" {
		secret = filepath.Join(a.dataDir, "keys.passphrase")
	}
	return path, secret
}

// readSecret reads the one line of a file that holds a passphrase or a PIN.
func readSecret(what, path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// trialKeys makes what is missing; two programs that do so at once end with the
// same files.
func trialKeys(dir, path, secret string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeOnce(secret, rand.Text()+"\n"); err != nil {
		return err
	}
	passphrase, err := os.ReadFile(secret)
	if err != nil {
		return err
	}
	_, err = sam.GenerateFile(path, strings.TrimSpace(string(passphrase)), 0)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// writeOnce writes a file, whole or not at all, unless it is there already.
func writeOnce(path, text string) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".draft-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if _, err := draft.WriteString(text); err != nil {
		return errors.Join(err, draft.Close())
	}
	if err := errors.Join(draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
