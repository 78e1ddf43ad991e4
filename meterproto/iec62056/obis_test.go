package iec62056_test

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto/iec62056"
)

func TestOBIS(t *testing.T) {
	t.Parallel()
	const none = iec62056.Absent
	for address, want := range map[string]struct {
		code iec62056.OBIS
		name string
	}{
		"1-0:1.8.0*255":  {iec62056.OBIS{A: 1, B: 0, C: 1, D: 8, E: 0, F: none}, "active energy, import"},
		"1.8.0":          {iec62056.OBIS{A: none, B: none, C: 1, D: 8, E: 0, F: none}, "active energy, import"},
		"1-1:2.8.1*05":   {iec62056.OBIS{A: 1, B: 1, C: 2, D: 8, E: 1, F: 5}, "active energy, export"},
		"0-1:24.2.1":     {iec62056.OBIS{A: 0, B: 1, C: 24, D: 2, E: 1, F: none}, "value of sub-device"},
		"0-0:96.1.255":   {iec62056.OBIS{A: 0, B: 0, C: 96, D: 1, E: none, F: none}, "device number"},
		"F.F":            {iec62056.OBIS{A: none, B: none, C: 97, D: 97, E: none, F: none}, "fatal error"},
		"C.1":            {iec62056.OBIS{A: none, B: none, C: 96, D: 1, E: none, F: none}, "device number"},
		"P.01":           {iec62056.OBIS{A: none, B: none, C: 99, D: 1, E: none, F: none}, "profile or log"},
		"6.8":            {iec62056.OBIS{A: none, B: none, C: 6, D: 8, E: none, F: none}, "heat energy"},
		"6.8.0":          {iec62056.OBIS{A: none, B: none, C: 6, D: 8, E: 0, F: none}, "reactive energy, quadrant II"},
		"6.26*01":        {iec62056.OBIS{A: none, B: none, C: 6, D: 26, E: none, F: 1}, "volume"},
		"6-0:1.0.0":      {iec62056.OBIS{A: 6, B: 0, C: 1, D: 0, E: 0, F: none}, "heat energy"},
		"7-0:3.0.0":      {iec62056.OBIS{A: 7, B: 0, C: 3, D: 0, E: 0, F: none}, "volume, forward, absolute"},
		"8-0:1.0.0":      {iec62056.OBIS{A: 8, B: 0, C: 1, D: 0, E: 0, F: none}, "volume"},
		"1-0:199.200.33": {iec62056.OBIS{A: 1, B: 0, C: 199, D: 200, E: 33, F: none}, ""},
	} {
		if code, ok := iec62056.ParseOBIS([]byte(address)); !ok || code != want.code || code.Name() != want.name {
			t.Errorf("%s: %+v %v, %q", address, code, ok, code.Name())
		}
	}
	for _, bad := range []string{"", "1", "F", "1.", ".8", "1.8.", "1-0:", "1-0:1", "256.8.0", "1.8.0*", "1.8.0x", "1.8.0.0", "1234.8", "x.y", "1:1.8.0-"} {
		if code, ok := iec62056.ParseOBIS([]byte(bad)); ok {
			t.Errorf("%q became %+v", bad, code)
		}
	}
}

func TestIdentificationTellsModeAndBaud(t *testing.T) {
	t.Parallel()
	for baud, want := range map[byte]struct {
		mode byte
		rate int
	}{
		'0': {'C', 300}, '5': {'C', 9600}, '6': {'C', 19200}, '7': {'C', 0},
		'A': {'B', 600}, 'F': {'B', 19200}, 'G': {'B', 0}, ' ': {'A', 0}, 'x': {'A', 0},
	} {
		i := iec62056.Identification{Baud: baud}
		rate, ok := i.BaudRate()
		if i.Mode() != want.mode || rate != want.rate || ok != (want.rate > 0) {
			t.Errorf("%c: mode %c, %d, %v", baud, i.Mode(), rate, ok)
		}
	}
	if (iec62056.Identification{Maker: [3]byte{'I', 'S', 'K'}}).FastAnswer() || !(iec62056.Identification{Maker: [3]byte{'I', 'S', 'k'}}).FastAnswer() {
		t.Error("the third letter tells how fast a meter answers")
	}
	if !iec62056.Password.Secret() || iec62056.Read.Secret() {
		t.Error("passwords are secret, reads are not")
	}
}
