package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// usualChip is that of a CPU card.
const usualChip = string(driver.FMCOS)

// issuable are the layouts that a counter makes of blank cards and a price list sells for, by the chips that they lie on.
func issuable() (map[string]*cardfile.Layout, error) {
	all, err := cardio.Layouts()
	chips := map[string]*cardfile.Layout{}
	for _, l := range all {
		for _, chip := range l.Chips() {
			if chips[chip] == nil && l.Rule() != "" && l.Unit() != "fen" {
				chips[chip] = l
			}
		}
	}
	return chips, err
}

// layout is that of the field's cards, or says which chips there are.
func (o siteOptions) layout() (*cardfile.Layout, error) {
	chips, err := issuable()
	if err != nil {
		return nil, err
	}
	if chips[o.chip] == nil {
		var names []string
		for name := range chips {
			names = append(names, name)
		}
		slices.Sort(names)
		return nil, usageError{fmt.Errorf("no cards are issued on a chip %q: want one of %s", o.chip, strings.Join(names, ", "))}
	}
	return chips[o.chip], nil
}

// memory is the kind of chip, "" of CPU cards.
func (o siteOptions) memory() string {
	if o.chip == usualChip {
		return ""
	}
	return o.chip
}

// paid is the name of a command that comes after the money was taken, and before the card is written.
func (o siteOptions) paid() string {
	switch {
	case o.memory() == "":
		return "challenge"
	case strings.HasPrefix(o.chip, "mifare"):
		return "update"
	}
	return "write"
}

// same keeps a field to one kind of card: its customer has one already.
func (o siteOptions) same(dir string) error {
	path := filepath.Join(dir, "chip")
	was, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(path, []byte(o.chip), 0o600)
	case err == nil && string(was) != o.chip:
		return usageError{fmt.Errorf("the cards of the field in %s are %s: name another directory with --dir for %s", dir, was, o.chip)}
	}
	return err
}

// firstKeys has vendgate make its keys, which it does for the first card that it is asked for: Atmel's chips come
// with the utility's codes, so they are wanted before there is a card.
func (a *app) firstKeys(ctx context.Context, dir string, o siteOptions, keys *keyFile) error {
	if !strings.HasPrefix(o.chip, "at88") {
		return nil
	}
	if _, err := keys.load(); err == nil {
		return nil
	}
	path, err := a.findGate()
	if err != nil {
		return err
	}
	g := gate{path: path, dataDir: dataDir(dir), socket: filepath.Join(dir, "none"), utility: o.utility}
	said, err := g.run(ctx, "card", "read") // there is none
	if err != nil {
		return err
	}
	if _, err := keys.load(); err != nil {
		return fmt.Errorf("vendgate made no keys: %w: %s", err, said.errs)
	}
	return nil
}

// code is the utility's for chips that a counter cannot key; nil where the keys are not there, which firstKeys has seen to.
func (k *keyFile) code(label string, size int) []byte {
	file, err := k.load()
	if err != nil {
		return nil
	}
	secret, err := file.Secret(file.Current(), label, make([]byte, 8), size)
	if err != nil {
		return nil
	}
	return secret.Expose()
}
