package meterproto_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
)

func litres(n int64) meterproto.Credit {
	return meterproto.Credit{N: n, Unit: meterproto.CreditLitres, Resolution: 10, Valid: true}
}

// bought is a meter with 50 m³ left.
func bought() meterproto.Taken {
	return meterproto.Taken{Meter: "10000000000001", Count: 37, Modulus: 256, Last: litres(10_000), Total: litres(900_000), Remaining: litres(50_000)}
}

func TestTwoAnswersAgree(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*meterproto.Taken)
		want   bool
	}{
		"the same":         {func(*meterproto.Taken) {}, true},
		"water flows":      {func(t *meterproto.Taken) { t.Remaining.N -= 30 }, true},
		"a flood":          {func(t *meterproto.Taken) { t.Remaining.N -= 2_010 }, false},
		"it rises":         {func(t *meterproto.Taken) { t.Remaining.N += 10 }, false},
		"another count":    {func(t *meterproto.Taken) { t.Count++ }, false},
		"another total":    {func(t *meterproto.Taken) { t.Total.N += 10 }, false},
		"another last":     {func(t *meterproto.Taken) { t.Last.N -= 10 }, false},
		"another meter":    {func(t *meterproto.Taken) { t.Meter = "10000000000002" }, false},
		"another unit":     {func(t *meterproto.Taken) { t.Remaining.Unit = meterproto.CreditFen }, false},
		"no value is left": {func(t *meterproto.Taken) { t.Remaining = meterproto.Credit{} }, false},
	} {
		later := bought()
		c.change(&later)
		if got := bought().Agrees(later); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A meter that burns between any two questions is believed, as it was last; whatever one answer of it says of purchases that the
// others do not is never what comes out.
func TestAgreedBelievesAFlowAndNoTornAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flow := rapid.Int64Range(0, 2_000).Draw(t, "flow")
		torn := rapid.IntRange(-1, 2).Draw(t, "torn")
		flip := rapid.Int64Range(1, 1<<20).Draw(t, "flip")
		m, asked := bought(), 0
		got, burns, err := meterproto.Agreed(func() (meterproto.Taken, error) {
			says := m
			if asked == torn {
				says.Total.N ^= flip
			}
			m.Remaining.N -= flow
			asked++
			return says, nil
		})
		want := bought()
		want.Remaining.N -= int64(asked-1) * flow
		if err != nil || got != want || burns != (flow > 0) {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
	})
}

// One answer in which what is left is spoiled, and too low, is not what a flow looks like.
func TestAgreedDoubtsOneThatIsLower(t *testing.T) {
	t.Parallel()
	for at := range 3 {
		asked := 0
		got, burns, err := meterproto.Agreed(func() (meterproto.Taken, error) {
			says := bought()
			if asked == at {
				says.Remaining.N -= 990
			}
			asked++
			return says, nil
		})
		if err != nil || got != bought() || burns {
			t.Errorf("at %d: %+v, %v, %v", at, got, burns, err)
		}
	}
}

func TestAgreedEnds(t *testing.T) {
	t.Parallel()
	asked := 0
	_, _, err := meterproto.Agreed(func() (meterproto.Taken, error) {
		asked++
		return meterproto.Taken{Count: uint32(asked)}, nil
	})
	if !errors.Is(err, meterproto.ErrDisagree) || !errors.Is(err, meterproto.ErrGarbage) || asked != 7 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	for at := range 5 {
		n := 0
		_, _, err := meterproto.Agreed(func() (t meterproto.Taken, err error) {
			if t.Count = uint32(n); n == at {
				err = meterproto.ErrNoAnswer
			}
			n++
			return t, err
		})
		if !errors.Is(err, meterproto.ErrNoAnswer) || errors.Is(err, meterproto.ErrDisagree) {
			t.Errorf("silent at answer %d: %v", at, err)
		}
	}
}
