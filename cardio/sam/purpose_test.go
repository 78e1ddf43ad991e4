package sam

import (
	"errors"
	"testing"
)

func held(versions ...uint8) (roots []Root) {
	for _, v := range versions {
		roots = append(roots, Root{Version: v})
	}
	return roots
}

func TestNext(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		held []Root
		to   Purpose
		next uint8
		want error
	}{
		"first for trials":         {nil, Trial, 1, nil},
		"first for production":     {nil, Production, 128, nil},
		"first for chips":          {nil, Chips, 192, nil},
		"chips after production":   {held(130), Chips, 0, ErrMixed},
		"cards after chips":        {held(192), Production, 0, ErrMixed},
		"last for production":      {held(191), "", 0, ErrLastVersion},
		"first for what":           {nil, "", 0, ErrPurpose},
		"first for something else": {nil, "test", 0, ErrPurpose},
		"after the highest":        {held(3, 1), "", 4, nil},
		"as they are":              {held(130), Production, 131, nil},
		"trial after production":   {held(130), Trial, 0, ErrMixed},
		"production after trial":   {held(5), Production, 0, ErrMixed},
		"last for trials":          {held(127), "", 0, ErrLastVersion},
		"last":                     {held(255), "", 0, ErrLastVersion},
	} {
		next, err := Next(test.held, test.to)
		if next != test.next || !errors.Is(err, test.want) || (test.want == nil) != (err == nil) {
			t.Errorf("%s: %d, %v, want %d, %v", name, next, err, test.next, test.want)
		}
	}
}

// TestPurposeKeepsApart: what a card says it is keyed for, and the set is not, is told by name.
func TestPurposeKeepsApart(t *testing.T) {
	t.Parallel()
	trial := Generate()
	production, err := new(File).Add(128, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set     *File
		version uint8
		want    error
	}{
		"a trial card in production": {production, 1, ErrTrial},
		"a production card in trial": {trial, 128, ErrProduction},
		"unknown in trial":           {trial, 2, ErrVersion},
		"unknown in production":      {production, 129, ErrVersion},
		"no version":                 {production, 0, ErrVersion},
	} {
		_, cardErr := test.set.Card(test.version, [8]byte{})
		_, meterErr := test.set.Meter(test.version, "00000000000001")
		if !errors.Is(cardErr, test.want) || !errors.Is(meterErr, test.want) {
			t.Errorf("%s: %v, %v, want %v", name, cardErr, meterErr, test.want)
		}
	}
	for _, both := range [][]Root{held(127, 128), held(191, 192), held(1, 192)} {
		if _, err := NewSet(memory{}, both); !errors.Is(err, ErrMixed) {
			t.Errorf("both purposes: %v", err)
		}
	}
}

// TestChipsAreNotCards: no card is keyed by a root of meters' chips, and no chip is asked with a root of cards.
func TestChipsAreNotCards(t *testing.T) {
	t.Parallel()
	chips, err := new(File).Add(192, nil)
	if err != nil {
		t.Fatal(err)
	}
	production, err := new(File).Add(128, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint8{0, 1, 128, 192} {
		_, card := chips.Card(version, [8]byte{})
		_, meter := chips.Meter(version, "00000000000001")
		_, secret := chips.Secret(version, "psc", nil, 3)
		_, purse := chips.Purse(version, [8]byte{})
		for what, err := range map[string]error{"card": card, "meter": meter, "secret": secret, "purse": purse} {
			if !errors.Is(err, ErrForChips) {
				t.Errorf("%s of version %d: %v", what, version, err)
			}
		}
		for _, cards := range []*File{Generate(), production} {
			if _, err := cards.ESAM(version, [6]byte{}); !errors.Is(err, ErrForCards) {
				t.Errorf("chip of version %d: %v", version, err)
			}
		}
	}
	if _, err := new(File).ESAM(192, [6]byte{}); !errors.Is(err, ErrNoKeys) {
		t.Errorf("no keys: %v", err)
	}
	if _, err := new(File).Add(192, key(t, "2b7e151628aed2a6abf7158809cf4f3c")); !errors.Is(err, ErrWeak) {
		t.Errorf("a published root: %v", err)
	}
}
