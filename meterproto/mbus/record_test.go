package mbus_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// records reads all of them.
func records(b []byte, o mbus.Order) (all []mbus.Record, err error) {
	s := mbus.NewRecords(b, o)
	for {
		var r mbus.Record
		ok, err := s.Next(&r)
		if err != nil || !ok {
			return all, err
		}
		all = append(all, r)
	}
}

// one is the only record of a line, lowest byte first.
func one(t fataler, s string) mbus.Record {
	t.Helper()
	all, err := records(unhex(t, s), mbus.LowFirst)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %d records, %v", s, len(all), err)
	}
	return all[0]
}

func TestBlocksOfARecord(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]mbus.Record{
		"04134C010000": {DIB: mbus.DIB{Coding: mbus.Int32}, VIB: mbus.VIB{VIF: 0x13}, Data: unhex(t, "4C010000")},
		// Storage 1+2·3, tariff 2, subunit 1, in a maximum of two digits.
		"D963151F": {DIB: mbus.DIB{Coding: mbus.BCD2, Function: meterproto.Maximum, Storage: 7, Tariff: 2, Subunit: 1, Extensions: 1},
			VIB: mbus.VIB{VIF: 0x15}, Data: []byte{0x1F}},
		// A DIFE that adds nothing, and a VIFE.
		"8400863B23000000": {DIB: mbus.DIB{Coding: mbus.Int32, Extensions: 1}, VIB: mbus.VIB{VIF: 0x86, VIFEs: []byte{0x3B}},
			Data: unhex(t, "23000000")},
		// Text as unit, then a VIFE: %RH, hundredths.
		"22FC0348522574D411": {DIB: mbus.DIB{Coding: mbus.Int16, Function: meterproto.Minimum},
			VIB: mbus.VIB{VIF: 0xFC, Text: []byte("HR%"), VIFEs: []byte{0x74}}, Data: unhex(t, "D411")},
		// The same text behind the VIFE, and no room for one of 32 letters before it.
		"03FC2003434241153100": {DIB: mbus.DIB{Coding: mbus.Int24},
			VIB: mbus.VIB{VIF: 0xFC, Text: []byte("CBA"), TextLast: true, VIFEs: []byte{0x20}}, Data: unhex(t, "153100")},
		// Behind the VIFE, with room before it: but there it would be no text.
		"02FC06024852D4112F2F2F2F2F": {DIB: mbus.DIB{Coding: mbus.Int16},
			VIB: mbus.VIB{VIF: 0xFC, Text: []byte("HR"), TextLast: true, VIFEs: []byte{0x06}}, Data: unhex(t, "D411")},
		"0DFD0B053132484657": {DIB: mbus.DIB{Coding: mbus.Variable}, VIB: mbus.VIB{VIF: 0xFD, VIFEs: []byte{0x0B}},
			Length: 5, Data: []byte("12HFW")},
		"2F2F0F010203": {DIB: mbus.DIB{Coding: mbus.Special}, Data: []byte{1, 2, 3}},
		"7F2F":         {DIB: mbus.DIB{Coding: mbus.Special, Function: meterproto.DuringError, Storage: 1}},
	} {
		if got := one(t, in); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", in, got, want)
		}
	}
	if r := one(t, "1F"); !r.MakersOwn() || !r.MoreFollow() || r.GlobalReadout() {
		t.Errorf("1F: %+v", r)
	}
}

