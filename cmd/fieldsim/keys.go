package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/vendgate/vendgate/cardio/sam"
)

// keyFile gives the meters their keys, as the factory does that gets them from
// the utility. vendgate makes the file on its first use of a card, which comes
// after the field has started, so it is opened when a meter first asks.
type keyFile struct {
	dir string // vendgate's data directory

	mu   sync.Mutex
	open *sam.File
}

// Meter derives the keys of one meter.
func (k *keyFile) Meter(version uint8, number string) (sam.Meter, error) {
	file, err := k.load()
	if err != nil {
		return sam.Meter{}, err
	}
	return file.Meter(version, number)
}

func (k *keyFile) load() (*sam.File, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.open != nil {
		return k.open, nil
	}
	passphrase, err := os.ReadFile(filepath.Join(k.dir, "keys.passphrase"))
	if err != nil {
		return nil, fmt.Errorf("the keys of vendgate in %s: %w", k.dir, err)
	}
	k.open, err = sam.LoadFile(filepath.Join(k.dir, "keys.age"), strings.TrimSpace(string(passphrase)))
	return k.open, err
}
