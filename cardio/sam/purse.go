package sam

import (
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
func (s *Set) Purse(version uint8, serial [8]byte) (PurseKeys, error) {
	root, err := s.cardRoot(version)
	if err != nil {
		return PurseKeys{}, err
	}
	card := func(purpose string) *Key { return root.derive(purpose, nil).diversify(serial) }
	return PurseKeys{Load: card("pboc load"), Purchase: card("pboc purchase"), TAC: card("pboc tac")}, nil
}

// SessionMAC is the MAC of one load: under the key that k makes of the card's
// random number and its online sequence.
func (k *Key) SessionMAC(random [4]byte, sequence uint16, message []byte) ([4]byte, error) {
	padded := padISO(message)
	chained, err := k.session(random, sequence, [2]byte{0x80, 0x00}).chain(padded)
	if err != nil {
		return [4]byte{}, fmt.Errorf("purse mac: %w", err)
	}
	return [4]byte(chained[len(padded)-8:]), nil
}

// session makes the key of one transaction, eight bytes, twice: triple DES with it is
// single DES, which tokens do not have. last is 8000 for a load, and the last two
// bytes of the terminal's sequence for a purchase.
func (k *Key) session(random [4]byte, sequence uint16, last [2]byte) *Key {
	input := binary.BigEndian.AppendUint16(random[:], sequence)
	input = append(input, last[:]...)
	return &Key{k.module, k.recipe.then(ByTripleDES, append(input, input...))}
}

// chain enciphers whole blocks in CBC, started from zero.
func (k *Key) chain(blocks []byte) ([]byte, error) {
	return k.module.TripleDES(k.recipe, [8]byte{}, blocks)
}

// TAC is the card's receipt for a transaction: ErrWeakKey.
// The halves of its key are joined here: no token at hand does that with a key it holds.
func (k *Key) TAC(message []byte) ([4]byte, error) {
	key, err := k.tacKey()
	if err != nil {
		return [4]byte{}, err
	}
	if key == ([8]byte{}) {
		return [4]byte{}, ErrWeakKey
	}
	return desMAC(key, message)
}

// tacKey is the two halves in one.
func (k *Key) tacKey() (key [8]byte, err error) {
	secret, err := k.Expose()
	subtle.XORBytes(key[:], secret[:8], secret[8:])
	return key, err
}

// desMAC is the first half of a CBC-MAC with single DES, padding method 2, started from zero.
func desMAC(key [8]byte, message []byte) ([4]byte, error) {
	padded := padISO(message)
	chained, err := newKey([KeySize]byte(append(key[:], key[:]...))).chain(padded)
	if err != nil {
		return [4]byte{}, fmt.Errorf("purse mac: %w", err)
	}
	return [4]byte(chained[len(padded)-8:]), nil
}
