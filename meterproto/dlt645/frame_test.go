package dlt645_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func TestDecodeCollectedFrame(t *testing.T) {
	t.Parallel()
	f, err := dlt645.Decode(nil, unhex(t, voltageReply))
	if err != nil {
		t.Fatal(err)
	}
	want := dlt645.Frame{
		Address: dlt645.Address{0x01, 0x00, 0x44, 0x23, 0x52, 0x00},
		Control: dlt645.ReadData.Reply(),
		Data:    []byte{0x00, 0x03, 0x01, 0x02, 0x62, 0x22},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
	if got := f.Address.String(); got != "005223440001" {
		t.Errorf("address %s", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := unhex(t, voltageReply)
	at := func(i int, b byte) []byte { c := bytes.Clone(good); c[i] = b; return c }
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"nothing":         {nil, dlt645.ErrIncomplete},
		"one byte":        {good[:1], dlt645.ErrIncomplete},
		"no length":       {good[:9], dlt645.ErrIncomplete},
		"no checksum":     {good[:len(good)-2], dlt645.ErrIncomplete},
		"no stop byte":    {good[:len(good)-1], dlt645.ErrIncomplete},
		"preamble":        {append([]byte{0xFE}, good...), dlt645.ErrMalformed},
		"a byte after it": {append(bytes.Clone(good), 0x16), dlt645.ErrMalformed},
		"other stop byte": {at(len(good)-1, 0x17), dlt645.ErrMalformed},
		"no second start": {at(7, 0x69), dlt645.ErrMalformed},
		"L over 200":      {tooLong(), dlt645.ErrMalformed},
		"L past the end":  {at(9, 7), dlt645.ErrIncomplete},
	} {
		if _, err := dlt645.Decode(nil, c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// tooLong is whole but for its L of 201.
func tooLong() []byte {
	b := append([]byte{0x68, 1, 2, 3, 4, 5, 6, 0x68, 0x91, 201}, make([]byte, 201)...)
	var sum byte
	for _, x := range b {
		sum += x
	}
	return append(b, sum, 0x16)
}

func TestChecksumErrorSaysBoth(t *testing.T) {
	t.Parallel()
	_, err := dlt645.Decode(nil, unhex(t, asPublished))
	if e, ok := errors.AsType[*dlt645.ChecksumError](err); !ok || *e != (dlt645.ChecksumError{Got: 0x77, Want: 0x5D}) {
		t.Errorf("got %v", err)
	}
}

func TestAppendToRefusesTooMuchData(t *testing.T) {
	t.Parallel()
	if _, err := (dlt645.Frame{Data: make([]byte, dlt645.MaxData)}).AppendTo(nil); err != nil {
		t.Error(err)
	}
	over := dlt645.Frame{Data: make([]byte, dlt645.MaxData+1)}
	if got, err := over.AppendTo([]byte{1}); !errors.Is(err, dlt645.ErrMalformed) || len(got) != 1 {
		t.Errorf("%X, %v", got, err)
	}
}

func TestPreamble(t *testing.T) {
	t.Parallel()
	if b, err := dlt645.AppendPreamble([]byte{1}, 4); err != nil || !bytes.Equal(b, []byte{1, 0xFE, 0xFE, 0xFE, 0xFE}) {
		t.Errorf("got %X, %v", b, err)
	}
	for _, n := range []int{-1, 5} {
		if b, err := dlt645.AppendPreamble(nil, n); err == nil || b != nil {
			t.Errorf("%d: %X, %v", n, b, err)
		}
	}
}

// genFrame draws any frame that the standard allows.
func genFrame(t *rapid.T) dlt645.Frame {
	f := dlt645.Frame{Address: genAddress(t), Control: dlt645.Control(rapid.Byte().Draw(t, "control"))}
	if data := rapid.SliceOfN(rapid.Byte(), 0, dlt645.MaxData).Draw(t, "data"); len(data) > 0 {
		f.Data = data
	}
	return f
}

func genAddress(t *rapid.T) (a dlt645.Address) {
	copy(a[:], rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "address"))
	return a
}

func TestFrameSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := genFrame(t)
		b, err := f.AppendTo([]byte{0xEE})
		if err != nil || b[0] != 0xEE {
			t.Fatalf("%X, %v", b, err)
		}
		if back, err := dlt645.Decode(nil, b[1:]); err != nil || !reflect.DeepEqual(back, f) {
			t.Fatalf("%+v came back as %+v, %v", f, back, err)
		}
	})
}

// The frame may use the room it is given, and nothing of the line it came on.
func TestDecodeUsesTheRoom(t *testing.T) {
	t.Parallel()
	line, room := unhex(t, voltageReply), make([]byte, 1, dlt645.MaxData)
	f, err := dlt645.Decode(room, line)
	if err != nil || &f.Data[0] != &room[0] {
		t.Fatalf("%X, %v", f.Data, err)
	}
	clear(line)
	if !bytes.Equal(f.Data, []byte{0x00, 0x03, 0x01, 0x02, 0x62, 0x22}) {
		t.Errorf("%X", f.Data)
	}
}

func FuzzDecode(f *testing.F) {
	for _, line := range collected(f) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := dlt645.Decode(nil, b)
		if err != nil {
			return
		}
		if back, err := frame.AppendTo(nil); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%X came back as %X, %v", b, back, err)
		}
		decodeMessages(frame)
	})
}
