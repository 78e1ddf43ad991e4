package sam

import (
	"errors"
	"fmt"
	"slices"
)

// Purpose is what a key set is for. A card says it by its key version, and the
// MAC over its identity, made with a key of that version, proves it.
type Purpose string

// The purposes. Key versions up to 127 are for trials of cards, those from 128 up for their production; those from 192 up
// are for the security chips of meters (ESAM), and for no card.
const (
	Trial      Purpose = "trial"
	Production Purpose = "production"
	Chips      Purpose = "esam"
)

// Why there is no next version.
var (
	ErrPurpose     = errors.New("the key set is empty: say what its keys are for, trial, production or esam")
	ErrLastVersion = errors.New("all key versions are used up")
)

const (
	firstProduction = 128
	firstChips      = 192
)

// For says what a key version is for.
func For(version uint8) Purpose {
	switch {
	case version < firstProduction:
		return Trial
	case version < firstChips:
		return Production
	}
	return Chips
}

// Next is the key version that comes after those held: they are never used
// twice. A set that has keys is for what they are for, and purpose may be "": ErrMixed
// otherwise. One that has none wants to be told: ErrPurpose.
func Next(held []Root, purpose Purpose) (uint8, error) {
	switch {
	case len(held) == 0 && purpose == Trial:
		return 1, nil
	case len(held) == 0 && purpose == Production:
		return firstProduction, nil
	case len(held) == 0 && purpose == Chips:
		return firstChips, nil
	case len(held) == 0:
		return 0, ErrPurpose
	}
	last := slices.MaxFunc(held, func(a, b Root) int { return int(a.Version) - int(b.Version) }).Version
	if purpose != "" && For(last) != purpose {
		return 0, fmt.Errorf("%w: it holds version %d, %s", ErrMixed, last, For(last))
	}
	if last == 0xFF || For(last+1) != For(last) {
		return 0, fmt.Errorf("%w: %d", ErrLastVersion, last)
	}
	return last + 1, nil
}
