package mbus_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	mp "github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// answer is an answer of a meter with the given CI and data.
func answer(ci mbus.CI, data []byte) mbus.Frame {
	return mbus.Frame{Kind: mbus.Long, Control: mbus.RspUd, Address: 1, CI: ci, Data: data}
}

// header is the long header of meter 12345678, ELS, version 51, gas.
const header = "785634129315330305" + "04" + "0000"

func TestHeaders(t *testing.T) {
	t.Parallel()
	whole := mbus.Header{
		Secondary: mbus.Secondary{ID: 0x12345678, Manufacturer: 0x1593, Version: 51, Medium: 3}, Access: 5, Status: mbus.PowerLow,
	}
	for name, c := range map[string]struct {
		ci   mbus.CI
		data string
		want mbus.Header
	}{
		"long":       {mbus.VariableLow, header, whole},
		"high first": {mbus.VariableHigh, "123456781593330305" + "040000", whole},
		"short":      {mbus.VariableShort, "05040000", mbus.Header{Access: 5, Status: mbus.PowerLow}},
		"none":       {mbus.VariableBare, "", mbus.Header{}},
	} {
		r, err := mbus.DecodeResponse(answer(c.ci, unhex(t, c.data+"011305")))
		if err != nil || r.Header != c.want || !bytes.Equal(r.Body, []byte{1, 0x13, 5}) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if c.data == "" {
			continue
		}
		if _, err := mbus.DecodeResponse(answer(c.ci, unhex(t, c.data[2:]))); !errors.Is(err, mbus.ErrShort) {
			t.Errorf("%s, cut: %v", name, err)
		}
	}
	if mbus.ManufacturerName(0x1593) != "ELS" || whole.String() != "1234567815933303" {
		t.Errorf("%s of %s", whole, mbus.ManufacturerName(0x1593))
	}
}

func TestDecodeResponseRefuses(t *testing.T) {
	t.Parallel()
	data := unhex(t, header)
	request := answer(mbus.VariableLow, data)
	request.Control = mbus.SndUd
	for name, c := range map[string]struct {
		frame mbus.Frame
		want  error
	}{
		"a master's":     {request, mbus.ErrDirection},
		"an ack":         {mbus.Frame{}, mbus.ErrDirection},
		"unknown layout": {answer(0x00, data), mbus.ErrUnsupported},
		"fixed":          {answer(mbus.FixedLow, data), mbus.ErrUnsupported},
		"an error":       {answer(mbus.AppError, []byte{8}), mp.ErrAbnormal},
		"a long error":   {answer(mbus.AppError, []byte{8, 8}), mbus.ErrBadRecord},
	} {
		if r, err := mbus.DecodeResponse(c.frame); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	for _, want := range []mbus.ApplicationError{{}, {Code: 2}, {Code: 200}} {
		_, err := mbus.DecodeResponse(want.Frame(1))
		if e, ok := errors.AsType[*mbus.ApplicationError](err); !ok || *e != want || e.Words() == "" {
			t.Errorf("%+v: %v", want, err)
		}
	}
	if _, err := mbus.DecodeResponse(answer(mbus.AppError, nil)); !errors.Is(err, mp.ErrAbnormal) {
		t.Errorf("an error without a code: %v", err)
	}
}

func TestResponseSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := mbus.Response{CI: rapid.SampledFrom([]mbus.CI{
			mbus.VariableLow, mbus.VariableHigh, mbus.VariableShort, mbus.VariableBare,
		}).Draw(t, "ci"), Body: rapid.SliceOfN(rapid.Byte(), 1, 99).Draw(t, "body")}
		if r.CI == mbus.VariableLow || r.CI == mbus.VariableHigh {
			r.Header.Secondary = genSecondary(t)
		}
		if r.CI != mbus.VariableBare {
			r.Header.Access, r.Header.Status = rapid.Byte().Draw(t, "access"), mbus.Status(rapid.Byte().Draw(t, "status"))
			r.Header.Config = rapid.Uint16().Draw(t, "config")
		}
		if back, err := mbus.DecodeResponse(r.Frame(7)); err != nil || !reflect.DeepEqual(back, r) {
			t.Fatalf("%+v came back as %+v, %v", r, back, err)
		}
	})
}

