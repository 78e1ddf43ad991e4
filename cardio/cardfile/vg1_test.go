package cardfile

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// named finds a shipped layout.
func named(t testing.TB, name string) *Layout {
	t.Helper()
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		if l.Name() == name {
			return l
		}
	}
	t.Fatalf("no layout %s", name)
	return nil
}

// opened is the i-th vector of a layout: image, keys, contents.
func opened(t testing.TB, l *Layout, i int) (Image, Keys, *Contents) {
	t.Helper()
	m, err := l.image(l.Vectors[i].Image)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := l.vectorKeys(m, l.Vectors[i].Keys)
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Decode(m, keys)
	if err != nil {
		t.Fatal(err)
	}
	return m, keys, c
}

const inUse = 1 // the vector of a vg1 card in use: slot B is newer, and the meter wrote back

// TestNewestSlot: the newest valid slot counts, whatever became of the other.
func TestNewestSlot(t *testing.T) {
	t.Parallel()
	l := named(t, "vg1")
	m, keys, _ := opened(t, l, inUse)
	slot := func(m Image, i int) []byte { return m["vendor"][48+48*i:][:48] }
	for name, test := range map[string]struct {
		change func(Image)
		count  int64
		one    bool
		err    error
	}{
		"both":          {func(Image) {}, 8, false, nil},
		"A torn":        {func(m Image) { slot(m, 0)[20] ^= 1 }, 8, true, nil},
		"A erased":      {func(m Image) { copy(slot(m, 0), bytes.Repeat([]byte{0xFF}, 48)) }, 8, true, nil},
		"B torn":        {func(m Image) { slot(m, 1)[20] ^= 1 }, 7, true, nil},
		"B erased":      {func(m Image) { clear(slot(m, 1)) }, 7, true, nil},
		"A copied to B": {func(m Image) { copy(slot(m, 1), slot(m, 0)) }, 7, true, nil},
		"both torn":     {func(m Image) { slot(m, 0)[20] ^= 1; slot(m, 1)[20] ^= 1 }, 0, false, ErrMAC},
		"none":          {func(m Image) { clear(slot(m, 0)); clear(slot(m, 1)) }, 0, false, ErrErased},
		"short":         {func(m Image) { m["vendor"] = m["vendor"][:100] }, 7, true, nil},
	} {
		changed := m.Clone()
		test.change(changed)
		c, err := l.Decode(changed, keys)
		switch {
		case test.err != nil:
			if !errors.Is(err, test.err) {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil, c.Values.Int(Count) != test.count, c.OneCopy() != test.one:
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	conflict := m.Clone()
	twin := Values{Generation: int64(8), Count: int64(9)}
	if err := l.spell(l.purse, 1, slot(conflict, 1), twin, conflict, keys); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Decode(conflict, keys); !errors.Is(err, ErrConflict) {
		t.Errorf("two of one generation: %v", err)
	}
}

// TestBinding takes the parts of one card to another chip, meter, place and key: no MAC holds there.
func TestBinding(t *testing.T) {
	t.Parallel()
	l := named(t, "vg1")
	m, keys, _ := opened(t, l, inUse)
	for name, at := range map[string]int{"chip": 12, "meter": 29} {
		moved := m.Clone()
		moved["vendor"][at] ^= 1
		if err := l.Prove(moved, keys); !errors.Is(err, ErrMAC) {
			t.Errorf("identity, other %s: %v", name, err)
		}
		for i, r := range []string{"identity", "purse", "back"} {
			c, err := l.examine(&l.Records[i], 0, moved, keys)
			if wantMAC := r != "back" || name == "chip"; err != nil || errors.Is(c.err, ErrMAC) != wantMAC {
				t.Errorf("%s, other %s: %v, %v", r, name, c.err, err)
			}
		}
	}
	swapped := Keys{Purse: keys.WriteBack, WriteBack: keys.Purse}
	if err := l.Prove(m, swapped); !errors.Is(err, ErrMAC) {
		t.Errorf("other key: %v", err)
	}
	foreign := m.Clone()
	foreign["vendor"][29] ^= 1
	l2, err := l.Decode(m, Keys{Purse: keys.Purse, WriteBack: keys.Purse})
	if err != nil || l2.Back() != Torn {
		t.Errorf("a write-back of another key: %v, %v", l2, err)
	}
}

// TestEveryBitOfACardCounts flips each bit of a vg1 card: the record that it is in is not taken any more.
func TestEveryBitOfACardCounts(t *testing.T) {
	t.Parallel()
	l := named(t, "vg1")
	m, keys, whole := opened(t, l, inUse)
	for area, b := range m {
		for bit := range 8 * len(b) {
			changed := m.Clone()
			changed[area][bit/8] ^= 1 << (bit % 8)
			c, err := l.Decode(changed, keys)
			if err == nil && fmt.Sprint(c.Copies) == fmt.Sprint(whole.Copies) {
				t.Errorf("bit %d of %s does not count", bit, area)
			}
		}
	}
}

// unplugged is a token that was pulled out.
type unplugged struct{}

var errUnplugged = errors.New("unplugged")

func (unplugged) CMAC([]byte) ([16]byte, error) { return [16]byte{}, errUnplugged }

// TestUnpluggedToken must not be taken for a torn card.
func TestUnpluggedToken(t *testing.T) {
	t.Parallel()
	l := named(t, "vg1")
	m, keys, c := opened(t, l, inUse)
	_, purse := l.Decode(m, Keys{Purse: unplugged{}, WriteBack: keys.WriteBack})
	_, back := l.Decode(m, Keys{Purse: keys.Purse, WriteBack: unplugged{}})
	c.keys.Purse = unplugged{}
	_, plan := l.Plan(c, l.Vectors[inUse].order(l))
	_, issue := l.Issue(l.Whole(Image{}), c.Values, c.keys)
	for i, err := range []error{purse, back, plan, issue, l.Prove(m, c.keys)} {
		if !errors.Is(err, errUnplugged) || Invalid(err) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// TestPlanRefuses what does not fit the card.
func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		layout string
		order  Order
		want   error
	}{
		"too large":             {"vg1", Order{Count: 9, Credit: 1 << 48, Change: 1 << 48, Total: 1<<48 + 1_000_000}, ErrValue},
		"totals do not follow":  {"vg1", Order{Count: 9, Credit: 5, Change: 5, Total: 1_000_006}, ErrValue},
		"credit over the total": {"vg1", Order{Count: 9, Credit: 2_000_000, Change: 5, Total: 1_000_005}, ErrValue},
		"a bad id":              {"vg1", Order{Count: 9, Credit: 5, Change: 5, Total: 1_000_005, Purchase: "00"}, ErrValue},
		"not in tens":           {"example-counter", Order{Count: 256, Credit: 15, Change: 15}, ErrValue},
		"count over the limit":  {"example-counter", Order{Count: 10_000, Credit: 10, Change: 10}, ErrValue},
		"taken back":            {"example-counter", Order{Count: 256, Change: -30_000}, ErrValue},
		"no rule":               {"gas4442", Order{Count: 1, Credit: 10, Change: 10}, ErrNoRule},
	} {
		l := named(t, test.layout)
		_, _, c := opened(t, l, inUse)
		if test.order.Purchase == "" && l.Holds(Purchase) {
			test.order.Purchase = "0190a5b0111172228333444455556667"
		}
		if p, err := l.Plan(c, test.order); !errors.Is(err, test.want) || len(p.Writes) > 0 {
			t.Errorf("%s: %v, %d writes", name, err, len(p.Writes))
		}
	}
}

// TestSealedAndMisspelled: a part that is sealed and not spelled as vg1 has it is not taken.
func TestSealedAndMisspelled(t *testing.T) {
	t.Parallel()
	l := named(t, "vg1")
	m, keys, _ := opened(t, l, inUse)
	for name, test := range map[string]struct {
		record, at int
		bytes      []byte
	}{
		"magic": {0, 0, []byte("v")}, "unit": {0, 5, []byte{4}}, "version 0": {0, 6, []byte{0}}, "tail": {0, 39, []byte{1}},
		"no number": {0, 20, bytes.Repeat([]byte{0xFF}, 8)}, "digit after F": {0, 27, []byte{0xF1}}, "digit A": {0, 20, []byte{0xA0}},
		"short meter": {0, 34, []byte{0x0F}}, "purse format": {1, 0, []byte{2}}, "generation 0": {1, 4, make([]byte, 4)},
		"credit over total": {1, 12, []byte{1}}, "state bits": {2, 1, []byte{4}}, "other meter": {2, 114, []byte{2}},
	} {
		changed := m.Clone()
		r := &l.Records[test.record]
		b := r.bytesAt(changed, len(r.At)-1)
		copy(b[test.at:], test.bytes)
		sum, err := r.Check.compute(b, l.prefix(r, len(r.At)-1, changed), keys)
		if err != nil {
			t.Fatal(err)
		}
		copy(b[r.Check.Offset:], sum)
		c, err := l.Decode(changed, keys)
		if took := err == nil && (test.record != 1 || !c.OneCopy()) && (test.record != 2 || c.Back() == Whole); took {
			t.Errorf("%s was taken", name)
		}
	}
}
