package meterproto_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/meterproto"
)

// Whoever forgets to say what became of a command must not have said that it is well.
func TestNothingSaidIsUnknown(t *testing.T) {
	t.Parallel()
	var r meterproto.Result
	if r.Outcome != meterproto.Unknown || r.Err() == nil {
		t.Errorf("%v, %v", r.Outcome, r.Err())
	}
	for o, happened := range map[meterproto.Outcome]bool{
		meterproto.Unknown: false, meterproto.Done: true, meterproto.Already: true, meterproto.Refused: false, 9: false,
	} {
		err := meterproto.Result{Outcome: o, Reason: meterproto.ErrNoAnswer}.Err()
		if (err == nil) != happened || err != nil && !errors.Is(err, meterproto.ErrNoAnswer) {
			t.Errorf("%v: %v", o, err)
		}
	}
}

func TestCountGoesRoundWhereTheMeterShowsAPartOfIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		taken meterproto.Taken
		count uint32
		want  bool
	}{
		{meterproto.Taken{Count: 5, Modulus: 256}, 261, true},
		{meterproto.Taken{Count: 5, Modulus: 256}, 262, false},
		{meterproto.Taken{Count: 5}, 261, false},
		{meterproto.Taken{Count: 261}, 261, true},
	} {
		if got := c.taken.Holds(c.count); got != c.want {
			t.Errorf("%+v holds %d: %v", c.taken, c.count, got)
		}
	}
}
