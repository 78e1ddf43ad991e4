package mbus_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// Frames of EN 13757-2 and of other people; fixtures/frames has many more.
const (
	requestData = "107B017C16"         // the standard's own: REQ_UD2 to 1 with FCB
	reset       = "1040014116"         // SND_NKE to 1
	twoCounters = "6803036853FEBA0B16" // a control frame: switch to 1200 baud
	waterValue  = "681B1B6808017207201800E61E35074C0000000C78072018000C16690200009616"
)

// fataler is what testing and rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func unhex(t fataler, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// whole are the frames in the lines of others.
func whole(t testing.TB) (all []mbus.Frame) {
	t.Helper()
	for _, line := range frames.Of(t, "mbus") {
		for rest := line.Bytes(t); ; {
			f, _, after, err := mbus.Next(rest)
			if err != nil {
				break
			}
			all, rest = append(all, f), after
		}
	}
	if len(all) < 50 {
		t.Fatalf("only %d frames", len(all))
	}
	return all
}

func TestDecodeKnownFrames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]mbus.Frame{
		"E5":        {},
		requestData: {Kind: mbus.Short, Control: 0x7B, Address: 1},
		reset:       {Kind: mbus.Short, Control: mbus.SndNke, Address: 1},
		twoCounters: {Kind: mbus.Long, Control: 0x53, Address: mbus.Anyone, CI: 0xBA},
		waterValue: {Kind: mbus.Long, Control: mbus.RspUd, Address: 1, CI: mbus.VariableLow,
			Data: unhex(t, "07201800E61E35074C0000000C78072018000C1669020000")},
	} {
		if f, err := mbus.Decode(unhex(t, in)); err != nil || !reflect.DeepEqual(f, want) {
			t.Errorf("%s: got %+v, %v", in, f, err)
		}
	}
	c := mbus.Control(0x7B)
	if !c.FromMaster() || !c.FCB() || !c.FCV() || c.String() != "REQ_UD2 FCB1" || c != mbus.ReqUd2.Counted(true) {
		t.Errorf("control %v", c)
	}
	if a := mbus.RspUd | 0x30; !a.ACD() || !a.DFC() || a.FCB() || a.FCV() || a.String() != "RSP_UD" {
		t.Errorf("answer %v", a)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := unhex(t, waterValue)
	at := func(i int, b byte) []byte { c := bytes.Clone(good); c[i] = b; return c }
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"nothing":           {nil, mbus.ErrIncomplete},
		"a start byte":      {good[:1], mbus.ErrIncomplete},
		"no second start":   {good[:3], mbus.ErrIncomplete},
		"no stop byte":      {good[:len(good)-1], mbus.ErrIncomplete},
		"short frame's end": {unhex(t, requestData)[:4], mbus.ErrIncomplete},
		"a byte after it":   {append(bytes.Clone(good), 0x16), mbus.ErrMalformed},
		"other start":       {at(0, 0x69), mbus.ErrMalformed},
		"second length":     {at(2, 0x1C), mbus.ErrMalformed},
		"second start":      {at(3, 0x69), mbus.ErrMalformed},
		"other stop byte":   {at(len(good)-1, 0x17), mbus.ErrMalformed},
		"L under 3":         {unhex(t, "68020268080109"), mbus.ErrMalformed},
		"reserved bit":      {unhex(t, "10FB01FC16"), mbus.ErrMalformed},
		"data in a short":   {unhex(t, "1053015416"), mbus.ErrMalformed},
		"counted reset":     {unhex(t, "1050015116"), mbus.ErrMalformed},
		"request as long":   {unhex(t, "680303687B0172EE16"), mbus.ErrMalformed},
	} {
		if f, err := mbus.Decode(c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: got %+v, %v, want %v", name, f, err, c.want)
		}
	}
	_, err := mbus.Decode(at(len(good)-2, 0x97))
	if e, ok := errors.AsType[*mbus.ChecksumError](err); !ok || *e != (mbus.ChecksumError{Offset: len(good) - 2, Got: 0x97, Want: 0x96}) {
		t.Errorf("wrong sum: %v", err)
	}
}

