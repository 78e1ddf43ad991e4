package dlt645_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func TestNextFindsCollectedFrames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stream  string
		frames  int
		skipped int // before the first frame
	}{
		"alone":              {voltageReply, 1, 0},
		"preamble":           {moneyReply, 1, 4},
		"noise around it":    {"00FF16FEFEFEFE" + energyReply + "FEFE", 1, 7},
		"echo":               {echoAndReply, 2, 0},
		"start in address":   {"6868406800006868910600010102622200" + voltageReply, 1, 17},
		"wrong checksum":     {asPublished, 0, 28},
		"cut short":          {energyReply[:32], 0, 0},
		"cut, then a whole":  {energyReply[:32] + voltageReply, 1, 16},
		"nothing":            {"", 0, 0},
		"start bytes only":   {strings.Repeat("68", 20), 0, 0},
		"a start at the end": {"00000068", 0, 3},
	} {
		rest := unhex(t, c.stream)
		_, skipped, _, _ := dlt645.Next(nil, rest)
		n := 0
		for {
			var err error
			if _, _, rest, err = dlt645.Next(nil, rest); err != nil {
				break
			}
			n++
		}
		if n != c.frames || skipped != c.skipped {
			t.Errorf("%s: %d frames, %d skipped; want %d, %d", name, n, skipped, c.frames, c.skipped)
		}
	}
}

// An address that holds 68, and data that hold 16: only length and checksum decide.
func TestNextIgnoresStartAndStopBytesInside(t *testing.T) {
	t.Parallel()
	in := dlt645.Frame{
		Address: dlt645.Address{0x68, 0x68, 0x40, 0x98, 0x16, 0x16}, Control: 0x91,
		Data: bytes.Repeat([]byte{0xE3, 0x35}, 11),
	}
	b, err := in.AppendTo(nil)
	if err != nil || !bytes.Contains(b[10:], []byte{0x16, 0x68}) {
		t.Fatalf("%X, %v", b, err)
	}
	if f, skipped, _, err := dlt645.Next(nil, b); err != nil || skipped != 0 || !reflect.DeepEqual(f, in) {
		t.Errorf("got %+v, %d, %v", f, skipped, err)
	}
}

func TestExplainSaysWhereAndWhy(t *testing.T) {
	t.Parallel()
	for stream, c := range map[string]struct {
		offset int
		want   error
	}{
		"":                        {0, dlt645.ErrMalformed},
		"00FF16":                  {0, dlt645.ErrMalformed},
		"FEFE" + energyReply[:32]: {2, dlt645.ErrIncomplete},
		"68" + energyReply[:30]:   {1, dlt645.ErrIncomplete},
	} {
		err := dlt645.Explain(unhex(t, stream))
		e, ok := errors.AsType[*dlt645.FrameError](err)
		if !ok || e.Offset != c.offset || !errors.Is(err, c.want) {
			t.Errorf("%s: %v", stream, err)
		}
	}
	err := dlt645.Explain(unhex(t, "FEFEFEFE"+asPublished))
	if _, ok := errors.AsType[*dlt645.ChecksumError](err); !ok || !strings.HasPrefix(err.Error(), "at byte 4: checksum 77, want 5D") {
		t.Error(err)
	}
}

// genStream is a frame with noise around it; the noise has no start byte.
func genStream(t *rapid.T) (f dlt645.Frame, stream []byte, before int) {
	noise := rapid.SliceOfN(rapid.Byte().Filter(func(b byte) bool { return b != 0x68 }), 0, 40)
	head, tail := noise.Draw(t, "before"), noise.Draw(t, "after")
	f = genFrame(t)
	stream, err := f.AppendTo(bytes.Clone(head))
	if err != nil {
		t.Fatal(err)
	}
	return f, append(stream, tail...), len(head)
}

func TestFrameIsFoundInNoise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, stream, before := genStream(t)
		got, skipped, _, err := dlt645.Next(nil, stream)
		if err != nil || skipped != before || !reflect.DeepEqual(got, f) {
			t.Fatalf("got %+v, %d skipped, %v; want %+v, %d", got, skipped, err, f, before)
		}
	})
}

// However the bytes arrive, a frame in plain noise comes out once it is whole.
func TestFrameIsFoundByteByByte(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, stream, _ := genStream(t)
		var rest []byte
		var found []dlt645.Frame
		for _, b := range stream {
			got, _, left, err := dlt645.Next(nil, append(rest, b))
			if rest = left; err == nil {
				found = append(found, got)
			}
		}
		if len(found) != 1 || !reflect.DeepEqual(found[0], f) {
			t.Fatalf("got %+v, want %+v", found, f)
		}
	})
}

// Every wrong, lost or added byte in every collected line is noticed: what is
// still accepted has a checksum of its own.
func TestOneWrongByteIsNoticed(t *testing.T) {
	t.Parallel()
	for _, line := range collected(t) {
		for i := range line {
			for _, x := range []byte{0x01, 0x10, 0x33, 0x68 ^ line[i], 0x80, 0xFF} {
				flipped := bytes.Clone(line)
				flipped[i] ^= x
				checkNext(t, flipped)
			}
			checkNext(t, append(bytes.Clone(line[:i]), line[i+1:]...))
			for _, x := range []byte{0x00, 0x16, 0x68, 0xFE} {
				checkNext(t, append(append(bytes.Clone(line[:i]), x), line[i:]...))
			}
		}
	}
}

func TestDamageNeverBecomesAnotherFrame(t *testing.T) {
	t.Parallel()
	originals := collected(t)
	rapid.Check(t, func(t *rapid.T) {
		stream := bytes.Clone(rapid.SampledFrom(originals).Draw(t, "stream"))
		for range rapid.IntRange(1, 4).Draw(t, "damages") {
			at := rapid.IntRange(0, len(stream)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				stream[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
			case 1:
				stream = append(stream[:at], stream[at+1:]...)
			case 2:
				stream = append(stream[:at], append([]byte{rapid.Byte().Draw(t, "new")}, stream[at:]...)...)
			}
		}
		checkNext(t, stream)
	})
}

// checkNext holds what Next promises for any stream.
func checkNext(t interface {
	Helper()
	Fatalf(string, ...any)
}, stream []byte) {
	t.Helper()
	for {
		f, skipped, rest, err := dlt645.Next(nil, stream)
		if err != nil {
			if !errors.Is(err, dlt645.ErrIncomplete) || skipped+len(rest) != len(stream) || len(rest) >= 12+dlt645.MaxData {
				t.Fatalf("%X: %d skipped, %d left, %v", stream, skipped, len(rest), err)
			}
			if dlt645.Explain(stream) == nil {
				t.Fatalf("%X: no frame, and no reason", stream)
			}
			return
		}
		own := stream[skipped : len(stream)-len(rest)]
		var sum byte
		for _, b := range own[:len(own)-2] {
			sum += b
		}
		if own[0] != 0x68 || own[7] != 0x68 || own[len(own)-1] != 0x16 || sum != own[len(own)-2] || int(own[9])+12 != len(own) {
			t.Fatalf("%X is no frame", own)
		}
		if back, err := f.AppendTo(nil); err != nil || !bytes.Equal(back, own) {
			t.Fatalf("%X came back as %X, %v", own, back, err)
		}
		decodeMessages(f)
		stream = rest
	}
}

func FuzzNext(f *testing.F) {
	for _, line := range collected(f) {
		f.Add(line)
	}
	f.Add(unhex(f, echoAndReply))
	f.Fuzz(func(t *testing.T, stream []byte) { checkNext(t, stream) })
}
