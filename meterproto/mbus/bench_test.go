package mbus_test

import (
	"testing"

	mp "github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// edc is the 180 bytes of the meter of maker EDC, among the frames of others.
func edc(t testing.TB) []byte {
	t.Helper()
	for _, f := range whole(t) {
		r, err := mbus.DecodeResponse(f)
		b, _ := f.AppendTo(nil)
		if err == nil && mbus.ManufacturerName(r.Header.Manufacturer) == "EDC" && len(b) == 180 {
			return b
		}
	}
	t.Fatal("no such frame")
	return nil
}

// registers decodes a stream to values in their units.
func registers(dst []mp.Register, stream []byte) ([]mp.Register, error) {
	f, _, _, err := mbus.Next(stream)
	if err != nil {
		return dst, err
	}
	r, err := mbus.DecodeResponse(f)
	if err != nil {
		return dst, err
	}
	return r.AppendRegisters(dst)
}

func TestDecodingAllocatesNothing(t *testing.T) {
	frame := edc(t)
	dst, err := registers(nil, frame)
	if err != nil || len(dst) != 22 {
		t.Fatalf("%d registers, %v", len(dst), err)
	}
	if n := testing.AllocsPerRun(100, func() { dst, _ = registers(dst[:0], frame) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEDC(b *testing.B) {
	frame := edc(b)
	dst, err := registers(nil, frame)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = registers(dst[:0], frame)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}
