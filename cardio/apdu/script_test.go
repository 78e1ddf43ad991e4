package apdu

import (
	"errors"
	"slices"
	"testing"
)

// far is a link that runs scripts at its end: there it is a channel of its own.
type far struct {
	*script
	scripts int
	lose    int   // this many of the last replies do not arrive
	err     error // instead of them
}

func (f *far) Script(steps []Step) ([]Reply, error) {
	f.scripts++
	replies, err := NewChannel(f.script).Run(steps...)
	if f.err != nil {
		return nil, f.err
	}
	if errors.Is(err, ErrDead) {
		return replies, nil
	}
	return replies[:len(replies)-f.lose], nil
}

// The memory card's write: PSC (9007 is right), a write, its read-back, another write.
var write = []Step{
	{Command: Command{CLA: 0xFF, INS: 0x20, Data: []byte{1, 2, 3}}, Want: []Status{0x9007}},
	{Command: Command{INS: 0xD6, P2: 0x20, Data: []byte{0xAA, 0xBB}}},
	{Command: Command{INS: 0xB0, P2: 0x20, Le: 2}, Want: []Status{Done, DataDoubtful}, WantData: []byte{0xAA, 0xBB}},
	{Command: Command{INS: 0xD6, P2: 0x40, Data: []byte{0xAA, 0xBB}}},
}

const psc, one, back, two = "FF20000003010203>", "00D6002002AABB>", "00B0002002>", "00D6004002AABB>"

func TestRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines   []string
		replies int
		written int
		sw      Status
		is      error
	}{
		"all as wanted":                     {[]string{psc + "9007", one + "9000", back + "AABB9000", two + "9000"}, 4, 4, 0, nil},
		"the other status that is wanted":   {[]string{psc + "9007", one + "9000", back + "AABB6281", two + "9000"}, 4, 4, 0, nil},
		"9000 is not 9007":                  {[]string{psc + "9000"}, 1, 0, Done, nil},
		"refused":                           {[]string{psc + "9007", one + "6581"}, 2, 2, 0x6581, nil},
		"an ignored write is read back":     {[]string{psc + "9007", one + "9000", back + "00009000"}, 3, 2, 0, ErrUnlike},
		"more data is fetched":              {[]string{psc + "9007", one + "9000", back + "6102", "00C0000002>AABB9000", two + "6104"}, 4, 4, 0, nil},
		"pulled before anything is written": {[]string{psc + "!"}, 0, 0, 0, ErrDead},
		"pulled between":                    {[]string{psc + "9007", one + "9000", back + "AABB9000", two + "!"}, 3, 4, 0, ErrDead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			near, there := &script{t: t, lines: test.lines}, &far{script: &script{t: t, lines: test.lines}}
			for _, link := range []Transmitter{near, there} {
				ch := NewChannel(link)
				replies, err := ch.Run(write...)
				if len(replies) != test.replies || ch.Traffic().Written != test.written {
					t.Errorf("%T: %d replies, %d written, want %d, %d", link, len(replies), ch.Traffic().Written, test.replies, test.written)
				}
				var refused *StatusError
				if errors.As(err, &refused) != (test.sw != 0) || refused != nil && refused.Status != test.sw {
					t.Errorf("%T: error %v, want status %04X", link, err, uint16(test.sw))
				}
				if test.sw == 0 && !errors.Is(err, test.is) {
					t.Errorf("%T: error %v, want %v", link, err, test.is)
				}
			}
			if near.sent != len(test.lines) || there.sent != near.sent || there.scripts != 1 {
				t.Errorf("%d commands sent here, %d there in %d scripts, want %d in one", near.sent, there.sent, there.scripts, len(test.lines))
			}
		})
	}
}

// Replies that are lost on the way, or cut short by the far end, kill the channel:
// all that may have been written counts as written.
func TestRunOnABrokenLine(t *testing.T) {
	t.Parallel()
	whole := []string{psc + "9007", one + "9000", back + "AABB9000", two + "9000"}
	for name, link := range map[string]*far{
		"lost":      {script: &script{t: t, lines: whole}, err: errors.New("no answer")},
		"cut short": {script: &script{t: t, lines: whole}, lose: 1},
	} {
		ch := NewChannel(link)
		if _, err := ch.Run(write...); !errors.Is(err, ErrDead) || ch.Traffic().Written != 4 {
			t.Errorf("%s: %v, %d written", name, err, ch.Traffic().Written)
		}
		if _, err := ch.Run(write...); !errors.Is(err, ErrDead) || link.scripts != 1 {
			t.Errorf("%s, again: %v, %d scripts", name, err, link.scripts)
		}
	}
}

// A script with a step that cannot be sent is not begun, and one of a single step needs no script.
func TestRunSmallThings(t *testing.T) {
	t.Parallel()
	link := &far{script: &script{t: t}}
	if _, err := NewChannel(link).Run(append(slices.Clone(write), Step{Command: Command{Le: 257}})...); !errors.Is(err, ErrCommand) {
		t.Errorf("%v", err)
	}
	link.lines = []string{psc + "9007"}
	if _, err := NewChannel(link).Run(write[0]); err != nil || link.scripts != 0 {
		t.Errorf("%v, %d scripts", err, link.scripts)
	}
}
