package sam

import (
	"crypto/cipher"
	"crypto/des"
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
	tdes, err := k.tripleDES()
	if err != nil {
		return block, err
	}
	tdes.Encrypt(block[:], block[:])
	return block, nil
}

// SecureMAC is the four-byte MAC of PBOC secure messaging: ISO 9797-1 algorithm 3
// with padding method 2, started from the card's challenge. message is the
// command's header, Lc and data.
func (k *Key) SecureMAC(challenge, message []byte) ([4]byte, error) {
	block, err := pad8(challenge)
	if err != nil {
		return [4]byte{}, err
	}
	secret := k.reveal()
	left, err := des.NewCipher(secret[:8])
	if err != nil {
		return [4]byte{}, fmt.Errorf("secure messaging: %w", err)
	}
	right, err := des.NewCipher(secret[8:])
	if err != nil {
		return [4]byte{}, fmt.Errorf("secure messaging: %w", err)
	}
	padded := padISO(message)
	for ; len(padded) > 0; padded = padded[8:] {
		subtle.XORBytes(block[:], block[:], padded[:8])
		left.Encrypt(block[:], block[:])
	}
	right.Decrypt(block[:], block[:])
	left.Encrypt(block[:], block[:])
	return [4]byte(block[:4]), nil
}

// Wrap enciphers prefix and the target key under k, as WRITE KEY wants them:
// a length byte, the two, padding only where it is needed, triple DES in ECB.
func (k *Key) Wrap(prefix []byte, target *Key) ([]byte, error) {
	secret := target.reveal()
	return k.encipher(prefix, secret[:])
}

func (k *Key) encipher(prefix, secret []byte) ([]byte, error) {
	n := len(prefix) + len(secret)
	if n > 0xFF {
		return nil, fmt.Errorf("wrap a key: %d bytes are too many", n)
	}
	plain := append(append([]byte{byte(n)}, prefix...), secret...)
	if len(plain)%8 != 0 {
		plain = padISO(plain)
	}
	tdes, err := k.tripleDES()
	if err != nil {
		return nil, err
	}
	for at := 0; at < len(plain); at += 8 {
		tdes.Encrypt(plain[at:at+8], plain[at:at+8])
	}
	return plain, nil
}

func (k *Key) tripleDES() (cipher.Block, error) {
	secret := k.reveal()
	tdes, err := des.NewTripleDESCipher(append(secret[:], secret[:8]...))
	if err != nil {
		return nil, fmt.Errorf("triple des: %w", err)
	}
	return tdes, nil
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
