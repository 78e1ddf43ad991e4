package cardfile

import (
	"bytes"
	"errors"
	"testing"
)

// rests are what a cut write may leave behind the cut: old bytes, erased ones, or anything.
var rests = map[string]func(old byte) byte{
	"old":     func(old byte) byte { return old },
	"erased":  func(byte) byte { return 0xFF },
	"garbage": func(old byte) byte { return old ^ 0x5A },
}

// cuts gives each image that the writes of a plan can leave when they are cut: at each byte of each write.
func cuts(before Image, writes []Write, each func(what string, write, at int, torn Image)) {
	done := before.Clone()
	for i, w := range writes {
		for k := range w.Data {
			for what, rest := range rests {
				torn := done.Clone()
				b := torn[w.Area][w.Offset:][:len(w.Data)]
				for j := range b {
					if j < k {
						b[j] = w.Data[j]
					} else if what != "garbage" || j == k {
						b[j] = rest(b[j])
					}
				}
				each(what, i, k, torn)
			}
		}
		w.apply(done)
	}
	each("whole", len(writes), 0, done)
}

// TestTearingWithTwoCopies: whatever a cut leaves of one of our own cards decodes to the old or to the new state.
func TestTearingWithTwoCopies(t *testing.T) {
	t.Parallel()
	n := 0
	everyOrder(t, func(l *Layout, before *Contents, p Plan) {
		if !l.TwoCopies() {
			return
		}
		cuts(before.image, p.Writes, func(what string, write, at int, torn Image) {
			n++
			c, err := l.Decode(torn, before.keys)
			if err != nil || !sameValues(c, before) && !sameValues(c, decoded(t, l, p.New, before.keys)) {
				t.Errorf("%s: %s from byte %d of write %d: %v, %v", l.Name(), what, at, write, c, err)
			}
		})
	})
	if n < 300 {
		t.Errorf("only %d cuts", n)
	}
	t.Logf("%d cuts", n)
}

// TestTearingFixedPlaces: whatever a cut leaves is told from both images, and restoring it brings back the old one;
// cutting that too leaves again what is told and restored. Where there is a backup, a torn card is no value even to
// who does not have the images.
func TestTearingFixedPlaces(t *testing.T) {
	t.Parallel()
	n := 0
	everyOrder(t, func(l *Layout, before *Contents, p Plan) {
		if l.TwoCopies() {
			return
		}
		cuts(before.image, p.Writes, func(what string, write, at int, torn Image) {
			n++
			fate := l.Compare(torn, before.image, p.New)
			if fate == Strange || (fate == AsOld) != torn.Equal(before.image) || (fate == AsNew) != torn.Equal(p.New) {
				t.Errorf("%s: %s from byte %d of write %d: fate %d", l.Name(), what, at, write, fate)
			}
			if _, err := l.Decode(torn, before.keys); fate == Mixed && len(l.purse.At) > 1 && !errors.Is(err, ErrDisagree) {
				t.Errorf("%s: %s from byte %d of write %d is taken for a value: %v", l.Name(), what, at, write, err)
			}
			back := l.Restore(torn, before.image)
			if fate == AsNew {
				return
			}
			cuts(torn, back.Writes, func(again string, write2, at2 int, twice Image) {
				n++
				if fate := l.Compare(twice, before.image, p.New); fate != AsOld && fate != Mixed {
					t.Errorf("%s: torn twice: fate %d", l.Name(), fate)
				}
				if !l.Restore(twice, before.image).New.Equal(before.image) {
					t.Errorf("%s: torn twice and not restored", l.Name())
				}
			})
		})
	})
	if n < 10_000 {
		t.Errorf("only %d cuts", n)
	}
	t.Logf("%d cuts", n)
}

// everyOrder plans the order of each vector of each shipped layout.
func everyOrder(t *testing.T, each func(*Layout, *Contents, Plan)) {
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for i := range l.Vectors {
			if l.Vectors[i].Order == nil {
				continue
			}
			_, _, c := opened(t, l, i)
			p, err := l.Plan(c, l.Vectors[i].order(l))
			if err != nil {
				t.Fatal(err)
			}
			each(l, c, p)
		}
	}
}

