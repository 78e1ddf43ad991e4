package cjt188

import (
	"fmt"
	"time"
)

// SettlementDay is the answer to DI 8103 and the command A011: a day of the
// month.
type SettlementDay struct{ Day byte }

func (d *SettlementDay) walk(w *walker) { w.day(&settlementDay, &d.Day) }

// ReadingDay is the answer to DI 8104 and the command A012: a day of the month.
type ReadingDay struct{ Day byte }

func (d *ReadingDay) walk(w *walker) { w.day(&readingDay, &d.Day) }

// Clock is the command A015 and, second-hand, the answer to DI 907F.
type Clock struct{ Time time.Time }

func (c *Clock) walk(w *walker) { w.time(&clock, &c.Time) }

// Base is the command A016 (control [WriteSync]): the register of a water or gas
// meter as its counter shows it. The answer is a [Status].
type Base struct{ Register Quantity }

func (b *Base) walk(w *walker) { w.quantity(&baseFlow, &b.Register) }

// ValveOp is the command A017: what the valve shall do. The answer is a
// [Status].
type ValveOp byte

// The operations: two of the standard (§4), and three of vendors.
const (
	OpenValve  ValveOp = 0x55
	CloseValve ValveOp = 0x99
	AskValve   ValveOp = 0x00
	FreeOpen   ValveOp = 0x66
	FreeClose  ValveOp = 0x77
)

// String names the operation; it is empty for others.
func (v ValveOp) String() string {
	switch v {
	case OpenValve:
		return "open"
	case CloseValve:
		return "close"
	case AskValve:
		return "vendor: read valve"
	case FreeOpen:
		return "vendor: free open"
	case FreeClose:
		return "vendor: free close"
	}
	return ""
}

func (v *ValveOp) walk(w *walker) { w.byte(&valveOp, (*byte)(v)) }

// NewAddress is the command A018 (control [WriteAddress]): the meter answers from
// the new address.
type NewAddress struct{ Address Address }

func (a *NewAddress) walk(w *walker) { w.raw(&newAddress, a.Address[:]) }

// KeyVersion is the answer to DI 8106 (control [ReadKeyVersion]) and to A014.
type KeyVersion struct{ Version byte }

func (k *KeyVersion) walk(w *walker) { w.byte(&keyVersion, &k.Version) }

const keySize = 8

// NewKey is the command A014: the version of a key, and the key. It is sent
// under the old key; the next exchange uses the new one. Nothing prints the key.
type NewKey struct {
	Version byte
	Key     [keySize]byte
}

// Format prints the version, whatever the verb.
func (k NewKey) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "key version %d", k.Version) }

// MarshalText is what Format prints.
func (k NewKey) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(k)), nil }

func (k *NewKey) walk(w *walker) {
	w.byte(&keyVersion, &k.Version)
	items := w.items
	w.items = nil // a key is no item
	w.raw(nil, k.Key[:])
	w.items = items
}
