package cjt188_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

func TestDecodeCollectedFrame(t *testing.T) {
	t.Parallel()
	f, err := cjt188.Decode(unhex(t, gasRead))
	if err != nil {
		t.Fatal(err)
	}
	want := cjt188.Frame{Type: 0x30, Address: cjt188.Address{3}, Control: cjt188.ReadData, Data: []byte{0x1F, 0x90, 0xFF}}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
	if got := f.Address.String(); got != "00000000000003" {
		t.Errorf("address %s", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := unhex(t, gasRead)
	at := func(i int, b byte) []byte { c := bytes.Clone(good); c[i] = b; return c }
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"nothing":          {nil, cjt188.ErrIncomplete},
		"one byte":         {good[:1], cjt188.ErrIncomplete},
		"no checksum":      {good[:len(good)-2], cjt188.ErrIncomplete},
		"no stop byte":     {good[:len(good)-1], cjt188.ErrIncomplete},
		"cut short":        {unhex(t, cutShort), cjt188.ErrIncomplete},
		"preamble":         {append([]byte{0xFE}, good...), cjt188.ErrMalformed},
		"a byte after it":  {append(bytes.Clone(good), 0x16), cjt188.ErrMalformed},
		"other stop byte":  {at(len(good)-1, 0x17), cjt188.ErrMalformed},
		"L over 64H":       {at(10, 0x65), cjt188.ErrMalformed},
		"L over 32H write": {append([]byte{0x68, 0x30, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x33}, make([]byte, 0x35)...), cjt188.ErrMalformed},
	} {
		if _, err := cjt188.Decode(c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestChecksumErrorSaysBoth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]cjt188.ChecksumError{
		gasBadSum:    {Got: 0x00, Want: 0x51},
		oneBitTurned: {Got: 0x1A, Want: 0x12},
	} {
		_, err := cjt188.Decode(unhex(t, in))
		if e, ok := errors.AsType[*cjt188.ChecksumError](err); !ok || *e != want {
			t.Errorf("%s: got %v, want %v", in, err, &want)
		}
	}
}

func TestAppendToRefusesTooMuchData(t *testing.T) {
	t.Parallel()
	for c, most := range map[cjt188.Control]int{
		cjt188.ReadData: 0x64, cjt188.ReadData.Reply(): 0x64, 0x2A: 0xFF, 0xA1: 0xFF,
		cjt188.WriteData: 0x32, cjt188.WriteData.Reply(): 0x32, cjt188.WriteAddress: 0x32, cjt188.WriteSync: 0x32,
	} {
		fits := cjt188.Frame{Control: c, Data: make([]byte, most)}
		if _, err := fits.AppendTo(nil); err != nil {
			t.Errorf("%v with %d bytes: %v", c, most, err)
		}
		over := cjt188.Frame{Control: c, Data: make([]byte, most+1)}
		if got, err := over.AppendTo([]byte{1}); !errors.Is(err, cjt188.ErrMalformed) || len(got) != 1 {
			t.Errorf("%v with %d bytes: %X, %v", c, most+1, got, err)
		}
	}
}

func TestPreamble(t *testing.T) {
	t.Parallel()
	if b, err := cjt188.AppendPreamble([]byte{1}, 3); err != nil || !bytes.Equal(b, []byte{1, 0xFE, 0xFE, 0xFE}) {
		t.Errorf("got %X, %v", b, err)
	}
	for _, n := range []int{-1, 5} {
		if b, err := cjt188.AppendPreamble(nil, n); err == nil || b != nil {
			t.Errorf("%d: %X, %v", n, b, err)
		}
	}
}

func TestAddressText(t *testing.T) {
	t.Parallel()
	a, err := cjt188.ParseAddress("78010001234567")
	if want := (cjt188.Address{0x67, 0x45, 0x23, 0x01, 0x00, 0x01, 0x78}); err != nil || a != want {
		t.Errorf("got %X, %v", a[:], err)
	}
	for _, bad := range []string{"", "1234567890123", "123456789012345", "7801000123456x", "aaaaaaaaaaaaaa", "7801 001234567"} {
		if a, err := cjt188.ParseAddress(bad); err == nil {
			t.Errorf("%q became %v", bad, a)
		}
	}
	if s := cjt188.AnyMeter().String(); s != "AAAAAAAAAAAAAA" {
		t.Errorf("any meter is %s", s)
	}
}

// genFrame draws any frame that the standard allows.
func genFrame(t *rapid.T) cjt188.Frame {
	f := cjt188.Frame{Type: rapid.Byte().Draw(t, "type"), Control: cjt188.Control(rapid.Byte().Draw(t, "control"))}
	copy(f.Address[:], rapid.SliceOfN(rapid.Byte(), 7, 7).Draw(t, "address"))
	if data := rapid.SliceOfN(rapid.Byte(), 0, cjt188.MaxWriteData).Draw(t, "data"); len(data) > 0 {
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
		if back, err := cjt188.Decode(b[1:]); err != nil || !reflect.DeepEqual(back, f) {
			t.Fatalf("%+v came back as %+v, %v", f, back, err)
		}
		a, err := cjt188.ParseAddress(f.Address.String())
		if err != nil || a != f.Address {
			t.Fatalf("address %v, %v", a, err)
		}
	})
}

// Every single wrong, lost or added byte in a frame is noticed.
func TestOneWrongByteIsNoticed(t *testing.T) {
	t.Parallel()
	for _, vector := range []string{gasRead, heatRead, vendorNoData, waterTimeHalfSet} {
		good := unhex(t, vector)
		for i := range good {
			for x := 1; x < 256; x++ {
				flipped := bytes.Clone(good)
				flipped[i] ^= byte(x)
				if f, err := cjt188.Decode(flipped); err == nil {
					t.Errorf("%s: byte %d ^ %02X accepted as %+v", vector, i, x, f)
				}
			}
			dropped := append(bytes.Clone(good[:i]), good[i+1:]...)
			doubled := append(bytes.Clone(good[:i+1]), good[i:]...)
			for _, b := range [][]byte{dropped, doubled} {
				if f, err := cjt188.Decode(b); err == nil {
					t.Errorf("%s: %X accepted as %+v", vector, b, f)
				}
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range []string{gasRead, gasBadSum, heatRead, vendorNoData, waterTimeHalfSet, cutShort, oneBitTurned} {
		f.Add(unhex(f, v))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := cjt188.Decode(b)
		if err != nil {
			return
		}
		if back, err := frame.AppendTo(nil); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("%X came back as %X, %v", b, back, err)
		}
		decodeValues(t, frame)
	})
}

// decodeValues reads what the frame says, in every layout; it must not panic, and
// no field without a value may have a number.
func decodeValues(t fataler, f cjt188.Frame) {
	for _, l := range []cjt188.Layout{{}, {UnitFirst: true}, {HighFirst: true, TimeHighFirst: true}, {Plus33: true}} {
		checkContent(t, cjt188.Read(f, l))
	}
	checkContent(t, cjt188.ReadByEvidence(f))
}

func checkContent(t fataler, c cjt188.Content) {
	t.Helper()
	for _, i := range c.Items {
		r := i.Register
		if r.State != meterproto.Good && (r.Value != meterproto.Decimal{} || !r.Time.IsZero()) {
			t.Fatalf("%s has no value, and is %v", i.Field.Name, r)
		}
		if r.Kind == meterproto.Unread && (r.Value != meterproto.Decimal{}) {
			t.Fatalf("%s is not interpreted, and is %v", i.Field.Name, r)
		}
		if (i.Err != nil) != (r.State == meterproto.Invalid) {
			t.Fatalf("%s: %v, state %v", i.Field.Name, i.Err, r.State)
		}
	}
}