func decoded(t *testing.T, l *Layout, m Image, keys Keys) *Contents {
	t.Helper()
	c, err := l.Decode(m, keys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sameValues(a, b *Contents) bool {
	return a.Values.agree(b.Values) && b.Values.agree(a.Values)
}

// TestStrangeIsNotTorn: a card that somebody else wrote in the meantime is not brought back to anything.
func TestStrangeIsNotTorn(t *testing.T) {
	t.Parallel()
	l := named(t, "example-counter")
	_, _, c := opened(t, l, inUse)
	p, err := l.Plan(c, l.Vectors[inUse].order(l))
	if err != nil {
		t.Fatal(err)
	}
	strange := c.image.Clone()
	strange["card"][16+5] ^= 1 // the alarm, which no load changes
	if fate := l.Compare(strange, c.image, p.New); fate != Strange {
		t.Errorf("fate %d", fate)
	}
	meter := c.image.Clone()
	meter["card"][32] ^= 1 // the meter's own
	if fate := l.Compare(meter, c.image, p.New); fate != AsOld {
		t.Errorf("a card that was in its meter: fate %d", fate)
	}
}

// TestMeterThatTookATornCard: where the meter says that it took the order, the new image is completed.
func TestMeterThatTookATornCard(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"example-counter", "example-cumulative", "example-history"} {
		l := named(t, name)
		_, keys, c := opened(t, l, 0)
		p, err := l.Plan(c, l.Vectors[0].order(l))
		if err != nil {
			t.Fatal(err)
		}
		torn := c.image.Clone()
		p.Writes[0].apply(torn)
		if l.Took(torn, p.New, keys) {
			t.Errorf("%s: a meter that wrote nothing took it", name)
		}
		for taken, v := range map[bool]Values{
			true:  {BackCount: int64(1), BackLoaded: l.Vectors[0].order(l).Total},
			false: {BackCount: int64(0), BackLoaded: int64(0), BackRemaining: int64(10)},
		} {
			back, err := l.WriteBack(c, v)
			if err != nil {
				t.Fatal(err)
			}
			now := torn.Clone()
			for _, w := range back.Writes {
				w.apply(now)
			}
			if bytes.Equal(now["card"], torn["card"]) || l.Took(now, p.New, keys) != taken {
				t.Errorf("%s: taken %v: %v", name, taken, !taken)
			}
		}
	}
}

// TestWritingTheNewerCopyIsFound is the tear test's own test: without what keeps a torn write apart it must fail.
func TestWritingTheNewerCopyIsFound(t *testing.T) {
	t.Parallel()
	l := named(t, "vg1")
	_, keys, c := opened(t, l, inUse)
	broken := *c
	broken.newest = 1 - c.newest // the rule turned round: the newest copy is overwritten
	p, err := l.Plan(&broken, l.Vectors[inUse].order(l))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	cuts(c.image, p.Writes, func(_ string, _, _ int, torn Image) {
		if d, err := l.Decode(torn, keys); err != nil || !sameValues(d, c) && d.Values.Int(Count) != 9 {
			found++
		}
	})
	if found == 0 {
		t.Error("the newest copy was overwritten and cut, and nobody noticed")
	}
}

// TestCopiesOfTwoCards: a zone that was copied from another customer's card, or read there, is no newer copy of this one.
func TestCopiesOfTwoCards(t *testing.T) {
	t.Parallel()
	l := named(t, "vg2")
	card := func(number string, orders int) Image {
		v := Values{Utility: int64(1), UID: "5600000000000001", Number: number, Meter: "20240000000001", KeyVersion: int64(1), Unit: int64(1)}
		plan, err := l.Issue(l.Whole(Image{}), v, Keys{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range int64(orders) {
			next, err := l.Plan(decoded(t, l, plan.New, Keys{}), Order{Count: n + 1, Credit: 10, Change: 10, Total: 10 * (n + 1)})
			if err != nil {
				t.Fatal(err)
			}
			plan = next
		}
		return plan.New
	}
	mine, other := card("6001", 2), card("6009", 3)
	for area := range mine {
		mixed := mine.Clone()
		mixed[area] = other[area]
		if _, err := l.Decode(mixed, Keys{}); !errors.Is(err, ErrConflict) {
			t.Errorf("%s of another card: %v", area, err)
		}
	}
	if c := decoded(t, l, mine, Keys{}); c.Values.Int(Count) != 2 {
		t.Errorf("%v", c.Values)
	}
}