func TestRecordsRefuse(t *testing.T) {
	t.Parallel()
	long := func(head string, with byte, n int, tail string) []byte {
		return slices.Concat(unhex(t, head), bytes.Repeat([]byte{with}, n), unhex(t, tail))
	}
	for name, c := range map[string]struct {
		in     []byte
		want   error
		record int
		offset int
	}{
		"DIFE missing":      {unhex(t, "01136384"), mbus.ErrShort, 1, 3},
		"VIF missing":       {unhex(t, "0113632F04"), mbus.ErrShort, 1, 4},
		"VIFE missing":      {unhex(t, "0493"), mbus.ErrShort, 0, 0},
		"text missing":      {unhex(t, "047C034142"), mbus.ErrShort, 0, 0},
		"text's length":     {unhex(t, "047C"), mbus.ErrShort, 0, 0},
		"data missing":      {unhex(t, "0413010203"), mbus.ErrShort, 0, 0},
		"LVAR missing":      {unhex(t, "0D78"), mbus.ErrShort, 0, 0},
		"LVAR past end":     {unhex(t, "0D7803414243"), nil, 0, 0},
		"LVAR 1 past end":   {unhex(t, "0D7804414243"), mbus.ErrShort, 0, 0},
		"reserved LVAR":     {unhex(t, "0D78F7"), mbus.ErrBadRecord, 0, 0},
		"reserved DIF":      {unhex(t, "3F"), mbus.ErrBadRecord, 0, 0},
		"special with DIFE": {unhex(t, "8F00"), mbus.ErrBadRecord, 0, 0},
		"10 DIFEs":          {long("81", 0x80, 9, "001301"), nil, 0, 0},
		"11 DIFEs":          {long("81", 0x80, 10, "001301"), mbus.ErrBadRecord, 0, 0},
		"10 VIFEs":          {long("0193", 0x80, 9, "0001"), nil, 0, 0},
		"11 VIFEs":          {long("0193", 0x80, 10, "0001"), mbus.ErrBadRecord, 0, 0},
	} {
		_, err := records(c.in, mbus.LowFirst)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if e, ok := errors.AsType[*mbus.RecordError](err); c.want != nil && (!ok || e.Record != c.record || e.Offset != c.offset) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// genVIB draws a value information block of any kind.
func genVIB(t *rapid.T) mbus.VIB {
	v := mbus.VIB{VIF: rapid.Byte().Draw(t, "vif")}
	if v.VIF&0x7F == 0x7C {
		v.Text = rapid.SliceOfN(rapid.ByteRange(0x20, 0x7E), 0, 20).Draw(t, "text")
	}
	if v.VIF&0x80 != 0 {
		v.VIFEs = rapid.SliceOfN(rapid.Byte(), 1, mbus.MaxExtensions).Draw(t, "vifes")
		for i := range v.VIFEs {
			v.VIFEs[i] |= 0x80
		}
		v.VIFEs[len(v.VIFEs)-1] &= 0x7F
	}
	return v
}

// genRecord draws any record that is a value.
func genRecord(t *rapid.T) mbus.Record {
	r := mbus.Record{VIB: genVIB(t), Order: mbus.Order(rapid.ByteRange(0, 1).Draw(t, "order"))}
	r.DIB = mbus.DIB{
		Coding:     mbus.Coding(rapid.ByteRange(0, 0xE).Draw(t, "coding")),
		Function:   meterproto.Function(rapid.ByteRange(0, 3).Draw(t, "function")),
		Storage:    rapid.Uint64Range(0, 1<<41-1).Draw(t, "storage"),
		Tariff:     rapid.Uint32Range(0, 1<<20-1).Draw(t, "tariff"),
		Subunit:    rapid.Uint16Range(0, 1<<10-1).Draw(t, "subunit"),
		Extensions: 10,
	}
	size := []int{0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6}[r.Coding]
	if r.Coding == mbus.Variable {
		size = rapid.IntRange(0, 15).Draw(t, "size")
		r.Length = rapid.SampledFrom([]byte{0, 0xC0, 0xD0, 0xE0}).Draw(t, "length") + byte(size)
	}
	r.Data = rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "data")
	return r
}

func TestRecordSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(genRecord), 1, 4).Draw(t, "records")
		var b []byte
		for _, r := range want {
			var err error
			if b, err = r.AppendTo(b); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
		}
		got, err := records(b, want[0].Order)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%X: %d records, %v", b, len(got), err)
		}
		for i, r := range want {
			r.Order = want[0].Order
			if !same(got[i], r) {
				t.Fatalf("%+v came back as %+v", r, got[i])
			}
		}
	})
}

// same compares records; nil and empty bytes are the same.
func same(a, b mbus.Record) bool {
	equal := a.DIB == b.DIB && a.VIF == b.VIF && a.TextLast == b.TextLast && a.Length == b.Length && a.Order == b.Order
	return equal && bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Text, b.Text) && bytes.Equal(a.VIFEs, b.VIFEs)
}