func TestRecordsHighestByteFirst(t *testing.T) {
	t.Parallel()
	r, err := mbus.DecodeResponse(answer(mbus.VariableHigh, unhex(t, header+"026C2312"+"0C1500012345"+"0213FFFE"+"0516C2C00000")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.AppendRegisters(nil)
	if err != nil || len(got) != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
	want := []mp.Decimal{{}, {Digits: 12345, Scale: -1}, {Digits: -2, Scale: -3}, {Digits: -96}}
	for i, d := range want {
		if got[i].Value != d {
			t.Errorf("%d: %+v, want %v", i, got[i], d)
		}
	}
	if day := got[0].Time.Add(mbus.ZoneOffset).Format(time.DateOnly); day != "2016-03-18" {
		t.Errorf("date %s", day)
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	r, err := mbus.DecodeResponse(answer(mbus.VariableLow, unhex(t, header+
		"3413FF000000"+"84101301000000"+"84401302000000"+"04933E03000000"+ // in error, tariff 1, subunit 1, at base conditions
		"041439300000"+"0413FFFF0000"+"4414D2040000"+"046D0A0CCD13"+"426CBF1C")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Reading()
	if err != nil {
		t.Fatal(err)
	}
	if got.Consumed != (mp.Volume{Litres: 123450, Resolution: 10, Valid: true}) ||
		got.Settled != (mp.Volume{Litres: 12340, Resolution: 10, Valid: true}) {
		t.Errorf("consumed %+v, settled %+v", got.Consumed, got.Settled)
	}
	if got.Meter != "1234567815933303" || !got.BatteryLow || len(got.Registers) != 9 ||
		got.Time.Format(time.RFC3339) != "2014-03-13T04:10:00Z" {
		t.Errorf("%+v", got)
	}
}

// Nothing of an answer with one bad record is taken.
func TestABadRecordSpoilsTheAnswer(t *testing.T) {
	t.Parallel()
	r, err := mbus.DecodeResponse(answer(mbus.VariableLow, unhex(t, header+"011305"+"041301")))
	if err != nil {
		t.Fatal(err)
	}
	before := []mp.Register{{Kind: mp.OfCount}}
	got, err := r.AppendRegisters(before)
	if !errors.Is(err, mbus.ErrShort) || len(got) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if reading, err := r.Reading(); err == nil {
		t.Errorf("a reading: %+v", reading)
	}
}

// What the configuration word counts as encrypted stays raw (EN 13757-3, signature of 2004, configuration word of 2013), and what stands in plain is read.
func TestEncryptedRecordsStayRaw(t *testing.T) {
	t.Parallel()
	const cipher, plain = "1F130501130501130501130501130505", "0C1345230100" // 12.345 m³; a cipher may begin as DIF 1F does
	for name, c := range map[string]struct {
		config, body string
		sealed       int // bytes
		litres       int64
		more         bool
	}{
		"mode 5":                        {"1005", cipher, 16, 0, false},
		"mode 5 decrypted":              {"1005", "2F2F" + plain, 0, 12_345, false},
		"mode 0":                        {"1000", plain, 0, 12_345, false},
		"old signature":                 {"27B6", plain, 0, 12_345, false},
		"nothing in it":                 {"1005", "", 0, 0, false},
		"mode 5, no block":              {"0005", plain, 0, 12_345, false},
		"mode 4, no block":              {"0C04", plain, 0, 12_345, false},
		"mode 2, no byte":               {"0002", plain, 0, 12_345, false},
		"mode 5, plain behind":          {"1005", cipher + plain, 16, 12_345, false},
		"mode 5, plain that goes on":    {"1005", cipher + plain + "1F", 16, 12_345, true},
		"mode 3, plain behind":          {"0803", cipher[:16] + plain, 8, 12_345, false},
		"mode 5, more blocks than came": {"2005", cipher + plain, 22, 0, false},
		"mode 5, no block, unreadable":  {"0005", "0C13452301", 5, 0, false},
		"mode 5, unreadable behind":     {"1005", cipher + "0C13452301", 21, 0, false},
		"mode 8":                        {"0008", plain, 6, 0, false},
	} {
		r, err := mbus.DecodeResponse(answer(mbus.VariableLow, unhex(t, header[:20]+c.config+c.body)))
		if err != nil {
			t.Fatal(err)
		}
		_, part, ok := r.Encrypted()
		got, err := r.Reading()
		if ok != (c.sealed > 0) || len(part) != c.sealed || err != nil || got.Consumed.Litres != c.litres || r.MoreFollow() != c.more {
			t.Errorf("%s: %X, %+v, %v, more %v", name, part, got, err, r.MoreFollow())
		}
		if ok && (got.Registers[0].Kind != mp.Unread || !bytes.Equal(got.Registers[0].Raw, part)) {
			t.Errorf("%s: %+v", name, got.Registers[0])
		}
	}
}

func TestFixed(t *testing.T) {
	t.Parallel()
	// The older standard's own layout: 12345678, two BCD counters, 100 l of now and of the key date, water.
	f := answer(mbus.FixedLow, unhex(t, "785634120A00"+"EB7E"+"01000000"+"35010000"))
	x, err := mbus.DecodeFixed(f)
	if err != nil || x.ID != 0x12345678 || x.Access != 10 || x.Medium != 7 || x.MediumName() != "Water" || x.UnitSymbol(0) != "100 l" {
		t.Fatalf("%+v, %v", x, err)
	}
	now, stored := x.Register(0), x.Register(1)
	if now.Kind != mp.OfVolume || now.Value != (mp.Decimal{Digits: 1, Scale: -1}) || now.Storage != 0 {
		t.Errorf("now %+v", now)
	}
	if stored.Kind != mp.OfVolume || stored.Value != (mp.Decimal{Digits: 135, Scale: -1}) || stored.Storage != 1 {
		t.Errorf("stored %+v", stored)
	}
	x.Status = mbus.BinaryCounters
	if d, state := x.Number(1); state != mp.Good || d.Digits != 0x0135 {
		t.Errorf("binary: %v, %d", d, state)
	}
	x.Counters[0].Unit = 0
	if r := x.Register(0); r.Kind != mp.Unread || r.Value.Digits != 0 {
		t.Errorf("a time of day became %+v", r)
	}
	for _, spoil := range []mbus.Frame{answer(mbus.FixedLow, f.Data[:15]), answer(mbus.VariableLow, f.Data), {}} {
		if x, err := mbus.DecodeFixed(spoil); err == nil {
			t.Errorf("%+v became %+v", spoil, x)
		}
	}
}

func TestFixedSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := mbus.Fixed{
			CI: rapid.SampledFrom([]mbus.CI{mbus.FixedLow, mbus.FixedHigh}).Draw(t, "ci"), ID: rapid.Uint32().Draw(t, "id"),
			Access: rapid.Byte().Draw(t, "access"), Status: mbus.FixedStatus(rapid.Byte().Draw(t, "status")),
			Medium: rapid.ByteRange(0, 15).Draw(t, "medium"),
		}
		for i := range x.Counters {
			x.Counters[i].Unit = rapid.ByteRange(0, 63).Draw(t, "unit")
			copy(x.Counters[i].Data[:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "data"))
		}
		if back, err := mbus.DecodeFixed(x.Frame(3)); err != nil || back != x {
			t.Fatalf("%+v came back as %+v, %v", x, back, err)
		}
	})
}

// The example of the M-Bus documentation (4.8, 6.3), whose text states the values:
// 12565 l; at most 113 l/h in storage 5; 218.37 kWh in tariff 2 of part 1.
func TestTheStandardsExample(t *testing.T) {
	t.Parallel()
	got, err := registers(nil, unhex(t, "681F1F680802727856341224400107550000000313153100DA023B13018B60043718021816"))
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	flow := register(mp.OfFlow, mp.CubicMetrePerHour, 113, -3)
	flow.Function, flow.Storage = mp.Maximum, 5
	energy := register(mp.OfEnergy, mp.WattHour, 21837, 1)
	energy.Tariff, energy.Subunit = 2, 1
	for i, want := range []mp.Register{register(mp.OfVolume, mp.CubicMetre, 12565, -3), flow, energy} {
		got[i].Raw, got[i].Span = nil, 0
		if !reflect.DeepEqual(got[i], want) {
			t.Errorf("%d: got %+v, want %+v", i, got[i], want)
		}
	}
}
