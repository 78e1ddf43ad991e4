package iec62056_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// checkNext holds what Next promises for any stream.
func checkNext(t fataler, stream []byte) {
	t.Helper()
	var room [64]iec62056.Field
	for rest := stream; ; {
		m, skipped, behind, err := iec62056.Next(rest, room[:0])
		if err != nil {
			if !errors.Is(err, iec62056.ErrIncomplete) || skipped+len(behind) != len(rest) {
				t.Fatalf("%q: %d skipped, %d left, %v", stream, skipped, len(behind), err)
			}
			return
		}
		own := rest[skipped : len(rest)-len(behind)]
		checkMessage(t, m, own)
		if again, err := iec62056.Decode(own, nil); err != nil || said(again) != said(m) {
			t.Fatalf("%q: %s, but alone %s, %v", own, said(m), said(again), err)
		}
		rest = behind
	}
}

// checkMessage writes a message and reads it again, and runs every decoder over
// its fields.
func checkMessage(t fataler, m iec62056.Message, own []byte) {
	t.Helper()
	if m.Seal == iec62056.BrokenCRC {
		return
	}
	b, err := m.AppendTo(nil)
	if err != nil {
		t.Fatalf("%q: %s cannot be written: %v", own, said(m), err)
	}
	if back, err := iec62056.Decode(b, nil); err != nil || said(back) != said(m) {
		t.Fatalf("%q: %s came back as %s, %v", own, said(m), said(back), err)
	}
	registers, _ := iec62056.AppendRegisters(nil, m)
	for _, r := range registers {
		if r.State != meterproto.Good && r.Value != (meterproto.Decimal{}) {
			t.Fatalf("%q: a number where there is none: %+v", own, r)
		}
	}
}

func FuzzNext(f *testing.F) {
	for _, text := range sealed() {
		f.Add([]byte(text))
	}
	for _, text := range []string{ehz, "/?!\r\n", "\x06050\r\n", "1.1.1.1(", "1.1.1.1(1)\r\n!\r\n", "\x02F.F(00)\r\n!\r\n", ehz[:60] + ehz} {
		f.Add([]byte(text))
	}
	for _, unit := range []string{"m3", "ft3", ""} {
		f.Add([]byte(block(splitValue+"("+unit+")\r\n(00001.001)", 3)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkNext(t, b)
		if m, err := iec62056.Decode(b, nil); err == nil {
			checkMessage(t, m, b)
		}
		text, _ := iec62056.StripParity(b)
		if len(text) != len(b) {
			t.Fatal("parity changed the length")
		}
	})
}

func BenchmarkNext(b *testing.B) {
	for name, text := range map[string]string{"P1 of 25 values": landis, "heat meter of 4": multical, "answer of 1": block("1.8.0(000285.4*kWh)", 3)} {
		b.Run(name, func(b *testing.B) {
			stream, room := []byte(text), make([]iec62056.Field, 0, 64)
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := iec62056.Next(stream, room[:0]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func BenchmarkRegisters(b *testing.B) {
	m := decode(b, landis)
	room := make([]meterproto.Register, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := iec62056.AppendRegisters(room[:0], m); err != nil {
			b.Fatal(err)
		}
	}
}
