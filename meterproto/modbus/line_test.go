package modbus_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

func TestPublishedSerialFrames(t *testing.T) {
	t.Parallel()
	for hex, c := range map[string]struct {
		from modbus.Side
		unit byte
		want modbus.Message
	}{
		readTwo:    {modbus.Request, 1, modbus.Message{Kind: modbus.ReadRequest, Function: 3, Quantity: 2}},
		writeThree: {modbus.Request, 17, modbus.Message{Kind: modbus.WriteSingle, Function: 6, Address: 1, Value: 3}},
		twoValues:  {modbus.Reply, 17, modbus.Message{Kind: modbus.ReadReply, Function: 3, Data: []byte{0, 141, 0, 142}}},
		refusal:    {modbus.Reply, 0, modbus.Message{Kind: modbus.Exception, Function: 3, Code: 2}},
	} {
		f, err := modbus.DecodeRTU(unhex(t, hex), c.from)
		if err != nil || f.Unit != c.unit || !same(f.Message, c.want) {
			t.Errorf("%s: %+v, %v", hex, f, err)
		}
	}
}

func TestSerialErrorsNameTheByte(t *testing.T) {
	t.Parallel()
	bad := unhex(t, readTwo)
	bad[7] ^= 1
	_, err := modbus.DecodeRTU(bad, modbus.Request)
	if crc, ok := errors.AsType[*modbus.CRCError](err); !ok || crc.Got != 0x0AC4 || crc.Want != 0x0BC4 {
		t.Errorf("got %v", err)
	}
	// Byte count 4 over two bytes of data, and a right CRC.
	_, err = modbus.DecodeRTU(unhex(t, "01030400019985"), modbus.Reply)
	if form, ok := errors.AsType[*modbus.FormError](err); !ok || form.Offset != 5 {
		t.Errorf("got %v", err)
	}
	if _, err = modbus.DecodeRTU(make([]byte, 257), modbus.Reply); !errors.Is(err, modbus.ErrMalformed) {
		t.Errorf("257 bytes: %v", err)
	}
	if _, err = modbus.DecodeRTU([]byte{1, 3, 0}, modbus.Reply); !errors.Is(err, modbus.ErrIncomplete) {
		t.Errorf("3 bytes: %v", err)
	}
}

func TestTCPRefuses(t *testing.T) {
	t.Parallel()
	for hex, want := range map[string]error{
		"":                             modbus.ErrIncomplete,
		"000100000006":                 modbus.ErrIncomplete,
		"0001000000061103006B00":       modbus.ErrIncomplete,
		"0001000100061103006B0003":     modbus.ErrMalformed, // another protocol
		"000100000001110300000000":     modbus.ErrMalformed, // too short for a function
		"0001000000FF1103006B0003":     modbus.ErrMalformed, // too long for a message
		"0001000000051103006B00":       modbus.ErrMalformed, // the message wants one more
		"0001000000071103006B000300":   modbus.ErrMalformed, // and one less
		"0001000000061103006B0003FFFF": modbus.ErrMalformed, // something behind it
	} {
		if _, _, err := modbus.DecodeTCP(unhex(t, hex), modbus.Request); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", hex, err, want)
		}
	}
	two := unhex(t, "0001000000061103006B0003"+"0002000000061103006B0004")
	f, n, rest, err := modbus.NextTCP(two, modbus.Request)
	if err != nil || n != 1 || f.Message.Quantity != 3 || len(rest) != 12 {
		t.Errorf("%+v, %d, %X, %v", f, n, rest, err)
	}
	if _, _, rest, err = modbus.NextTCP(two[:11], modbus.Request); !errors.Is(err, modbus.ErrIncomplete) || len(rest) != 11 {
		t.Errorf("%X, %v", rest, err)
	}
}

func TestFrameIsFoundInNoise(t *testing.T) {
	t.Parallel()
	// No byte of this noise can be a function code.
	noise := rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x55, 0x7E, 0x7F}), 0, 30)
	rapid.Check(t, func(t *rapid.T) {
		m, from := genMessage(t)
		head, tail := noise.Draw(t, "before"), noise.Draw(t, "after")
		f := modbus.Frame{Unit: 0x55, Message: m}
		stream, err := f.AppendRTU(bytes.Clone(head))
		if err != nil {
			t.Fatal(err)
		}
		got, skipped, rest, err := modbus.NextRTU(append(stream, tail...), from)
		if m.Kind == modbus.Foreign {
			if err == nil && got.Message.Kind == modbus.Foreign {
				t.Fatalf("a frame without a length was found: %+v", got)
			}
			return
		}
		if err != nil || skipped != len(head) || got.Unit != f.Unit || !same(got.Message, m) || !bytes.Equal(rest, tail) {
			t.Fatalf("got %+v, %d skipped, %X left, %v; want %+v, %d", got, skipped, rest, err, f, len(head))
		}
	})
}

// sides are what a sniffer takes the frames of a line for.
func sides(t *testing.T, frames ...[]byte) (got []modbus.Side) {
	t.Helper()
	var s modbus.Sniffer
	for rest := slices.Concat(frames...); ; {
		_, from, _, behind, err := s.Next(rest)
		if err != nil {
			return got
		}
		got, rest = append(got, from), behind
	}
}

