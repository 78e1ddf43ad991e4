package mbus_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/mbus"
)

func TestNextFindsFramesInNoise(t *testing.T) {
	t.Parallel()
	water := unhex(t, waterValue)
	for name, c := range map[string]struct {
		stream  []byte
		skipped int
		rest    int
	}{
		"alone":                 {water, 0, 0},
		"behind an echo's tail": {slices.Concat(unhex(t, "017C16"), water), 3, 0},
		"behind a false start":  {slices.Concat(unhex(t, "68006868"), water), 4, 0},
		"behind a claim":        {slices.Concat(unhex(t, "68FFFF6808"), water), 5, 0},
		"behind E5 in noise":    {slices.Concat(unhex(t, "00E5E5"), water), 3, 0},
		"before another":        {slices.Concat(water, water), 0, len(water)},
		"before half another":   {slices.Concat(water, water[:9]), 0, 9},
	} {
		f, skipped, rest, err := mbus.Next(c.stream)
		if err != nil || f.CI != mbus.VariableLow || skipped != c.skipped || len(rest) != c.rest {
			t.Errorf("%s: CI %v, %d skipped, %d left, %v", name, f.CI, skipped, len(rest), err)
		}
	}
	f, _, rest, err := mbus.Next(slices.Concat([]byte{0xE5}, water))
	if err != nil || f.Kind != mbus.Ack || len(rest) != len(water) {
		t.Errorf("E5 first: %+v, %d left, %v", f, len(rest), err)
	}
}

func TestNextKeepsWhatMayBecomeAFrame(t *testing.T) {
	t.Parallel()
	water := unhex(t, waterValue)
	stream := slices.Concat(bytes.Repeat([]byte{0xFF}, 100), water[:20])
	_, skipped, rest, err := mbus.Next(stream)
	if !errors.Is(err, mbus.ErrIncomplete) || skipped != 100 || !bytes.Equal(rest, water[:20]) {
		t.Errorf("%d skipped, %X, %v", skipped, rest, err)
	}
	_, skipped, rest, err = mbus.Next(unhex(t, "FFFE00E5"))
	if !errors.Is(err, mbus.ErrIncomplete) || skipped != 4 || len(rest) != 0 {
		t.Errorf("noise: %d skipped, %X, %v", skipped, rest, err)
	}
}

// Frames, in any order and with noise between them that holds no start byte,
// come out as they went in; what is kept is never more than one frame.
func TestNextFindsEveryFrame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		var want [][]byte
		clean := true // nothing lies between the stream's begin or the last frame and here
		for range rapid.IntRange(0, 5).Draw(t, "frames") {
			noise := rapid.SliceOfN(rapid.ByteRange(0x80, 0xE4), 0, 9).Draw(t, "noise")
			f := genFrame(t)
			b, _ := f.AppendTo(nil)
			if clean = f.Kind != mbus.Ack || clean && len(noise) == 0; clean {
				want = append(want, b)
			}
			stream = slices.Concat(stream, noise, b)
		}
		var got [][]byte
		for rest := stream; ; {
			f, _, after, err := mbus.Next(rest)
			if err != nil {
				if len(after) >= mbus.MaxFrame {
					t.Fatalf("%d bytes kept", len(after))
				}
				break
			}
			b, _ := f.AppendTo(nil)
			got, rest = append(got, b), after
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("got %X, want %X of %X", got, want, stream)
		}
	})
}

func TestWhyNoneNamesThePlace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"FFFF" + requestData[:6] + "0016":                 "byte 2: checksum 00 at byte 3, want 7C",
		waterValue[:40]:                                   "cut short: 20 bytes, L announces 33",
		"FF" + strings.Replace(waterValue, "1B", "1C", 1): "length bytes 1C and 1B at byte 1 differ",
		"FF00E5": "no start byte",
	} {
		if err := mbus.WhyNone(unhex(t, in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}
