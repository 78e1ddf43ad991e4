package cardfile

import (
	"crypto/subtle"
	"errors"
	"fmt"
)

// MACKey computes AES-CMAC.
type MACKey interface {
	CMAC(message []byte) ([16]byte, error)
}

// What can be wrong with bytes from a card.
var (
	ErrErased   = errors.New("never written")
	ErrSpelling = errors.New("not spelled as vg1 has it")
	ErrMAC      = errors.New("MAC wrong")
	ErrConflict = errors.New("two valid purses of one generation differ")
	ErrValue    = errors.New("value does not fit the layout")
)

const macSize = 8

// Letters keep one part's MAC from being taken for another's.
const (
	letterIdentity  = 'I'
	letterWriteBack = 'W'
)

// seal appends the MAC of part: over letter || binding || part, cut to eight bytes.
func seal(key MACKey, letter byte, binding, part []byte) ([]byte, error) {
	tag, err := key.CMAC(join(letter, binding, part))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return append(part, tag[:macSize]...), nil
}

// open checks the MAC at the end of sealed and returns the part before it.
func open(key MACKey, letter byte, binding, sealed []byte) ([]byte, error) {
	part, mac := sealed[:len(sealed)-macSize], sealed[len(sealed)-macSize:]
	tag, err := key.CMAC(join(letter, binding, part))
	if err != nil {
		return nil, fmt.Errorf("check a MAC: %w", err)
	}
	if subtle.ConstantTimeCompare(mac, tag[:macSize]) != 1 {
		return nil, ErrMAC
	}
	return part, nil
}

func join(letter byte, binding, part []byte) []byte {
	message := make([]byte, 0, 1+len(binding)+len(part))
	return append(append(append(message, letter), binding...), part...)
}

// uniform tells whether all bytes are b.
func uniform(bytes []byte, b byte) bool {
	for _, x := range bytes {
		if x != b {
			return false
		}
	}
	return true
}

// erased tells whether no byte was ever written: EEPROM comes as 00 or FF.
func erased(b []byte) bool { return uniform(b, 0x00) || uniform(b, 0xFF) }