// Eight bytes of function 1 can be both: what went before decides.
func TestSnifferJudgesByWhatWentBefore(t *testing.T) {
	t.Parallel()
	line := func(m modbus.Message) []byte {
		b, err := modbus.Frame{Unit: 9, Message: m}.AppendRTU(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ask := line(modbus.Message{Kind: modbus.ReadRequest, Function: 1, Quantity: 20})
	other := line(modbus.Message{Kind: modbus.ReadRequest, Function: 1, Quantity: 30})
	both := line(modbus.Message{Kind: modbus.ReadReply, Function: 1, Data: []byte{0x01, 0x00, 0x05}})
	reply := line(modbus.Message{Kind: modbus.ReadReply, Function: 1, Data: []byte{0xCD, 0x6B, 0x05}})
	write := line(modbus.Message{Kind: modbus.WriteSingle, Function: 6, Address: 1, Value: 2})
	req, rep := modbus.Request, modbus.Reply
	for name, c := range map[string]struct {
		frames [][]byte
		want   []modbus.Side
	}{
		"nothing before":       {[][]byte{both}, []modbus.Side{req}},
		"asked for it":         {[][]byte{ask, both}, []modbus.Side{req, rep}},
		"asked for more":       {[][]byte{other, both}, []modbus.Side{req, req}},
		"already answered":     {[][]byte{ask, reply, both}, []modbus.Side{req, rep, req}},
		"no such request":      {[][]byte{reply}, []modbus.Side{rep}},
		"a write and its echo": {[][]byte{write, write, write}, []modbus.Side{req, rep, req}},
	} {
		if got := sides(t, c.frames...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Bytes flipped, lost or added in every valid example: whatever is still found
// has a valid CRC and is its own spelling.
func TestDamageNeverBecomesAnotherFrame(t *testing.T) {
	t.Parallel()
	var examples [][]byte
	for _, v := range vectors() {
		examples = append(examples, v.serial(t))
	}
	for _, line := range frames.Of(t, "modbus") {
		examples = append(examples, line.Bytes(t))
	}
	for _, good := range examples {
		for i := range good {
			for x := 1; x < 256; x++ {
				flipped, added := bytes.Clone(good), slices.Insert(bytes.Clone(good), i, byte(x))
				flipped[i] ^= byte(x)
				checkLine(t, flipped)
				checkLine(t, added)
			}
			checkLine(t, slices.Delete(bytes.Clone(good), i, i+1))
			checkLine(t, good[:i])
		}
	}
}

// checkLine holds what the finders promise for any stream.
func checkLine(t fataler, stream []byte) {
	t.Helper()
	var s modbus.Sniffer
	for rest := stream; ; {
		f, _, skipped, behind, err := s.Next(rest)
		if err != nil {
			if !errors.Is(err, modbus.ErrIncomplete) || skipped+len(behind) != len(rest) || len(behind) > 256 {
				t.Fatalf("%X: %d skipped, %d left, %v", stream, skipped, len(behind), err)
			}
			return
		}
		own := rest[skipped : len(rest)-len(behind)]
		if got := crc(own[:len(own)-2]); got != binary.LittleEndian.Uint16(own[len(own)-2:]) {
			t.Fatalf("%X is no frame: CRC %04X", own, got)
		}
		if back, err := f.AppendRTU(nil); err != nil || !bytes.Equal(back, own) {
			t.Fatalf("%X came back as %X, %v", own, back, err)
		}
		rest = behind
	}
}

// crc is the CRC bit by bit, as the standard draws it (SL §6.2.1).
func crc(b []byte) uint16 {
	sum := uint16(0xFFFF)
	for _, x := range b {
		sum ^= uint16(x)
		for range 8 {
			carry := sum & 1
			sum >>= 1
			if carry == 1 {
				sum ^= 0xA001
			}
		}
	}
	return sum
}

func FuzzLine(f *testing.F) {
	for _, hex := range []string{readTwo, writeThree, twoValues, refusal, "01030400019985", "0590029C01"} {
		f.Add(unhex(f, hex))
	}
	for _, v := range vectors() {
		f.Add(v.serial(f))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkLine(t, b)
		for _, from := range []modbus.Side{modbus.Request, modbus.Reply} {
			if m, err := modbus.Decode(b, from); err == nil {
				if back, err := m.AppendTo(nil); err != nil || !bytes.Equal(back, b) {
					t.Fatalf("%X came back as %X, %v", b, back, err)
				}
			}
			if frame, n, err := modbus.DecodeTCP(b, from); err == nil {
				if back, err := frame.AppendTCP(nil, n); err != nil || !bytes.Equal(back, b) {
					t.Fatalf("%X came back as %X, %v", b, back, err)
				}
			}
		}
	})
}

func BenchmarkDecodeRTU(b *testing.B) {
	reply := modbus.Message{Kind: modbus.ReadReply, Function: 3, Data: make([]byte, 20)}
	frame, err := modbus.Frame{Unit: 17, Message: reply}.AppendRTU(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := modbus.DecodeRTU(frame, modbus.Reply); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

func BenchmarkNextRTUInNoise(b *testing.B) {
	stream := append(bytes.Repeat([]byte{0xFF, 0x03}, 10), unhex(b, twoValues)...)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := modbus.NextRTU(stream, modbus.Reply); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSilenceBetweenFrames(t *testing.T) {
	t.Parallel()
	for baud, want := range map[int]time.Duration{9600: 4010416, 2400: 16041666, 115200: 1750000, 0: 1750000} {
		if got := modbus.Timing(baud).Idle; got != want {
			t.Errorf("%d baud: %v, want %v", baud, got, want)
		}
	}
}
