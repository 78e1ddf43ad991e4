package sam

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
)

// Secret is what a memory card compares: a PSC, a security code, a password or
// a sector key. It has to be sent in the clear, so a driver may see its bytes
// (Expose); it prints as nothing, as a Key does.
type Secret struct{ reveal func() []byte }

// NewSecret holds a secret that is not ours to derive: the one with which the
// maker delivers the chip, or the one that a meter maker gave away.
func NewSecret(code []byte) Secret {
	code = bytes.Clone(code)
	return Secret{func() []byte { return code }}
}

// Secret derives the secret of one card: size bytes, 1 to 16, from the root of
// that version by what it opens (label) and which card it is (serial: its serial
// number, or the card number where the chip has none). ErrVersion.
func (s *Set) Secret(version uint8, label string, serial []byte, size int) (Secret, error) {
	root, err := s.cardRoot(version)
	if err != nil {
		return Secret{}, err
	}
	return root.secret(label, serial, size)
}

func (k *Key) secret(label string, serial []byte, size int) (Secret, error) {
	if size < 1 || size > KeySize {
		return Secret{}, fmt.Errorf("a card's secret of %d bytes: 1 to %d", size, KeySize)
	}
	code, err := k.derive("secret "+label, serial).Expose()
	if err != nil {
		return Secret{}, err
	}
	return NewSecret(code[:size]), nil
}

// Expose gives the bytes away, for the command that presents them and for
// nothing else. It is nil for the zero Secret.
func (s Secret) Expose() []byte {
	if s.reveal == nil {
		return nil
	}
	return bytes.Clone(s.reveal())
}

const hiddenSecret = "sam.Secret(hidden)"

// String hides the secret.
func (Secret) String() string { return hiddenSecret }

// Format hides the secret from every verb of fmt.
func (Secret) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenSecret) }

// MarshalText hides the secret from encoding/json and its like.
func (Secret) MarshalText() ([]byte, error) { return []byte(hiddenSecret), nil }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hiddenSecret) }
