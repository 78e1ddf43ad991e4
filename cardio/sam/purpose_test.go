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
	if _, err := NewSet(memory{}, held(127, 128)); !errors.Is(err, ErrMixed) {
		t.Errorf("both purposes: %v", err)
	}
}
