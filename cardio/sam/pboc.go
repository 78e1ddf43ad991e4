package sam

import (
	"crypto/subtle"
	"errors"
	"fmt"
)

// The DES arithmetic of PBOC cards (cards.md §1). It is weak by today's measure
// and bounded by it: it guards one card's files for one session, while the
// content has an AES-CMAC of its own.

var errChallenge = errors.New("a card's challenge has 4 or 8 bytes")

// Cryptogram answers an external authentication: the challenge, padded with
// zeros to 8 bytes, enciphered with two-key triple DES.
func (k *Key) Cryptogram(challenge []byte) ([8]byte, error) {
	block, err := pad8(challenge)
	if err != nil {
		return block, err
	}
	return k.encipher(block)
}

// SecureMAC is the four-byte MAC of PBOC secure messaging: ISO 9797-1 algorithm 3
// with padding method 2, started from the card's challenge. message is the
// command's header, Lc and data.
func (k *Key) SecureMAC(challenge, message []byte) ([4]byte, error) {
	block, err := pad8(challenge)
	if err != nil {
		return [4]byte{}, err
	}
	padded := padISO(message)
	last := len(padded) - 8
	if last > 0 { // all blocks but the last: single DES with the left half
		chained, err := k.module.TripleDES(k.recipe.left(), block, padded[:last])
		if err != nil {
			return [4]byte{}, fmt.Errorf("secure messaging: %w", err)
		}
		block = [8]byte(chained[last-8:])
	}
	subtle.XORBytes(block[:], block[:], padded[last:])
	if block, err = k.encipher(block); err != nil {
		return [4]byte{}, fmt.Errorf("secure messaging: %w", err)
	}
	return [4]byte(block[:4]), nil
}

// encipher is one block under two-key triple DES.
func (k *Key) encipher(block [8]byte) ([8]byte, error) {
	out, err := k.module.TripleDES(k.recipe, [8]byte{}, block[:])
	if err != nil {
		return [8]byte{}, err
	}
	return [8]byte(out), nil
}

// Wrap enciphers prefix and the target key under k, as WRITE KEY wants them:
// a length byte, the two, padding only where it is needed, triple DES in ECB.
func (k *Key) Wrap(prefix []byte, target *Key) ([]byte, error) {
	secret, err := target.Expose()
	if err != nil {
		return nil, fmt.Errorf("wrap a key: %w", err)
	}
	return k.wrap(prefix, secret[:])
}

func (k *Key) wrap(prefix, secret []byte) ([]byte, error) {
	n := len(prefix) + len(secret)
	if n > 0xFF {
		return nil, fmt.Errorf("wrap: %d bytes are too many", n)
	}
	plain := append(append([]byte{byte(n)}, prefix...), secret...)
	if len(plain)%8 != 0 {
		plain = padISO(plain)
	}
	for at := 0; at < len(plain); at += 8 {
		block, err := k.encipher([8]byte(plain[at:]))
		if err != nil {
			return nil, fmt.Errorf("wrap: %w", err)
		}
		copy(plain[at:], block[:])
	}
	return plain, nil
}

// pad8 lengthens a 4-byte challenge with zeros.
func pad8(challenge []byte) ([8]byte, error) {
	var b [8]byte
	if len(challenge) != 4 && len(challenge) != 8 {
		return b, errChallenge
	}
	copy(b[:], challenge)
	return b, nil
}

// padISO is ISO 9797-1 padding method 2: 80, then zeros to a whole block.
func padISO(message []byte) []byte {
	padded := make([]byte, len(message)/8*8+8)
	padded[copy(padded, message)] = 0x80
	return padded
}
