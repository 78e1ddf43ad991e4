package meterproto

import "fmt"

// ErrDisagree: the meter answers, and no two answers in a row say the same of its purchases.
var ErrDisagree = fmt.Errorf("%w: no two answers in a row agree", ErrGarbage)

const (
	// agreeTries bounds how often a meter is asked again until its answers agree.
	agreeTries = 6
	// mostBurnt is more than any meter burns between two answers, which are seconds apart: two cubic metres or kWh,
	// or twenty yuan, which is 1,400 m³/h or 1.4 MW over five seconds.
	mostBurnt = 2_000
)

// Agrees reports whether a later answer of the same meter confirms t. What was purchased must be the same to the digit. What
// is left may have been burnt meanwhile, a little: it never rises without a purchase.
func (t Taken) Agrees(later Taken) bool {
	burnt := t.Remaining.N - later.Remaining.N
	later.Remaining.N = t.Remaining.N
	return later == t && burnt >= 0 && burnt <= mostBurnt
}

// Agreed asks until two answers in a row are the same, or three say that it burns, and returns the last one, and whether the meter burnt
// between them: the sums of many protocols have eight bits, and what is taken for a purchase settles it. It fails with the first error of
// ask, or with ErrDisagree.
func Agreed(ask func() (Taken, error)) (t Taken, burns bool, err error) {
	before, err := ask()
	for n := 0; err == nil && n < agreeTries; n++ {
		var later Taken
		if later, err = ask(); err != nil {
			break
		}
		agrees := before.Agrees(later)
		if agrees && (burns || later == before) {
			return later, burns, nil
		}
		before, burns = later, agrees // one that is lower may be spoiled: the next one tells
	}
	if err == nil {
		err = ErrDisagree
	}
	return Taken{}, false, err
}
