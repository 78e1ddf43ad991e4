package vending_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
)

// A meter that is dead is asked again, less and less often; one that declines is not asked for ever.
func TestChoresAreTriedAgain(t *testing.T) {
	t.Parallel()
	dead := errors.New("no answer")
	for name, c := range map[string]struct {
		kind  vending.ChoreKind
		cause error
		last  time.Duration // after eight tries
		given bool
		after int // tries until it was given up
	}{
		"dead":                           {vending.PriceChore, dead, time.Hour, false, 0},
		"dead, and a purchase":           {vending.DoubtChore, dead, time.Hour, false, 0},
		"it declines":                    {vending.PriceChore, vending.ErrMeterDeclined.With("Meter", "1"), vending.HearPricesEvery, true, 3},
		"our keys are away":              {vending.PriceChore, errors.Join(vending.ErrNotSent, vending.ErrMeterDeclined), time.Hour, false, 0},
		"its protocol has no prices":     {vending.PriceChore, errors.Join(dead, vending.ErrNotSettable), vending.HearPricesEvery, true, 1},
		"it cannot hold them":            {vending.PriceChore, vending.ErrPriceLine, vending.HearPricesEvery, true, 1},
		"its list is of another kind":    {vending.PriceChore, vending.ErrNotMoneyMeter, vending.HearPricesEvery, true, 1},
		"a purchase is never given up":   {vending.DoubtChore, vending.ErrMeterDeclined, time.Hour, false, 0},
		"nor is what nobody knows about": {vending.PriceChore, vending.ErrSettingUnproved, time.Hour, false, 0},
	} {
		chore, given, last := vending.Chore{Kind: c.kind}, 0, time.Duration(0)
		for try := 1; try <= 8; try++ {
			var pause time.Duration
			chore, pause = chore.Ended(c.cause, vending.ErrMeterDeclined)
			if pause < last || chore.Tries != try || chore.Trouble == nil {
				t.Errorf("%s, try %d: %+v, after %v %v", name, try, chore, last, pause)
			}
			if last = pause; chore.GivenUp && given == 0 {
				given = try
			}
		}
		if last != c.last || chore.GivenUp != c.given || given != c.after {
			t.Errorf("%s: %+v, last %v, given up after %d", name, chore, last, given)
		}
		if chore, pause := chore.Ended(nil, nil); chore.Tries != 0 || chore.Trouble != nil || chore.GivenUp || pause != vending.HearPricesEvery {
			t.Errorf("%s, done: %+v, %v", name, chore, pause)
		}
	}
}

// Silence is no refusal: whatever came between, a price is given up when it was declined three times.
func TestSilenceDeclinesNothing(t *testing.T) {
	t.Parallel()
	chore := vending.Chore{Kind: vending.PriceChore}
	dead, no := errors.New("no answer"), vending.ErrMeterDeclined.With("Meter", "1")
	for i, cause := range []error{dead, dead, no, dead, no, dead, no} {
		if chore, _ = chore.Ended(cause, no); chore.GivenUp != (i == 6) {
			t.Errorf("after try %d: %+v", i+1, chore)
		}
	}
	if chore, _ = chore.Ended(nil, nil); chore.Declines != 0 {
		t.Errorf("done: %+v", chore)
	}
}

// All tries at a chore are one deed; another chore is another.
func TestChoreIsOneDeed(t *testing.T) {
	t.Parallel()
	one := vending.Chore{LineMeter: vending.LineMeter{Customer: 1001, Meter: "1"}, Kind: vending.PriceChore, About: "gas 2026-01-01"}
	again, _ := one.Ended(errors.New("no answer"), nil)
	if one.Deed() != again.Deed() {
		t.Error("another try is another deed")
	}
	for _, change := range []func(*vending.Chore){
		func(c *vending.Chore) { c.Customer++ },
		func(c *vending.Chore) { c.Meter = "2" },
		func(c *vending.Chore) { c.About = "gas 2026-02-01" },
		func(c *vending.Chore) { c.Kind = vending.DoubtChore },
	} {
		other := one
		if change(&other); other.Deed().ID == one.Deed().ID {
			t.Errorf("%+v is the same deed", other)
		}
	}
}
