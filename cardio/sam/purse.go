package sam

import (
	"crypto/des"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// The arithmetic of the PBOC e-purse (JR/T 0025.2; cards.md §2). Its MACs are
// single DES under keys that live for one transaction.

// ErrWeakKey is a TAC key whose halves are equal: every TAC would be made with the
// key of zeros, which anyone has. Test cards are delivered so.
var ErrWeakKey = errors.New("the purse's TAC key has two equal halves: it proves nothing")

// PurseKeys are the issuer's keys of one card's purse.
type PurseKeys struct {
	Load     *Key // DLK: MAC1 and MAC2 of a load
	Purchase *Key // DPK: what the meter takes
	TAC      *Key // DTK: the card's receipt
}

// Purse derives the keys of the purse on the card with that application serial
// number, or fails with ErrVersion. PBOC's own step makes a card's key of a
// master key, so that a master may lie in any module that knows PBOC.
func (f *File) Purse(version uint8, serial [8]byte) (PurseKeys, error) {
	root, err := f.root(version)
	if err != nil {
		return PurseKeys{}, err
	}
	var keys [3]*Key
	for i, purpose := range [...]string{"pboc load", "pboc purchase", "pboc tac"} {
		master, err := root.derive(purpose, nil)
		if err != nil {
			return PurseKeys{}, fmt.Errorf("purse key %s: %w", purpose, err)
		}
		if keys[i], err = master.child(serial); err != nil {
			return PurseKeys{}, fmt.Errorf("purse key %s: %w", purpose, err)
		}
	}
	return PurseKeys{Load: keys[0], Purchase: keys[1], TAC: keys[2]}, nil
}

// child is PBOC's diversification: the left half is the id enciphered, the right
// one its complement.
func (k *Key) child(id [8]byte) (*Key, error) {
	tdes, err := k.tripleDES()
	if err != nil {
		return nil, err
	}
	var secret [KeySize]byte
	for i, b := range id {
		secret[i], secret[8+i] = b, ^b
	}
	tdes.Encrypt(secret[:8], secret[:8])
	tdes.Encrypt(secret[8:], secret[8:])
	return newKey(secret), nil
}

// SessionMAC is the MAC of one load: under the key that k makes of the card's
// random number and its online sequence.
func (k *Key) SessionMAC(random [4]byte, sequence uint16, message []byte) ([4]byte, error) {
	session, err := k.session(random, sequence, [2]byte{0x80, 0x00})
	if err != nil {
		return [4]byte{}, err
	}
	return desMAC(session, message)
}

// session makes the key of one transaction. last is 8000 for a load, and the last
// two bytes of the terminal's sequence for a purchase.
func (k *Key) session(random [4]byte, sequence uint16, last [2]byte) (key [8]byte, err error) {
	copy(key[:], random[:])
	binary.BigEndian.PutUint16(key[4:], sequence)
	copy(key[6:], last[:])
	tdes, err := k.tripleDES()
	if err != nil {
		return key, err
	}
	tdes.Encrypt(key[:], key[:])
	return key, nil
}

// TAC is the card's receipt for a transaction: ErrWeakKey.
func (k *Key) TAC(message []byte) ([4]byte, error) {
	key := k.tacKey()
	if key == ([8]byte{}) {
		return [4]byte{}, ErrWeakKey
	}
	return desMAC(key, message)
}

// tacKey is the two halves in one.
func (k *Key) tacKey() (key [8]byte) {
	secret := k.reveal()
	subtle.XORBytes(key[:], secret[:8], secret[8:])
	return key
}

// desMAC is the first half of a CBC-MAC with single DES, padding method 2, started from zero.
func desMAC(key [8]byte, message []byte) ([4]byte, error) {
	cipher, err := des.NewCipher(key[:])
	if err != nil {
		return [4]byte{}, fmt.Errorf("purse mac: %w", err)
	}
	var block [8]byte
	for padded := padISO(message); len(padded) > 0; padded = padded[8:] {
		subtle.XORBytes(block[:], block[:], padded[:8])
		cipher.Encrypt(block[:], block[:])
	}
	return [4]byte(block[:4]), nil
}
