package sam

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/tink-crypto/tink-go/v2/prf/subtle"
)

// KeySize is the size of every key: AES-128, and two-key triple DES on the card.
const KeySize = 16

// Key is a handle on one key. Its bytes stay in this package, inside a closure:
// fmt follows pointers of unexported fields where a verb does not fit, and a
// debugger's dump follows all of them, but nothing prints what a function holds.
type Key struct{ reveal func() [KeySize]byte }

func newKey(secret [KeySize]byte) *Key {
	return &Key{reveal: func() [KeySize]byte { return secret }}
}

// CMAC is AES-CMAC (RFC 4493) over message.
func (k *Key) CMAC(message []byte) ([16]byte, error) {
	secret := k.reveal()
	prf, err := subtle.NewAESCMACPRF(secret[:])
	if err != nil {
		return [16]byte{}, fmt.Errorf("aes-cmac: %w", err)
	}
	tag, err := prf.ComputePRF(message, 16)
	if err != nil {
		return [16]byte{}, fmt.Errorf("aes-cmac: %w", err)
	}
	return [16]byte(tag), nil
}

// derive diversifies k: one block of NIST SP 800-108 in counter mode with
// AES-CMAC, label and context kept apart by the zero byte.
func (k *Key) derive(label string, context []byte) (*Key, error) {
	input := append([]byte{1}, label...)
	input = append(append(input, 0), context...)
	block, err := k.CMAC(append(input, 0, 8*KeySize))
	if err != nil {
		return nil, err
	}
	return newKey(block), nil
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