func TestAppendToRefuses(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mbus.Frame{
		"too much data":      {Kind: mbus.Long, Control: mbus.RspUd, Data: make([]byte, mbus.MaxData+1)},
		"request in a long":  {Kind: mbus.Long, Control: mbus.ReqUd2},
		"answer in a short":  {Kind: mbus.Short, Control: mbus.RspUd},
		"unknown function":   {Kind: mbus.Short, Control: 0x4C},
		"reserved bit":       {Kind: mbus.Long, Control: 0x88},
		"unknown frame kind": {Kind: 9, Control: mbus.RspUd},
	} {
		if b, err := f.AppendTo([]byte{1}); !errors.Is(err, mbus.ErrMalformed) || len(b) != 1 {
			t.Errorf("%s: %X, %v", name, b, err)
		}
	}
	if b, err := (mbus.Frame{Kind: mbus.Long, Control: mbus.RspUd, Data: make([]byte, mbus.MaxData)}).AppendTo(nil); err != nil ||
		len(b) != mbus.MaxFrame {
		t.Errorf("the longest: %d bytes, %v", len(b), err)
	}
}

// genFrame draws any frame of the wired bus.
func genFrame(t *rapid.T) mbus.Frame {
	counts := rapid.SampledFrom([]mbus.Control{0, 0x10, 0x20, 0x30}).Draw(t, "counts")
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		return mbus.Frame{}
	case 1:
		c := rapid.SampledFrom([]mbus.Control{mbus.ReqSke, mbus.ReqUd1, mbus.ReqUd2}).Draw(t, "control")
		return mbus.Frame{Kind: mbus.Short, Control: c | counts, Address: rapid.Byte().Draw(t, "address")}
	}
	c := rapid.SampledFrom([]mbus.Control{mbus.SndUd, mbus.RspUd}).Draw(t, "control")
	f := mbus.Frame{Kind: mbus.Long, Control: c | counts, Address: rapid.Byte().Draw(t, "address"), CI: mbus.CI(rapid.Byte().Draw(t, "ci"))}
	if data := rapid.SliceOfN(rapid.Byte(), 0, mbus.MaxData).Draw(t, "data"); len(data) > 0 {
		f.Data = data
	}
	return f
}

func TestFrameSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := genFrame(t)
		b, err := f.AppendTo([]byte{0xEE})
		if err != nil || b[0] != 0xEE {
			t.Fatalf("%X, %v", b, err)
		}
		if back, err := mbus.Decode(b[1:]); err != nil || !reflect.DeepEqual(back, f) {
			t.Fatalf("%+v came back as %+v, %v", f, back, err)
		}
	})
}

// Every single wrong, lost or added byte in a frame of others is noticed.
func TestOneWrongByteIsNoticed(t *testing.T) {
	t.Parallel()
	for _, f := range whole(t) {
		good, err := f.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind == mbus.Ack {
			continue
		}
		for i := range good {
			for x := 1; x < 256; x++ {
				flipped := bytes.Clone(good)
				flipped[i] ^= byte(x)
				refused(t, flipped)
			}
			refused(t, append(bytes.Clone(good[:i]), good[i+1:]...))
			refused(t, append(bytes.Clone(good[:i+1]), good[i:]...))
		}
	}
}

func refused(t *testing.T, b []byte) {
	t.Helper()
	if f, err := mbus.Decode(b); err == nil && f.Kind != mbus.Ack {
		t.Errorf("%X accepted as %+v", b, f)
	}
}

// FuzzDecode: what is a frame is written again as the same bytes, and whatever
// it holds, no decoder of its data panics.
func FuzzDecode(f *testing.F) {
	for _, frame := range whole(f) {
		b, _ := frame.AppendTo(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := mbus.Decode(b)
		if err != nil {
			return
		}
		if back, err := frame.AppendTo(nil); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%X came back as %X, %v", b, back, err)
		}
		if r, err := mbus.DecodeResponse(frame); err == nil {
			_, _ = r.Reading()
			again(t, frame, r.Frame(frame.Address))
		}
		if x, err := mbus.DecodeFixed(frame); err == nil {
			x.Register(0)
			x.Register(1)
			again(t, frame, x.Frame(frame.Address))
		}
		_, _, _ = mbus.DecodeSelect(frame)
	})
}

// again checks that what was read of an answer is written as the same answer.
func again(t *testing.T, was, is mbus.Frame) {
	t.Helper()
	was.Control = was.Control.Plain()
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("%+v was written as %+v", was, is)
	}
}
