package sam

import (
	"bytes"
	"errors"
	"fmt"
)

// What can be wrong with a key set, or between it and a card.
var (
	ErrVersion    = errors.New("key version not held")
	ErrTrial      = errors.New("keyed for trials, but these are the production keys")
	ErrProduction = errors.New("keyed for production, but these are trial keys")
	ErrMixed      = errors.New("a key set is for trials, for production or for meters' chips, and for one of them only")
	ErrForChips   = errors.New("the key set is for meters' chips, and not for cards")
	ErrForCards   = errors.New("the key set is for cards, and not for meters' chips")
	ErrNoKeys     = errors.New("the key set is empty: generate or import a root")
)

// Root is what anybody may know of a root.
type Root struct {
	Version uint8
	KCV     string // key check value: six hex digits, the first three bytes of a zero block under AES
}

// Set is a utility's key set: roots by version, somewhere in a module, and all
// that is diversified from them. It never changes and is safe for concurrent use.
type Set struct {
	module  Module
	roots   []Root
	current uint8
}

// NewSet is the key set of a module that holds these roots. The highest version
// is the current one: versions are given in order and never again. ErrMixed.
func NewSet(module Module, roots []Root) (*Set, error) {
	s := &Set{module: module, roots: roots}
	for _, r := range roots {
		if r.Version == 0 || For(r.Version) != For(roots[0].Version) {
			return nil, ErrMixed
		}
		s.current = max(s.current, r.Version)
	}
	return s, nil
}

// Current is the key version for cards issued from now on; 0 while there is none.
func (s *Set) Current() uint8 { return s.current }

// Roots lists the roots, in the order in which the module gave them.
func (s *Set) Roots() ([]Root, error) { return s.roots, nil }

// Card derives the vendor's keys for the chip with that UID, or fails with
// ErrVersion, ErrTrial, ErrProduction, ErrForChips or ErrNoKeys.
func (s *Set) Card(version uint8, uid [8]byte) (Card, error) {
	root, err := s.cardRoot(version)
	if err != nil {
		return Card{}, err
	}
	return Card{Transport: factory(), Vendor: root.card(uid)}, nil
}

// Meter derives the keys of the meter with that number; it fails as Card does.
func (s *Set) Meter(version uint8, number string) (Meter, error) {
	root, err := s.cardRoot(version)
	if err != nil {
		return Meter{}, err
	}
	return root.meter(number), nil
}

// cardRoot is the root of a set that is for cards.
func (s *Set) cardRoot(version uint8) (*Key, error) {
	if For(s.current) == Chips {
		return nil, ErrForChips
	}
	return s.root(version)
}

func (s *Set) root(version uint8) (*Key, error) {
	for _, r := range s.roots {
		if r.Version == version {
			return &Key{s.module, Recipe{Version: version}}, nil
		}
	}
	switch {
	case len(s.roots) == 0:
		return nil, ErrNoKeys
	case version == 0 || For(version) == For(s.current) || For(version) == Chips || For(s.current) == Chips:
		return nil, fmt.Errorf("%w: %d", ErrVersion, version)
	case For(version) == Trial:
		return nil, fmt.Errorf("%w: version %d", ErrTrial, version)
	default:
		return nil, fmt.Errorf("%w: version %d", ErrProduction, version)
	}
}

// factory is the key with which the makers deliver blank FMCOS chips: public,
// so it protects nothing but an empty chip.
func factory() *Key {
	return newKey([KeySize]byte(bytes.Repeat([]byte{0xFF}, KeySize)))
}
