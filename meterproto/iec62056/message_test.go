package iec62056_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

func TestMessageSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := genMessage(t)
		b, err := m.AppendTo([]byte{0xEE})
		if err != nil || b[0] != 0xEE {
			t.Fatalf("%+v: %q, %v", m, b, err)
		}
		back, err := iec62056.Decode(b[1:], nil)
		if err != nil || back.Seal != m.Seal || said(back) != said(m) {
			t.Fatalf("%q: %s came back as %s, %v", b[1:], said(m), said(back), err)
		}
		again, err := back.AppendTo(nil)
		if err != nil || !bytes.Equal(again, b[1:]) {
			t.Fatalf("%q came back as %q, %v", b[1:], again, err)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 33)
	for name, c := range map[string]struct {
		text   string
		offset int // -1: more bytes would help
	}{
		"nothing":                    {"", -1},
		"half a sign-on":             {"/?12", -1},
		"sign-on without a break":    {"/?12!x", 5},
		"device too long":            {"/?" + long + "!\r\n", 35},
		"half an identification":     {"/ISK5MT1", -1},
		"maker with a digit":         {"/IS15MT1\r\n", 3},
		"identification too short":   {"/ISK\r\n", 4},
		"identification too long":    {"/ISK5" + strings.Repeat("x", 65) + "\r\n", 70},
		"identification with bytes":  {"/ISK5a\x01b\r\n", 8},
		"option without digits":      {"\x06x50\r\n", 1},
		"half an option":             {"\x0605", -1},
		"no such command":            {"\x01X1\x03a", 1},
		"command without data":       {"\x01R1\x02\x03a", 4},
		"command that is cut":        {"\x01R1\x021.8.0(", -1},
		"data set without brackets":  {"\x021.8.0\r\n!\r\n\x03a", 6},
		"bracket in a value":         {"\x021.8.0(1(2)\x03a", 8},
		"byte in a value":            {"\x021.8.0(1\x80)\x03a", 8},
		"address too long":           {"\x02" + long + "(1)\x03a", 34},
		"value too long":             {"\x021(" + strings.Repeat("1", 2081) + ")\x03a", 2084},
		"value that is cut":          {"\x021.8.0(12", -1},
		"cut behind a value":         {"/ISK5MT1\r\n\r\n1.8.0(12)\r\n", -1},
		"no block check":             {"\x021.8.0(12)\x03", -1},
		"answer without data":        {"\x02\x03\x03", 1},
		"something behind it":        {breakOff + "x", 5},
		"CRC of three digits":        {"/ISK5MT1\r\n\r\n1(1)\r\n!12\r\n", 19},
		"CRC with another letter":    {"/ISK5MT1\r\n\r\n1(1)\r\n!abcg\r\n", 19},
		"wrong CRC, no break":        {"/ISK5MT1\r\n\r\n1(1)\r\n!abcdx", 23},
		"long value without a proof": {"1.1.1.1(" + long + ")\r\n!\r\n", 0},
		"CRC without a head":         {"1.1.1.1(1)\r\n!1234\r\n", 0},
		"only a set":                 {"1.1.1.1(", -1},
		"end instead of data":        {"!\r\n", 0},
		"two telegrams in one":       {"/ISK5MT1\r\n\r\n1.8.0(1\r\n/ISK5MT1\r\n\r\n1(1)\r\n!\r\n", 19},
	} {
		m, err := iec62056.Decode([]byte(c.text), nil)
		form, malformed := errors.AsType[*iec62056.FormError](err)
		switch {
		case err == nil:
			t.Errorf("%s: became %s", name, said(m))
		case c.offset < 0 && !errors.Is(err, iec62056.ErrIncomplete):
			t.Errorf("%s: %v", name, err)
		case c.offset >= 0 && (!malformed || form.Offset != c.offset || !errors.Is(err, iec62056.ErrMalformed)):
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := iec62056.Decode([]byte(readEnergy[:len(readEnergy)-1]+"Y"), nil)
	if e, ok := errors.AsType[*iec62056.CheckError](err); !ok || e.Got != 'Y' || e.Want != 'Z' || e.Offset != 12 {
		t.Errorf("got %v", err)
	}
}

// A sum in the place of the block check is Kamstrup's alone.
func TestSumIsNobodyElses(t *testing.T) {
	t.Parallel()
	other := "/KAN" + multical[4:]
	if _, err := iec62056.Decode([]byte(other), nil); err == nil {
		t.Error("another maker's sum was taken")
	}
	if _, err := iec62056.Decode([]byte(multical[strings.IndexByte(multical, 2):]), nil); err == nil {
		t.Error("a sum of nobody was taken")
	}
	m := decode(t, multical)
	if b, err := m.AppendTo(nil); err != nil || decode(t, string(b)).Seal != iec62056.Sum {
		t.Errorf("%q, %v", b, err)
	}
}

func TestNothingForbiddenIsWritten(t *testing.T) {
	t.Parallel()
	good := iec62056.Identification{Maker: [3]byte{'I', 'S', 'K'}, Baud: '5'}
	with := func(change func(*iec62056.Identification)) iec62056.Message {
		i := good
		change(&i)
		return iec62056.Message{Kind: iec62056.Identified, Ident: i}
	}
	one := []iec62056.Field{{Text: []byte("1")}}
	for name, m := range map[string]iec62056.Message{
		"device with a mark":     {Device: []byte("1!")},
		"device too long":        {Device: make([]byte, 33)},
		"no identification":      {Kind: iec62056.Identified},
		"maker":                  with(func(i *iec62056.Identification) { i.Maker[1] = '1' }),
		"baud":                   with(func(i *iec62056.Identification) { i.Baud = '?' }),
		"half an escape":         with(func(i *iec62056.Identification) { i.Escape = []byte(`\`) }),
		"escape without a mark":  with(func(i *iec62056.Identification) { i.Escape = []byte("22") }),
		"name that is an escape": with(func(i *iec62056.Identification) { i.Name = []byte(`\2`) }),
		"name with a break":      with(func(i *iec62056.Identification) { i.Name = []byte("a\nb") }),
		"option":                 {Kind: iec62056.OptionSelect},
		"broken CRC":             {Kind: iec62056.Readout, Ident: good, Seal: iec62056.BrokenCRC},
		"CRC without a head":     {Kind: iec62056.Readout, Seal: iec62056.CRC},
		"sum of another":         {Kind: iec62056.Readout, Ident: good, Seal: iec62056.Sum},
		"partly without a check": {Kind: iec62056.Readout, Ident: good, More: true},
		"answer without a check": {Kind: iec62056.Answer, Fields: one},
		"answer without data":    {Kind: iec62056.Answer, Seal: iec62056.BCC},
		"command":                {Kind: iec62056.Command, Code: 'X'<<8 | '1'},
		"bracket in a value":     {Kind: iec62056.Readout, Fields: []iec62056.Field{{Text: []byte(")")}}},
		"slash in an address":    {Kind: iec62056.Readout, Fields: []iec62056.Field{{Address: []byte("1/2")}}},
		"second without a first": {Kind: iec62056.Readout, Fields: []iec62056.Field{{Nth: 1}}},
		"no such kind":           {Kind: 99},
	} {
		if b, err := m.AppendTo([]byte{7}); !errors.Is(err, iec62056.ErrMalformed) || len(b) != 1 {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
}

func TestMessageIsFoundInNoise(t *testing.T) {
	t.Parallel()
	noise := rapid.SliceOfN(rapid.SampledFrom([]byte("\x00\xFF\x7F(0.1*kWh)!\r\n")), 0, 30)
	rapid.Check(t, func(t *rapid.T) {
		m := genMessage(t)
		head := noise.Draw(t, "before")
		stream, err := m.AppendTo(bytes.Clone(head))
		if err != nil {
			t.Fatal(err)
		}
		// What only the end of a capture makes whole is not found before it.
		alone := m.Kind == iec62056.Identified || m.Kind >= iec62056.Accepted
		if m.Kind == iec62056.Readout && m.Seal == iec62056.Unsealed && m.Ident.Baud == 0 {
			alone = true
		}
		got, skipped, rest, err := iec62056.Next(stream, nil)
		if alone {
			if !errors.Is(err, iec62056.ErrIncomplete) {
				t.Fatalf("%q: found %s, %v", stream, said(got), err)
			}
			return
		}
		if err != nil || skipped != len(head) || said(got) != said(m) || len(rest) != 0 {
			t.Fatalf("%q: got %s, %d skipped, %q left, %v; want %s", stream, said(got), skipped, rest, err, said(m))
		}
	})
}

func TestNextTellsMessagesApart(t *testing.T) {
	t.Parallel()
	session := "\x00\x00/?!\r\n" + "/ISK5\\2MT1\r\n" + "\x06051\r\n" + password + "\x06" + readEnergy +
		block("1.8.0(000285.4*kWh)", 3) + breakOff + multical + ehz + landis
	var kinds []iec62056.Kind
	rest, skipped := []byte(session), 0
	for {
		m, before, behind, err := iec62056.Next(rest, nil)
		if err != nil {
			break
		}
		kinds, rest, skipped = append(kinds, m.Kind), behind, skipped+before
	}
	want := []iec62056.Kind{
		iec62056.SignOn, iec62056.Identified, iec62056.OptionSelect, iec62056.Command, iec62056.Command,
		iec62056.Answer, iec62056.Command, iec62056.Readout, iec62056.Readout, iec62056.Readout,
	}
	if !slices.Equal(kinds, want) || skipped != 3 || len(rest) != 0 {
		t.Errorf("got %v, %d skipped, %q left", kinds, skipped, rest)
	}
}

// A telegram whose data is broken is not found by its identification alone, and
// the next one is.
func TestBrokenTelegramIsSkippedWhole(t *testing.T) {
	t.Parallel()
	broken := strings.Replace(multical, "433", "434", 1)
	m, skipped, _, err := iec62056.Next([]byte(broken+multical), nil)
	if err != nil || skipped != len(broken) || m.Seal != iec62056.Sum {
		t.Errorf("%s, %d, %v", said(m), skipped, err)
	}
	cutOff := ehz[:60]
	if m, skipped, _, err = iec62056.Next([]byte(cutOff+ehz), nil); err != nil || skipped != len(cutOff) {
		t.Errorf("%s, %d, %v", said(m), skipped, err)
	}
}

// Bytes flipped, lost or added in every sealed example: whatever is still taken
// without a broken seal says the same.
func TestDamageNeverBecomesAnotherValue(t *testing.T) {
	t.Parallel()
	examples := sealed()
	for i, line := range frames.Of(t, "iec62056-21") {
		b := line.Bytes(t)
		if m, err := iec62056.Decode(b, nil); err == nil && m.Seal != iec62056.Unsealed && m.Seal != iec62056.BrokenCRC {
			examples[fmt.Sprint("line ", i+1)] = string(b)
		}
	}
	for name, text := range examples {
		want := values(decode(t, text))
		check := func(b []byte) {
			if m, err := iec62056.Decode(b, nil); err == nil && m.Seal != iec62056.BrokenCRC && values(m) != want {
				t.Errorf("%s: %q became %s", name, b, values(m))
			}
		}
		good := []byte(text)
		for i := 0; i < len(good); i += 1 + len(good)/200 { // of long telegrams, every fifth byte or so
			for bit := range 8 {
				flipped := bytes.Clone(good)
				flipped[i] ^= 1 << bit
				check(flipped)
			}
			for _, x := range []byte("0\x00(\r*!/\x02\x03Z") {
				check(slices.Insert(bytes.Clone(good), i, x))
				flipped := bytes.Clone(good)
				flipped[i] = x
				check(flipped)
			}
			check(slices.Delete(bytes.Clone(good), i, i+1))
		}
	}
}

func TestParityIsCutOffOnlyWhereProved(t *testing.T) {
	t.Parallel()
	odd := func(x byte) bool { return (x^x>>1^x>>2^x>>3^x>>4^x>>5^x>>6^x>>7)&1 != 0 }
	text := []byte(landis)
	line := bytes.Clone(text)
	for i, x := range line {
		if odd(x) {
			line[i] |= 0x80
		}
	}
	if got, ok := iec62056.StripParity(line); !ok || !bytes.Equal(got, text) {
		t.Errorf("%v, %q", ok, got)
	}
	if got, ok := iec62056.StripParity(text); ok || !bytes.Equal(got, text) {
		t.Errorf("text without parity: %v, %q", ok, got)
	}
	line[5] ^= 1
	if got, ok := iec62056.StripParity(line); ok || !bytes.Equal(got, line) {
		t.Errorf("one odd byte: %v", ok)
	}
	if _, ok := iec62056.StripParity([]byte("\x03\x05\x06")); ok {
		t.Error("even text of 7 bits was cut")
	}
}

// However the bytes arrive, a telegram comes out once it is whole.
func TestMessageIsFoundByteByByte(t *testing.T) {
	t.Parallel()
	flow := "/EMH5eHZ\r\n\r\n6-0:9.0.0(1.5*m3/h)\r\n1.8.0(1*kWh)\r\n!\r\n"
	for _, text := range []string{flow, landis, multical, ehz, readEnergy} {
		var rest []byte
		var found []iec62056.Message
		for _, b := range []byte("\x00/\x02" + text) {
			m, _, behind, err := iec62056.Next(append(rest, b), nil)
			if rest = bytes.Clone(behind); err == nil {
				found = append(found, m)
			}
		}
		if len(found) != 1 || said(found[0]) != said(decode(t, text)) || len(rest) != 0 {
			t.Errorf("%q: %d messages, %q left", text, len(found), rest)
		}
	}
}
