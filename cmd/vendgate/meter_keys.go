package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending/intake"
)

// esamHelp says what commands need whose meters believe keys.
const esamHelp = `

A meter of DL/T 645 that counts money obeys who has the keys of its security chip (ESAM). Say by which scheme its maker made
them: --esam pboc-3des is the one that is known (cardio/sam/DESIGN.md); the maker tells. Their root is in a key set of its own,
made with vendgate keys generate or import --for esam: name that, as --keys meters.age or --token-label meters.`

// esamFlag says by which scheme the keys of meters' chips are made.
func (a *app) esamFlag(f *pflag.FlagSet) {
	f.StringVar(&a.esam, "esam", "",
		"scheme of the security chips of DL/T 645 meters: pboc-3des, or pboc-3des:193 where they have version 193 of several roots (VENDGATE_ESAM, of those that count money)")
}

// meterKeys are the keys of the chips of DL/T 645 meters; nil where nobody has said by which scheme they are made.
func (a *app) meterKeys(esam string) (dlt645.Keys, error) {
	if esam == "" {
		return nil, nil
	}
	scheme, number, several := strings.Cut(esam, ":")
	version, err := strconv.ParseUint(number, 10, 8)
	if scheme != sam.PBOC3DES || several && (err != nil || version == 0) {
		return nil, usageError{fmt.Errorf("--esam %s: want %s, the one scheme that is known, or %s:VERSION", esam, sam.PBOC3DES, sam.PBOC3DES)}
	}
	set, err := a.keys()
	if err != nil {
		return nil, err
	}
	if !several {
		version = uint64(set.Current())
	}
	if _, err := set.ESAM(uint8(version), [6]byte{}); err != nil {
		return nil, err
	}
	if roots, err := set.Roots(); err != nil || !several && len(roots) > 1 {
		return nil, cmp.Or(err, error(usageError{fmt.Errorf("the key set has %d roots: say which one the meters were given, as --esam %s:%d", len(roots), scheme, version)}))
	}
	return pboc3DES{set, uint8(version)}, nil
}

// proves gives the driver of a meter that believes keys its own, and shows them to the meter, before anything is sold or
// switched: gateway.ErrNoKeys, gateway.ErrKeys.
func (a *app) proves(ctx context.Context, w *intake.Wire) error {
	d, ok := w.Driver.(gateway.DLT645)
	if !ok {
		return nil
	}
	scheme := a.esam
	if scheme == "" && d.Prepaid { // a relay may obey a password beside such meters
		scheme = os.Getenv("VENDGATE_ESAM")
	}
	var err error
	if d.Keys, err = a.meterKeys(scheme); err != nil {
		return err
	}
	if d.Keys == nil && !d.Prepaid {
		return nil // its relay obeys a password
	}
	w.Driver = d
	return d.Prove(ctx, w.Line, w.Address)
}

// proven is the wire to a meter that is shown our keys before it is first heard: what was sold before is known without.
type proven struct {
	*intake.Wire
	app *app
	is  bool
}

// Hear is that of the wire.
func (p *proven) Hear(ctx context.Context) (intake.Heard, error) {
	if !p.is {
		if err := p.app.proves(ctx, p.Wire); err != nil {
			return intake.Heard{}, err
		}
		p.is = true
	}
	return p.Wire.Hear(ctx)
}
