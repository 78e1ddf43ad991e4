package mbus_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/mbus"
)

// bus is meters that answer all at once.
type bus struct {
	meters []mbus.Secondary
	liar   *mbus.Secondary // answers in the name of another where it is alone
	ghost  mbus.Secondary  // what the first collision looks like, unless it is zero
	probes int
	fail   int // the probe at which the line is gone
}

var errLine = errors.New("the line is gone")

func (b *bus) Probe(mask mbus.Secondary) (mbus.Answer, mbus.Secondary, error) {
	if b.probes++; b.probes == b.fail {
		return mbus.Silence, mbus.Secondary{}, errLine
	}
	var answering []mbus.Secondary
	for _, m := range b.meters {
		if mask.Matches(m) {
			answering = append(answering, m)
		}
	}
	switch {
	case len(answering) == 0:
		return mbus.Silence, mbus.Secondary{}, nil
	case len(answering) > 1 && b.ghost != mbus.Secondary{}:
		ghost := b.ghost
		b.ghost = mbus.Secondary{}
		return mbus.OneMeter, ghost, nil
	case len(answering) > 1:
		return mbus.Collision, mbus.Secondary{}, nil
	case b.liar != nil && answering[0] == *b.liar:
		return mbus.OneMeter, mbus.Secondary{ID: 0x99999999}, nil
	}
	return mbus.OneMeter, answering[0], nil
}

func sorted(all []mbus.Secondary) []string {
	var names []string
	for _, m := range all {
		names = append(names, m.String())
	}
	slices.Sort(names)
	return names
}

// Whatever meters hang on the bus, each is found once; two that cannot be told
// apart are reported, and nothing is made up.
func TestSearchFindsEveryMeter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known := map[mbus.Secondary]bool{}
		for range rapid.IntRange(0, 12).Draw(t, "meters") {
			known[mbus.Secondary{
				ID:           rapid.SampledFrom([]uint32{0x10000000, 0x10000001, 0x10000010, 0x12345678, 0x99999999, 0x87654321}).Draw(t, "id"),
				Manufacturer: 0x1593, Version: rapid.ByteRange(1, 3).Draw(t, "version"),
				Medium: rapid.SampledFrom([]byte{0x03, 0x07, 0x41}).Draw(t, "medium"),
			}] = true
		}
		b := &bus{}
		for m := range known {
			b.meters = append(b.meters, m)
		}
		found, err := mbus.Search(b, mbus.Everyone(), 1_000_000)
		if err != nil || found.Probes != b.probes {
			t.Fatalf("%d probes, %d counted, %v", b.probes, found.Probes, err)
		}
		want := sorted(b.meters)
		if got := sorted(found.Meters); !slices.Equal(got, want) && len(found.Unresolved) == 0 {
			t.Fatalf("found %v, want %v", got, want)
		}
		for _, m := range found.Meters {
			if !known[m] {
				t.Fatalf("%v is made up", m)
			}
		}
		for _, m := range b.meters { // what is not found is behind a mask that is reported
			if !slices.Contains(found.Meters, m) && !slices.ContainsFunc(found.Unresolved, func(mask mbus.Secondary) bool { return mask.Matches(m) }) {
				t.Fatalf("%v is lost: %+v", m, found)
			}
		}
	})
}

func TestSearchFindsDigitsAboveNine(t *testing.T) {
	t.Parallel()
	meters := []mbus.Secondary{{ID: 0x0500023E, Manufacturer: 1}, {ID: 0x0500023A, Manufacturer: 1}, {ID: 0x05000230, Manufacturer: 1}}
	for _, hang := range [][]mbus.Secondary{meters[:1], meters[:2], {meters[0], meters[2]}} {
		found, err := mbus.Search(&bus{meters: hang}, mbus.Everyone(), 1000)
		if err != nil || !slices.Equal(sorted(found.Meters), sorted(hang)) || len(found.Unresolved) != 0 {
			t.Errorf("%v: %+v, %v", hang, found, err)
		}
	}
}

func TestSearchReportsTwins(t *testing.T) {
	t.Parallel()
	twin := mbus.Secondary{ID: 0x12345678, Manufacturer: 0x1593, Version: 51, Medium: 3}
	other := mbus.Secondary{ID: 0x12345679, Manufacturer: 0x1593, Version: 51, Medium: 3}
	found, err := mbus.Search(&bus{meters: []mbus.Secondary{twin, twin, other}}, mbus.Everyone(), 10_000)
	if err != nil || !slices.Equal(found.Meters, []mbus.Secondary{other}) || len(found.Unresolved) != 1 || !found.Unresolved[0].Matches(twin) {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestSearchBelievesNoLiar(t *testing.T) {
	t.Parallel()
	liar := mbus.Secondary{ID: 0x12345678, Manufacturer: 0x1593, Version: 51, Medium: 3}
	mask, _ := mbus.ParseSecondary("1FFFFFFF")
	found, err := mbus.Search(&bus{meters: []mbus.Secondary{liar}, liar: &liar}, mask, 10_000)
	if err != nil || len(found.Meters) != 0 || len(found.Unresolved) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

// A collision whose sum is right by chance is no meter.
func TestSearchBelievesNoGhost(t *testing.T) {
	t.Parallel()
	meters := []mbus.Secondary{{ID: 0x12345678, Manufacturer: 1, Version: 1, Medium: 7}, {ID: 0x87654321, Manufacturer: 1, Version: 1, Medium: 7}}
	found, err := mbus.Search(&bus{meters: meters, ghost: mbus.Secondary{ID: 0x10000000, Manufacturer: 1, Version: 1, Medium: 7}}, mbus.Everyone(), 1000)
	if err != nil || !slices.Equal(found.Meters, meters) || len(found.Unresolved) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestSearchEnds(t *testing.T) {
	t.Parallel()
	var many []mbus.Secondary
	for i := range 10 {
		many = append(many, mbus.Secondary{ID: uint32(i) << 28, Manufacturer: 1, Version: 1, Medium: 7})
	}
	found, err := mbus.Search(&bus{meters: many}, mbus.Everyone(), 6)
	if !errors.Is(err, mbus.ErrProbes) || found.Probes != 6 || len(found.Meters) != 2 { // each is called twice
		t.Errorf("%+v, %v", found, err)
	}
	found, err = mbus.Search(&bus{meters: many, fail: 6}, mbus.Everyone(), 1000)
	if !errors.Is(err, errLine) || len(found.Meters) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
	found, err = mbus.Search(&bus{}, mbus.Everyone(), 1000)
	if err != nil || found.Probes != 1 || len(found.Meters)+len(found.Unresolved) != 0 {
		t.Errorf("an empty bus: %+v, %v", found, err)
	}
}
