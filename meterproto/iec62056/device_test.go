package iec62056_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// telegram is a message without a seal that has these lines.
func telegram(t testing.TB, lines ...string) iec62056.Message {
	t.Helper()
	m, err := iec62056.Decode([]byte("/ISk5\\2MT382-1000\r\n\r\n"+strings.Join(lines, "\r\n")+"\r\n!\r\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadoutNamesItsDevices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		want  string // channel and number
	}{
		{[]string{"0-0:96.1.1(4530303331)", "0-1:96.1.0(47303032)", "1-0:1.8.1(1*kWh)"}, "0 E0031, 1 G002"},
		{[]string{"0-0:42.0.0(4B464D)", "0-2:96.1.0(4730*m)"}, "0 KFM, 2 G0"},
		{[]string{"0.0.0(78010001234567)", "F.F(00)"}, "0 78010001234567"},    // digits, not an octet string
		{[]string{"0-0:96.1.1(78010001234567)"}, "0 78010001234567"},          // its octets are no characters
		{[]string{"0-0:96.1.255*255(1ESY1127000167)"}, "0 1ESY1127000167"},    // no hexadecimal digits
		{[]string{"0-0:96.1.1()", "1-0:0.0.0*255(111940207)"}, "0 111940207"}, // a number that was never set
		{[]string{"9.21(00000000)", "9.20(64030874)"}, "0 64030874"},          // the property's is none of a device
		{[]string{"1-0:1.8.0(1*kWh)"}, `0 ISk5\2MT382-1000`},                  // none: the identification
	} {
		var got []string
		for _, d := range telegram(t, c.lines...).Devices() {
			got = append(got, string('0'+rune(d.Channel))+" "+d.Number)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%v: %s, want %s", c.lines, s, c.want)
		}
	}
}

func TestDeviceIsCalledAsItWasSentToo(t *testing.T) {
	t.Parallel()
	d := telegram(t, "0-0:96.1.1(4530303331)").Devices()[0]
	for number, want := range map[string]bool{"E0031": true, "4530303331": true, "": false, "E003": false, "e0031": false} {
		if d.Is(number) != want {
			t.Errorf("%q: %v", number, !want)
		}
	}
}

func TestTelegramPromisesItsCRC(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{"1-3:0.2.8(50)": true, "1-3:0.2.8(42)": true, "1-3:0.2.8(22)": false, "0.2.8(50)": false, "1-3:0.2.8(5)": false} {
		if got := telegram(t, line).PromisesCRC(); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}

func TestTotalIsTheSumOfAllTariffs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  string // "" for none
	}{
		"two":            {[]string{"1-0:1.8.1(000123.456*kWh)", "1-0:2.8.1(9*kWh)", "1-0:1.8.2(000654.321*kWh)"}, "777777"},
		"four":           {[]string{"1-0:1.8.1(1*kWh)", "1-0:1.8.2(2*kWh)", "1-0:1.8.3(3*kWh)", "1-0:1.8.4(4*kWh)"}, "10000"},
		"its own":        {[]string{"1-0:1.8.0(3*kWh)", "1-0:1.8.1(1*kWh)", "1-0:1.8.2(2*kWh)"}, ""},
		"its own behind": {[]string{"1-0:1.8.1(1*kWh)", "1-0:1.8.2(2*kWh)", "1-0:1.8.0(3*kWh)"}, ""},
		"one":            {[]string{"1-0:1.8.1(1*kWh)"}, ""},
		"one is missing": {[]string{"1-0:1.8.1(1*kWh)", "1-0:1.8.3(2*kWh)"}, ""},
		"no value":       {[]string{"1-0:1.8.1(1*kWh)", "1-0:1.8.2(*kWh)"}, ""},
		"no number":      {[]string{"1-0:1.8.1(1*kWh)", "1-0:1.8.2(A2*kWh)"}, ""},
		"other digits":   {[]string{"1-0:1.8.1(1*kWh)", "1-0:1.8.2(2.5*kWh)"}, ""},
		"stored":         {[]string{"1-0:1.8.1*01(1*kWh)", "1-0:1.8.2*01(2*kWh)"}, ""},
		"no unit":        {[]string{"1-0:1.8.1(1)", "1-0:1.8.2(2)"}, ""},
	} {
		got, ok := telegram(t, c.lines...).Total()
		if ok != (c.want != "") || ok && (got.Value.String() != c.want || got.Unit != meterproto.WattHour || got.Tariff != 0) {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

// shown is a telegram of mode D.
var shown = []string{"0.0.0(78010001234567)", "7-0:3.0.0(001046.969*m3)", "1-0:1.8.0(000123.456*kWh)", "1-0:16.7.0(-0012.5*W)", "F.F(00)"}

func TestTelegramConfirmsTheOneBefore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line int
		says string
		want bool
	}{
		"the same":         {0, "0.0.0(78010001234567)", true},
		"it flows":         {1, "7-0:3.0.0(001048.969*m3)", true},
		"a flood":          {1, "7-0:3.0.0(001048.970*m3)", false},
		"backwards":        {1, "7-0:3.0.0(001046.968*m3)", false},
		"another point":    {1, "7-0:3.0.0(010469.69*m3)", false},
		"another unit":     {1, "7-0:3.0.0(001046.969*m3/h)", false},
		"no number":        {1, "7-0:3.0.0(00104A.969*m3)", false},
		"energy":           {2, "1-0:1.8.0(000125.456*kWh)", true},
		"much energy":      {2, "1-0:1.8.0(000125.457*kWh)", false},
		"power is free":    {3, "1-0:16.7.0(0912.5*W)", true},
		"another meter":    {0, "0.0.0(78010001234568)", false},
		"another set":      {4, "F.E(00)", false},
		"one more bracket": {4, "F.F(00)(00)", false},
	} {
		lines := slices.Clone(shown)
		lines[c.line] = c.says
		if got := telegram(t, lines...).Confirms(telegram(t, shown...)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	other, err := iec62056.Decode([]byte("/ISk5\\2MT383-1000\r\n\r\n"+strings.Join(shown, "\r\n")+"\r\n!\r\n"), nil)
	if err != nil || other.Confirms(telegram(t, shown...)) {
		t.Errorf("another identification, %v", err)
	}
	if telegram(t, shown...).Confirms(telegram(t, shown[1:]...)) {
		t.Error("a set less")
	}
}

// Of two telegrams of which one lost, gained or changed a byte, none makes the other believed with a counter that is more than the
// bound away from what it was.
func TestSpoiledTelegramIsNotConfirmed(t *testing.T) {
	t.Parallel()
	text := "/VGS5X\r\n\r\n" + strings.Join(shown, "\r\n") + "\r\n!\r\n"
	whole, err := iec62056.Decode([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(text)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			b[at] ^= 1 << rapid.IntRange(0, 6).Draw(t, "bit")
		case 1:
			b = slices.Delete(b, at, at+1)
		default:
			b = slices.Insert(b, at, rapid.SampledFrom([]byte("0123456789.()*-:AF\r\n")).Draw(t, "byte"))
		}
		m, _, _, err := iec62056.Next(b, nil)
		if err != nil || !m.Confirms(whole) {
			return
		}
		registers, err := iec62056.AppendRegisters(nil, m)
		if err != nil || string(registers[0].Raw) != "78010001234567" {
			t.Fatalf("%q: %+v, %v", b, registers, err)
		}
		if n, _, ok := registers[1].Value.In(-3); !ok || n < 1_046_969 || n > 1_048_969 {
			t.Fatalf("%q: %d litres", b, n)
		}
	})
}
