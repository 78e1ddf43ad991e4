package iec62056_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// Messages from outside this repository, and some built from the standard's rules
// (their block checks computed by hand).
const (
	writeClock = "\x01W2\x02C003(910324092239)\x03\x1b" // pwitab/iec62056-21, tests/test_bcc.py
	readEnergy = "\x01R1\x021.8.0()\x03Z"
	breakOff   = "\x01B0\x03q"
	password   = "\x01P1\x02(00000000)\x03a"
	// Kamstrup MULTICAL 66, jonkerj/go-iec62056: the block check is a sum.
	multical = "/KAM MC\r\n\x020.0(00005077354)\r\n6.8(00433.65*GJ)\r\n6.26(03052.95*m3)\r\n6.31(0109868*h)!\r\n\x03a"
	// EMH eHZ, Apollon77/smartmeter-obis.
	ehz = "/EMH5----eHZ-E0018E\r\n\r\n1-0:0.0.0*255(331200-5009810)\r\n1-0:1.8.1*255(032942.0234)\r\n" +
		"1-0:96.5.5*255(80)\r\n0-0:96.1.255*255(0000680476)\r\n!\r\n"
	// Landis+Gyr ZCF100, jonkerj/go-iec62056.
	landis = "/XMX5LGBBFG1012530239\r\n\r\n1-3:0.2.8(42)\r\n0-0:1.0.0(161116201035W)\r\n" +
		"0-0:96.1.1(4530303331303033323737383938383136)\r\n1-0:1.8.1(000075.067*kWh)\r\n1-0:1.8.2(000084.813*kWh)\r\n" +
		"1-0:2.8.1(000000.000*kWh)\r\n1-0:2.8.2(000000.000*kWh)\r\n0-0:96.14.0(0002)\r\n1-0:1.7.0(02.778*kW)\r\n" +
		"1-0:2.7.0(00.000*kW)\r\n0-0:96.7.21(00002)\r\n0-0:96.7.9(00000)\r\n1-0:99.97.0(0)(0-0:96.7.19)\r\n" +
		"1-0:32.32.0(00000)\r\n1-0:32.36.0(00000)\r\n0-0:96.13.1()\r\n0-0:96.13.0()\r\n1-0:31.7.0(012*A)\r\n" +
		"1-0:21.7.0(02.778*kW)\r\n1-0:22.7.0(00.000*kW)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(4730303435303031363038313037323136)\r\n" +
		"0-1:24.2.1(161116200000W)(00066.405*m3)\r\n!CC1E\r\n"
)

// sealed are messages that a block check or a CRC proves.
func sealed() map[string]string {
	return map[string]string{
		"write": writeClock, "read": readEnergy, "break": breakOff, "password": password, "sum": multical, "CRC": landis,
		"answer": block("1.8.0(000285.4*kWh)", 0x03), "partly": block("P.01(0050101000000)(08)(15)\r\n(0.1)(0.2)", 0x04),
		"readout": block("F.F(00)\r\n0.0.0(12345)(a)\r\n!\r\n", 0x03),
	}
}

// block is text between STX and an end, with its block check.
func block(text string, end byte) string {
	var sum byte
	for _, x := range []byte(text + string(end)) {
		sum ^= x
	}
	return "\x02" + text + string([]byte{end, sum})
}

// fataler is what testing and rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func decode(t fataler, text string) iec62056.Message {
	t.Helper()
	m, err := iec62056.Decode([]byte(text), nil)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return m
}

// said is a message in a line: what a test compares.
func said(m iec62056.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s%s%s %s %v %v ", m.Kind, m.Device, m.Ident.Maker, m.Ident.Escape, m.Ident.Name, m.Code, m.Option, m.More)
	b.WriteString(values(m))
	return strings.ReplaceAll(b.String(), "\x00", "")
}

// values are the fields of a message in a line.
func values(m iec62056.Message) string {
	var b strings.Builder
	for _, f := range m.Fields {
		if f.Nth == 0 {
			fmt.Fprintf(&b, " %s", f.Address)
		}
		fmt.Fprintf(&b, "(%s)", f.Text)
	}
	return b.String()
}

const (
	addressing = "0123456789.:-*&CFLP"
	valuing    = "0123456789.+-*/&;, abcXYZ~"
)

func genText(t *rapid.T, of string, least, most int, name string) []byte {
	return rapid.SliceOfN(rapid.SampledFrom([]byte(of)), least, most).Draw(t, name)
}

func genFields(t *rapid.T, least int) (fields []iec62056.Field) {
	for range rapid.IntRange(least, 6).Draw(t, "sets") {
		address := genText(t, addressing, 0, 16, "address")
		for nth := range rapid.IntRange(1, 4).Draw(t, "values") {
			fields = append(fields, iec62056.Field{Address: address, Text: genText(t, valuing, 0, 40, "text"), Nth: nth})
		}
	}
	return fields
}

