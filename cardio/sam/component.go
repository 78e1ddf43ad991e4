package sam

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What can be wrong in a key ceremony.
var (
	ErrComponent = errors.New("a key component has 32 hex digits")
	ErrKCV       = errors.New("the key check value does not fit the component: one of them was mistyped")
	ErrSameParts = errors.New("a key takes two different components at least")
	ErrWeak      = errors.New("the key is weak or published: it is no key for production")
)

// Component makes a random key component for one holder.
func Component() *Key { return &Key{module: memory{0: random()}} }

// ParseComponent reads a component as its holder has it on paper, spaces and
// hyphens as they come, and holds it against its KCV: ErrComponent, ErrKCV. The errors
// quote neither.
func ParseComponent(digits, kcv string) (*Key, error) {
	clean := strings.NewReplacer(" ", "", "-", "")
	b, err := hex.DecodeString(clean.Replace(strings.TrimSpace(digits)))
	if err != nil || len(b) != KeySize {
		return nil, ErrComponent
	}
	k := newKey([KeySize]byte(b))
	is, err := k.KCV()
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(is, clean.Replace(strings.TrimSpace(kcv))) {
		return nil, ErrKCV
	}
	return k, nil
}

// Digits writes a component for its holder's paper, in groups of four.
func (k *Key) Digits() (string, error) {
	secret, err := k.Expose()
	if err != nil {
		return "", err
	}
	var groups []string
	for pair := range slices.Chunk(secret[:], 2) {
		groups = append(groups, fmt.Sprintf("%X", pair))
	}
	return strings.Join(groups, " "), nil
}

// KCV is the key check value of a component, or of the key that came of them.
func (k *Key) KCV() (string, error) {
	secret, err := k.Expose()
	if err != nil {
		return "", err
	}
	return checkValue(secret)
}

// Combine makes the key of which each holder has a component: all of them under
// exclusive or. Who has one component less than all knows nothing of it.
func Combine(components ...*Key) (*Key, error) {
	var sum [KeySize]byte
	seen := map[[KeySize]byte]bool{}
	for _, c := range components {
		secret, err := c.Expose()
		if err != nil {
			return nil, err
		}
		if seen[secret] {
			return nil, ErrSameParts
		}
		seen[secret] = true
		subtle.XORBytes(sum[:], sum[:], secret[:])
	}
	if len(seen) < 2 {
		return nil, ErrSameParts
	}
	return newKey(sum), nil
}

// published are keys that stand in manuals and on pages, with which test cards
// are delivered (cards.md §2, vectors). Keys with equal halves need not stand here.
var published = [...]string{
	"00112233445566778899AABBCCDDEEFF", "000102030405060708090A0B0C0D0E0F", "404142434445464748494A4B4C4D4E4F",
	"0123456789ABCDEFFEDCBA9876543210", "11223344556677888877665544332211", "2B7E151628AED2A6ABF7158809CF4F3C",
}

// Strong refuses what must not guard anything but trials: a key with equal
// halves (a DTK of that kind makes every TAC the same, and triple DES with it is
// single DES), and a published one: ErrWeak.
func (k *Key) Strong(purpose Purpose) error {
	if purpose == Trial {
		return nil
	}
	secret, err := k.Expose()
	if err != nil {
		return err
	}
	if [8]byte(secret[:8]) == [8]byte(secret[8:]) || slices.Contains(published[:], fmt.Sprintf("%X", secret)) {
		return ErrWeak
	}
	return nil
}
