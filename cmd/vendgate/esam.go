package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// pboc3DES is the key service of DL/T 645 meters by the scheme of that name: what a chip (ESAM) believes, computed where
// the root lies. cardio/sam/DESIGN.md says which bytes go into what.
type pboc3DES struct {
	keys    *sam.Set
	version uint8 // of the root that the chips were given
}

// chip is that of a meter.
func (k pboc3DES) chip(meter dlt645.Address) (sam.ESAM, error) {
	slices.Reverse(meter[:])
	return k.keys.ESAM(k.version, meter)
}

// Challenge proves that we have the keys of that meter, whose number is what they are diversified by.
func (k pboc3DES) Challenge(_ context.Context, meter dlt645.Address) (c dlt645.Challenge, err error) {
	_, _ = rand.Read(c.Random[:]) // never fails: it ends the program instead
	copy(c.Diversifier[:], meter[:])
	chip, err := k.chip(meter)
	if err != nil {
		return c, err
	}
	c.Cipher, err = chip.Cryptogram(c.Random)
	return c, err
}

// MAC proves a part of a purchase, or a relay command, which has no identifier.
func (k pboc3DES) MAC(_ context.Context, s dlt645.Session, di dlt645.DI, data []byte) (mac dlt645.MAC, err error) {
	chip, err := k.chip(s.Meter)
	if err != nil {
		return mac, err
	}
	switch di {
	case dlt645.DI{}:
		mac, err = chip.RelayMAC(s.Random, data)
	case dlt645.ID(dlt645.OpenAccount), dlt645.ID(dlt645.Recharge):
		mac, err = chip.PurchaseMAC(s.Random, [4]byte(binary.LittleEndian.AppendUint32(nil, di.Code)), data)
	default:
		err = noKey(di)
	}
	return mac, err
}

// Encipher hides a relay command, which has no identifier.
func (k pboc3DES) Encipher(_ context.Context, s dlt645.Session, di dlt645.DI, data []byte) ([]byte, dlt645.MAC, error) {
	if di != (dlt645.DI{}) {
		return nil, dlt645.MAC{}, noKey(di)
	}
	chip, err := k.chip(s.Meter)
	if err != nil {
		return nil, dlt645.MAC{}, err
	}
	hidden, mac, err := chip.HideRelay(s.Random, data)
	return hidden, mac, err
}

// noKey refuses what the scheme does not say how to prove.
func noKey(di dlt645.DI) error {
	return fmt.Errorf("the scheme %s has no key for %v: it proves purchases and relay commands only", sam.PBOC3DES, di)
}
