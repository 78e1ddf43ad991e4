package cjt188_test

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// BenchmarkWaterReply is what a reply of a water meter costs, from the bytes of
// the line to litres.
func BenchmarkWaterReply(b *testing.B) {
	stream := unhex(b, waterBehindText)[21:] // four FE and the frame
	b.ReportAllocs()
	for b.Loop() {
		f, _, _, err := cjt188.Next(stream)
		if err != nil {
			b.Fatal(err)
		}
		r, err := cjt188.DecodeReply(cjt188.ReadData, f)
		if err != nil {
			b.Fatal(err)
		}
		flow, err := decodeFlow(r.Values)
		if err != nil {
			b.Fatal(err)
		}
		if v, err := flow.Current.Volume(); err != nil || v.Litres != 2000 {
			b.Fatal(v, err)
		}
		if _, err := flow.Settled.Volume(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

// BenchmarkHeatReply is what a reply of a heat meter costs, ten values and a clock.
func BenchmarkHeatReply(b *testing.B) {
	stream := unhex(b, heatRead)
	b.ReportAllocs()
	for b.Loop() {
		f, _, _, err := cjt188.Next(stream)
		if err != nil {
			b.Fatal(err)
		}
		r, err := cjt188.DecodeReply(cjt188.ReadData, f)
		if err != nil {
			b.Fatal(err)
		}
		var heat cjt188.Heat
		if err := cjt188.DecodeValues(r.Values, &heat, cjt188.Layout{}); err != nil || heat.Hours.N != 273 {
			b.Fatal(heat, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

// Reading an answer allocates nothing.
func TestReadingAllocatesNothing(t *testing.T) {
	for vector, decode := range map[string]func([]byte) error{
		waterBehindText: func(b []byte) error { _, err := decodeFlow(b); return err },
		purchaseReply:   func(b []byte) error { _, err := decodePurchases(b); return err },
		heatRead:        func(b []byte) error { var h cjt188.Heat; return cjt188.DecodeValues(b, &h, cjt188.Layout{}) },
	} {
		stream := unhex(t, vector)
		got := testing.AllocsPerRun(100, func() {
			f, _, _, err := cjt188.Next(stream)
			if err != nil {
				t.Fatal(err)
			}
			r, err := cjt188.DecodeReply(cjt188.ReadData, f)
			if err != nil {
				t.Fatal(err)
			}
			if err := decode(r.Values); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("%s: %v allocations", vector, got)
		}
	}
}
