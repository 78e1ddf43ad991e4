package cjt188

import (
	"bytes"
	"crypto/des"
	"errors"
	"fmt"
)

// Cipher turns one block of eight bytes with the key of one meter, which it never
// shows (§5). A key service stands behind it, or [DES] in a trial; src and dst may
// be the same.
type Cipher interface {
	Encrypt(dst, src []byte) error
	Decrypt(dst, src []byte) error
}

const blockSize = 8

// ErrPadding is DATA that does not end as encrypted DATA does: it was not
// encrypted, or not with this key.
var ErrPadding = errors.New("the data is not encrypted, or with another key")

// Seal encrypts the frame's DATA, as the standard has it for reads and writes: all
// of it, block by block, behind it 80H and zeros up to a whole block. It fails
// with ErrMalformed where the padded DATA is longer than the function allows, and
// where the cipher fails.
func Seal(f Frame, key Cipher) (Frame, error) {
	if f.Control.plain() {
		return f, nil
	}
	padded := append(bytes.Clone(f.Data), 0x80)
	for len(padded)%blockSize != 0 {
		padded = append(padded, 0x00)
	}
	if most := f.Control.maxData(); len(padded) > most {
		return Frame{}, fmt.Errorf("%w: %d bytes of encrypted data, at most %d", ErrMalformed, len(padded), most)
	}
	if err := blockwise(padded, key.Encrypt); err != nil {
		return Frame{}, fmt.Errorf("encrypt the data: %w", err)
	}
	f.Data = padded
	return f, nil
}

// Unseal decrypts the frame's DATA; the frame it is given stays as it is. Errors:
// ErrPadding, and those of the cipher.
func Unseal(f Frame, key Cipher) (Frame, error) {
	if f.Control.plain() {
		return f, nil
	}
	if len(f.Data) == 0 || len(f.Data)%blockSize != 0 {
		return Frame{}, fmt.Errorf("%w: it has %d bytes", ErrPadding, len(f.Data))
	}
	data := bytes.Clone(f.Data)
	if err := blockwise(data, key.Decrypt); err != nil {
		return Frame{}, fmt.Errorf("decrypt the data: %w", err)
	}
	data = bytes.TrimRight(data, "\x00")
	pad := len(f.Data) - len(data) + 1
	if pad > blockSize || data[len(data)-1] != 0x80 {
		return Frame{}, ErrPadding
	}
	f.Data = data[:len(data)-1]
	return f, nil
}

// blockwise does turn to one block after the other, in place.
func blockwise(data []byte, turn func(dst, src []byte) error) error {
	for ; len(data) > 0; data = data[blockSize:] {
		if err := turn(data[:blockSize], data[:blockSize]); err != nil {
			return err
		}
	}
	return nil
}

// plain reports a function whose DATA is never encrypted (§1.2); refusals are
// those of its function.
func (c Control) plain() bool {
	switch c.Function() {
	case ReadData, WriteData:
		return false
	}
	return true
}

// DES is the cipher of the 2004 edition with a key that is at hand. In the field
// a key service holds the keys.
func DES(key [keySize]byte) Cipher {
	block, err := des.NewCipher(key[:])
	if err != nil {
		panic(err) // of another size than eight bytes: not possible
	}
	return desBlock{func(dst, src []byte) { block.Encrypt(dst, src) }, func(dst, src []byte) { block.Decrypt(dst, src) }}
}

// desBlock keeps the key where no printing finds it.
type desBlock struct{ encrypt, decrypt func(dst, src []byte) }

func (d desBlock) Encrypt(dst, src []byte) error { d.encrypt(dst, src); return nil }
func (d desBlock) Decrypt(dst, src []byte) error { d.decrypt(dst, src); return nil }

// MeterKey is the key of meter a, of type t, from the system's key, lowest byte
// first: each byte of it XOR T, A0 … A6 (§5).
func MeterKey(system [keySize]byte, t byte, a Address) [keySize]byte {
	system[0] ^= t
	for i, x := range a {
		system[1+i] ^= x
	}
	return system
}

// FirstKey is the key a meter leaves its factory with (§4, A014).
func FirstKey() [keySize]byte { return [keySize]byte(bytes.Repeat([]byte{0x88}, keySize)) }
