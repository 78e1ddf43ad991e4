package main

import (
	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/vending"
)

// displayFlags are what was read on the display of a meter that counts money.
type displayFlags struct{ remaining, purchased string }

func (d *displayFlags) add(f *pflag.FlagSet) {
	f.StringVar(&d.remaining, "remaining", "", "where the meter counts money: what its display has left, in yuan")
	f.StringVar(&d.purchased, "purchased", "", "and all that it has taken, in yuan; wanted after a money card was lost")
}

// into reads the flags; what was not given is nil.
func (d displayFlags) into(shown *vending.Display) error {
	for _, flag := range []struct {
		text string
		fen  **int64
	}{{d.remaining, &shown.Remaining}, {d.purchased, &shown.Purchased}} {
		if flag.text == "" {
			continue
		}
		fen, err := vending.ParseYuan(flag.text)
		if err != nil {
			return err
		}
		*flag.fen = &fen
	}
	return nil
}
