package sam

import (
	"fmt"
	"io"
	"log/slog"
)

// KeySize is the size of every key: AES-128, and two-key triple DES on the card.
const KeySize = 16

// Key is a handle on one key: where its root lies, and the recipe. It computes,
// and prints as nothing.
type Key struct {
	module Module
	recipe Recipe
}

// CMAC is AES-CMAC (RFC 4493) over message.
func (k *Key) CMAC(message []byte) ([16]byte, error) { return k.module.CMAC(k.recipe, message) }

// Expose gives the key's bytes away, for the card or the meter that is given
// them and for nothing else. A root in a token is refused.
func (k *Key) Expose() ([KeySize]byte, error) { return k.module.Value(k.recipe) }

// derive diversifies k: one block of NIST SP 800-108 in counter mode with
// AES-CMAC, label and context kept apart by the zero byte.
func (k *Key) derive(label string, context []byte) *Key {
	input := append([]byte{1}, label...)
	input = append(append(input, 0), context...)
	return &Key{k.module, k.recipe.then(ByCMAC, append(input, 0, 8*KeySize))}
}

// diversify gives the key of one card as PBOC cards and PSAMs do (cards.md §2,
// child key): its number, and then the number's complement, under triple DES.
func (k *Key) diversify(number [8]byte) *Key {
	both := number[:]
	for _, b := range number {
		both = append(both, ^b)
	}
	return &Key{k.module, k.recipe.then(ByTripleDES, both)}
}

// hidden is all that a key ever prints as.
const hidden = "sam.Key(hidden)"

// String hides the key. The printing methods take a value, so that a copy is hidden too.
func (Key) String() string { return hidden }

// Format hides the key from every verb of fmt.
func (Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// MarshalText hides the key from encoding/json and its like.
func (Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the key from slog.
func (Key) LogValue() slog.Value { return slog.StringValue(hidden) }
