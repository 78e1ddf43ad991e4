package dlt645_test

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// A reply of 24 bytes, preamble included, to its value: what every poll costs.
func BenchmarkReply(b *testing.B) {
	line := unhex(b, "FEFEFEFE685634120000006891083335C33389CB4C333616")
	room := make([]byte, 0, dlt645.MaxData)
	registers := make([]meterproto.Register, 0, 8)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		f, _, _, err := dlt645.Next(room, line)
		if err != nil {
			b.Fatal(err)
		}
		r, err := dlt645.DecodeReply(f)
		if err != nil {
			b.Fatal(err)
		}
		if registers, err = dlt645.AppendRegisters(registers[:0], r); err != nil || registers[0].Value.Digits != 199856 {
			b.Fatal(registers, err)
		}
	}
}