// A DIB takes as few DIFEs as its numbers need.
func TestRecordTakesFewDIFEs(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]mbus.DIB{
		"0113FF": {}, "4113FF": {Storage: 1}, "811013FF": {Tariff: 1}, "81804013FF": {Subunit: 2},
		"C18F0F13FF": {Storage: 511}, "3113FF": {Function: meterproto.DuringError},
	} {
		d.Coding = mbus.Int8
		b, err := mbus.Record{DIB: d, VIB: mbus.VIB{VIF: 0x13}, Data: []byte{0xFF}}.AppendTo(nil)
		if err != nil || !bytes.Equal(b, unhex(t, want)) {
			t.Errorf("%+v: %X, %v, want %s", d, b, err, want)
		}
	}
}

func TestRecordAppendToRefuses(t *testing.T) {
	t.Parallel()
	good := mbus.Record{DIB: mbus.DIB{Coding: mbus.Int8}, VIB: mbus.VIB{VIF: 0x13}, Data: []byte{1}}
	for name, spoil := range map[string]func(*mbus.Record){
		"storage":          func(r *mbus.Record) { r.Storage = 1 << 41 },
		"tariff":           func(r *mbus.Record) { r.Tariff = 1 << 20 },
		"subunit":          func(r *mbus.Record) { r.Subunit = 1 << 10 },
		"coding":           func(r *mbus.Record) { r.Coding = 16 },
		"function":         func(r *mbus.Record) { r.Function = 4 },
		"DIFEs":            func(r *mbus.Record) { r.Extensions = 11 },
		"more data":        func(r *mbus.Record) { r.Data = []byte{1, 2} },
		"VIFE unannounced": func(r *mbus.Record) { r.VIFEs = []byte{0} },
		"VIFE missing":     func(r *mbus.Record) { r.VIF = 0x93 },
		"VIFE goes on":     func(r *mbus.Record) { r.VIF, r.VIFEs = 0x93, []byte{0x80} },
		"text":             func(r *mbus.Record) { r.Text = []byte("x") },
		"reserved LVAR":    func(r *mbus.Record) { r.Coding, r.Length = mbus.Variable, 0xFF },
		"reserved DIF":     func(r *mbus.Record) { r.Coding, r.Function = mbus.Special, meterproto.DuringError },
		"special, DIFE":    func(r *mbus.Record) { r.Coding, r.Tariff = mbus.Special, 1 },
	} {
		r := good
		spoil(&r)
		if b, err := r.AppendTo([]byte{9}); !errors.Is(err, mbus.ErrBadRecord) || len(b) != 1 {
			t.Errorf("%s: %X, %v", name, b, err)
		}
	}
}

// FuzzRecords: what is read as records is written as the same bytes, fillers
// aside, and no value of them panics or is a number where there is none.
func FuzzRecords(f *testing.F) {
	for _, frame := range whole(f) {
		if r, err := mbus.DecodeResponse(frame); err == nil {
			f.Add(r.Body, false)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, high bool) {
		if len(b) > mbus.MaxData {
			return
		}
		o := mbus.LowFirst
		if high {
			o = mbus.HighFirst
		}
		all, err := records(b, o)
		var back []byte
		for _, r := range all {
			var err error
			if back, err = r.AppendTo(back); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			reg := r.Register()
			if (reg.State != meterproto.Good || reg.Kind == meterproto.Unread) && reg.Value != (meterproto.Decimal{}) {
				t.Fatalf("%+v is %+v", r, reg)
			}
			r.Digits()
			r.NotFinite()
		}
		if err == nil && !bytes.Equal(bytes.ReplaceAll(back, []byte{0x2F}, nil), bytes.ReplaceAll(b, []byte{0x2F}, nil)) {
			t.Fatalf("%X was written as %X", b, back)
		}
	})
}

func TestSecretRecords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"01FD1207": true, "01FD1607": true, "01FD1907": true, "01FD961307": true, // with a VIFE behind it
		"01FD1107": false, "01FD1707": false, "01FB1207": false, "011207": false, "0F121212": false,
	} {
		var r mbus.Record
		records := mbus.NewRecords(unhex(t, in), mbus.LowFirst)
		if ok, err := records.Next(&r); !ok || err != nil || r.Secret() != want {
			t.Errorf("%s: secret is %v, %v", in, r.Secret(), err)
		}
	}
}
