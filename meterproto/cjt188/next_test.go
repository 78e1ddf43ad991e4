package cjt188_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/cjt188"
)

func TestNextFindsCollectedFrames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stream  string
		frames  int
		skipped int // before the first frame
	}{
		"alone":          {gasRead, 1, 0},
		"preamble":       {purchaseReply, 1, 3},
		"text before it": {waterBehindText, 1, 25},
		"echo":           {echoThenReply, 2, 0},
		"bad checksum":   {gasBadSum, 0, 23},
		"bit turned":     {oneBitTurned, 0, 59},
		"cut short":      {cutShort, 0, 0},
		"nothing":        {"", 0, 0},
	} {
		rest := unhex(t, c.stream)
		_, skipped, _, _ := cjt188.Next(rest)
		n := 0
		for {
			var err error
			if _, _, rest, err = cjt188.Next(rest); err != nil {
				break
			}
			n++
		}
		if n != c.frames || skipped != c.skipped {
			t.Errorf("%s: %d frames, %d skipped; want %d, %d", name, n, skipped, c.frames, c.skipped)
		}
	}
}

// A start byte in noise claims the first bytes of the real frame as its own; the
// frame must be found all the same, without waiting for bytes that never come.
func TestNextIsNotHeldUpByAFalseStart(t *testing.T) {
	t.Parallel()
	noise := []byte{0x68, 0x00, 0xFF, 0x68, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x64}
	f, skipped, rest, err := cjt188.Next(append(noise, unhex(t, gasRead)...))
	if err != nil || f.Type != 0x30 || skipped != len(noise) || len(rest) != 0 {
		t.Errorf("got %+v, %d skipped, %X left, %v", f, skipped, rest, err)
	}
}

// Data may hold start and stop bytes: only length and checksum decide.
func TestNextIgnoresStartAndStopBytesInData(t *testing.T) {
	t.Parallel()
	in := cjt188.Frame{Type: 0x30, Control: 0x81, Data: bytes.Repeat([]byte{0x16, 0x68}, 11)}
	b, err := in.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	if f, skipped, _, err := cjt188.Next(b); err != nil || skipped != 0 || !reflect.DeepEqual(f, in) {
		t.Errorf("got %+v, %d, %v", f, skipped, err)
	}
}

// genStream is a frame with noise around it; the noise has no start byte.
func genStream(t *rapid.T) (f cjt188.Frame, stream []byte, before int) {
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
		got, skipped, _, err := cjt188.Next(stream)
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
		var found []cjt188.Frame
		for _, b := range stream {
			got, _, left, err := cjt188.Next(append(rest, b))
			if rest = left; err == nil {
				found = append(found, got)
			}
		}
		// Data may itself hold a frame, which is then seen first.
		if len(found) == 0 || !reflect.DeepEqual(found[len(found)-1], f) && !bytes.Contains(f.Data, []byte{0x68}) {
			t.Fatalf("got %+v, want %+v", found, f)
		}
	})
}

// A damaged stream never yields a frame whose own checksum does not hold.
func TestDamageNeverBecomesAnotherFrame(t *testing.T) {
	t.Parallel()
	originals := []string{purchaseReply, waterBehindText, echoThenReply, refusal}
	rapid.Check(t, func(t *rapid.T) {
		stream := unhex(t, rapid.SampledFrom(originals).Draw(t, "stream"))
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
func checkNext(t fataler, stream []byte) {
	t.Helper()
	for {
		f, skipped, rest, err := cjt188.Next(stream)
		if err != nil {
			if !errors.Is(err, cjt188.ErrIncomplete) || skipped+len(rest) != len(stream) || len(rest) >= 13+cjt188.MaxVendorData {
				t.Fatalf("%X: %d skipped, %d left, %v", stream, skipped, len(rest), err)
			}
			return
		}
		own := stream[skipped : len(stream)-len(rest)]
		var sum byte
		for _, b := range own[:len(own)-2] {
			sum += b
		}
		if own[0] != 0x68 || own[len(own)-1] != 0x16 || sum != own[len(own)-2] || int(own[10])+13 != len(own) {
			t.Fatalf("%X is no frame", own)
		}
		if back, err := f.AppendTo(nil); err != nil || !bytes.Equal(back, own) {
			t.Fatalf("%X came back as %X, %v", own, back, err)
		}
		stream = rest
	}
}

func FuzzNext(f *testing.F) {
	for _, v := range []string{gasRead, purchaseReply, waterBehindText, echoThenReply, oneBitTurned, cutShort} {
		f.Add(unhex(f, v))
	}
	f.Fuzz(func(t *testing.T, stream []byte) { checkNext(t, stream) })
}
