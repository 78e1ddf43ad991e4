package dlt645_test

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// What every poll costs: a line with its preamble, to normalised values. The first is
// the reply of 24 bytes.
func BenchmarkReply(b *testing.B) {
	for name, line := range map[string]string{
		"24 bytes": moneyReply,
		"block":    "FEFEFEFE6856341200000068B1183332343334333333343333333433333334333333343333330216",
		"clock":    "681200000010206891093433393833333C4348B116",
		"1997":     "6895320600000068810643C3493333330C16",
	} {
		b.Run(name, func(b *testing.B) {
			wire := unhex(b, line)
			room := make([]byte, 0, dlt645.MaxData)
			registers := make([]meterproto.Register, 0, 8)
			b.SetBytes(int64(len(wire)))
			b.ReportAllocs()
			for b.Loop() {
				f, _, _, err := dlt645.Next(room, wire)
				if err != nil {
					b.Fatal(err)
				}
				r, err := dlt645.DecodeReply(f)
				if err != nil {
					b.Fatal(err)
				}
				if registers, err = dlt645.AppendRegisters(registers[:0], r); err != nil || registers[0].State != meterproto.Good {
					b.Fatal(registers, err)
				}
			}
		})
	}
}
