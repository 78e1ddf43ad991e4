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

// keys opens the key file. On the embedded default, where nothing was named,
// keys for trials are made on the first use: random, with a random passphrase in
// a file beside them that only this user can read.
func (a *app) keys() (*sam.File, error) {
	path, secret := a.keyFile, a.passphrase
	if path == "" {
		path = filepath.Join(a.dataDir, "keys.age")
	}
	if secret == "" {
		secret = filepath.Join(a.dataDir, "keys.passphrase")
	}
	if a.keyFile == "" && a.passphrase == "" && a.database == "" {
		if err := trialKeys(a.dataDir, path, secret); err != nil {
			return nil, fmt.Errorf("make trial keys: %w", err)
		}
	}
	passphrase, err := os.ReadFile(secret)
	if err != nil {
		return nil, fmt.Errorf("passphrase of the key file: %w", err)
	}
	return sam.LoadFile(path, strings.TrimSpace(string(passphrase)))
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