func genIdentification(t *rapid.T) iec62056.Identification {
	i := iec62056.Identification{Baud: rapid.SampledFrom([]byte(" 0123456789ABCDEFGHI")).Draw(t, "baud")}
	copy(i.Maker[:], genText(t, "abcKMXYZ", 3, 3, "maker"))
	for range rapid.IntRange(0, 2).Draw(t, "escapes") {
		i.Escape = append(i.Escape, '\\', rapid.SampledFrom([]byte("2@T")).Draw(t, "escape"))
	}
	i.Name = genText(t, valuing, 0, 20, "name")
	return i
}

// genMessage draws any message that the standard allows.
func genMessage(t *rapid.T) iec62056.Message {
	m := iec62056.Message{Kind: iec62056.Kind(rapid.IntRange(0, 7).Draw(t, "kind"))}
	switch m.Kind {
	case iec62056.SignOn:
		m.Device = genText(t, "0123456789ABC", 0, 32, "device")
	case iec62056.Identified:
		m.Ident = genIdentification(t)
	case iec62056.OptionSelect:
		digit := rapid.ByteRange('0', '9')
		m.Option = iec62056.Option{Protocol: digit.Draw(t, "v"), Baud: rapid.SampledFrom([]byte("059A")).Draw(t, "z"), Mode: digit.Draw(t, "y")}
	case iec62056.Readout:
		m.Seal = rapid.SampledFrom([]iec62056.Seal{iec62056.Unsealed, iec62056.BCC, iec62056.CRC}).Draw(t, "seal")
		if m.Fields = genFields(t, 0); m.Seal == iec62056.CRC || rapid.Bool().Draw(t, "identified") {
			m.Ident = genIdentification(t)
		}
		m.More = m.Seal == iec62056.BCC && rapid.Bool().Draw(t, "more")
	case iec62056.Answer:
		m.Seal, m.Fields, m.More = iec62056.BCC, genFields(t, 1), rapid.Bool().Draw(t, "more")
	case iec62056.Command:
		m.Seal, m.Code = iec62056.BCC, rapid.SampledFrom([]iec62056.Code{iec62056.Read, iec62056.Break, iec62056.PasswordSeed, 'W'<<8 | '9'}).Draw(t, "code")
		m.Fields = genFields(t, 0)
	}
	return m
}

func TestPublishedMessages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		kind iec62056.Kind
		seal iec62056.Seal
		said string
	}{
		"/?!\r\n":         {iec62056.SignOn, iec62056.Unsealed, ""},
		"/?12345!\r\n":    {iec62056.SignOn, iec62056.Unsealed, ""},
		"/ISk5\\2M\r\n":   {iec62056.Identified, iec62056.Unsealed, ""},
		"\x06050\r\n":     {iec62056.OptionSelect, iec62056.Unsealed, ""},
		"\x06":            {iec62056.Accepted, iec62056.Unsealed, ""},
		"\x15":            {iec62056.Repeat, iec62056.Unsealed, ""},
		writeClock:        {iec62056.Command, iec62056.BCC, " C003(910324092239)"},
		readEnergy:        {iec62056.Command, iec62056.BCC, " 1.8.0()"},
		breakOff:          {iec62056.Command, iec62056.BCC, ""},
		multical:          {iec62056.Readout, iec62056.Sum, " 0.0(00005077354) 6.8(00433.65*GJ) 6.26(03052.95*m3) 6.31(0109868*h)"},
		ehz:               {iec62056.Readout, iec62056.Unsealed, " 1-0:0.0.0*255(331200-5009810) 1-0:1.8.1*255(032942.0234) 1-0:96.5.5*255(80) 0-0:96.1.255*255(0000680476)"},
		"1.1.1.1(12)!":    {iec62056.Readout, iec62056.Unsealed, " 1.1.1.1(12)"},
		"\x021(2)\r\n!\n": {iec62056.Readout, iec62056.Unsealed, " 1(2)"},
	} {
		if m := decode(t, text); m.Kind != want.kind || m.Seal != want.seal || values(m) != want.said {
			t.Errorf("%q: kind %d, seal %d, %q", text, m.Kind, m.Seal, values(m))
		}
	}
	m := decode(t, landis)
	if m.Seal != iec62056.CRC || len(m.Fields) != 25 || string(m.Ident.Name) != "LGBBFG1012530239" || m.Check != 0xCC1E {
		t.Errorf("P1: seal %d, %d fields, %q", m.Seal, len(m.Fields), m.Ident.Name)
	}
	if m := decode(t, strings.Replace(landis, "75.067", "75.068", 1)); m.Seal != iec62056.BrokenCRC {
		t.Errorf("a changed telegram has seal %d", m.Seal)
	}
	lost := strings.ReplaceAll(landis, "\r", "")
	if m := decode(t, lost); m.Seal != iec62056.CRC || m.Check != 0xCC1E {
		t.Errorf("a telegram that lost its CRs has seal %d", m.Seal)
	}
	if m := decode(t, strings.Replace(lost, "75.067", "75.068", 1)); m.Seal != iec62056.BrokenCRC {
		t.Errorf("one that was changed as well has seal %d", m.Seal)
	}
	if got := bytes.Count([]byte(values(m)), []byte(" ")); got != 23 {
		t.Errorf("%d sets", got)
	}
}
