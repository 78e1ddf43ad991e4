package mbus_test

import (
	"encoding/binary"
	"math"
	"testing"

	"pgregory.net/rapid"

	mp "github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// A real that happens to be round counts no coarser than its VIF (EN 13757-3, table 8: 10^(nnn-6) m³): what reads a
// register believes it to within its resolution.
func TestARoundRealIsNoCoarserThanItsVIF(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]mp.Volume{
		"05160000FA44": {Litres: 2_000_000, Resolution: 1000, Valid: true},
		"05160010FA44": {Litres: 2_000_500, Resolution: 100, Valid: true},
		"051600401C46": {Litres: 10_000_000, Resolution: 1000, Valid: true},
		"051600000000": {Resolution: 1000, Valid: true},
		"05130000FA44": {Litres: 2000, Resolution: 1, Valid: true},
		"05170000FA44": {Litres: 20_000_000, Resolution: 10_000, Valid: true},
	} {
		if got := volumeOf(t, unhex(t, in)); got != want {
			t.Errorf("%s: %+v, want %+v", in, got, want)
		}
	}
}

func TestEveryWholeRealCountsAsItsVIF(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		nnn := rapid.IntRange(3, 7).Draw(t, "nnn")
		v := float32(rapid.Int32Range(0, 1<<24).Draw(t, "value"))
		record := binary.LittleEndian.AppendUint32([]byte{0x05, 0x10 | byte(nnn)}, math.Float32bits(v))
		got, step := volumeOf(t, record), int64(math.Pow10(nnn-3))
		if want := (mp.Volume{Litres: int64(v) * step, Resolution: step, Valid: true}); got != want {
			t.Fatalf("%X: %+v, want %+v", record, got, want)
		}
	})
}

// volumeOf is the register of an answer that is that record.
func volumeOf(t interface{ Fatal(...any) }, record []byte) mp.Volume {
	r, err := mbus.DecodeResponse(answer(mbus.VariableBare, record))
	if err != nil {
		t.Fatal(err)
	}
	reading, err := r.Reading()
	if err != nil {
		t.Fatal(err)
	}
	return reading.Consumed
}
