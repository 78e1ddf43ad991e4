package apdu

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// script is a card that expects commands in order and gives the answers beside them.
type script struct {
	t     *testing.T
	lines []string // "COMMAND>ANSWER" in hex; answer "!" is a transport error
	sent  int
}

func (s *script) Transmit(cmd []byte) ([]byte, error) {
	s.t.Helper()
	if s.sent == len(s.lines) {
		s.t.Fatalf("unexpected command %X", cmd)
	}
	want, answer, _ := strings.Cut(s.lines[s.sent], ">")
	s.sent++
	if got := strings.ToUpper(hex.EncodeToString(cmd)); got != want {
		s.t.Fatalf("command %d: %s, want %s", s.sent, got, want)
	}
	if answer == "!" {
		return nil, errors.New("pulled")
	}
	b, err := hex.DecodeString(answer)
	if err != nil {
		s.t.Fatal(err)
	}
	return b, nil
}

func TestCommandCases(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Command{
		"800E000000":     {CLA: 0x80, INS: 0x0E},
		"0084000004":     {INS: 0x84, Le: 4},
		"00B0810000":     {INS: 0xB0, P1: 0x81, Le: 256},
		"00A40000023F00": {INS: 0xA4, Data: []byte{0x3F, 0}},
		"8850000001AA10": {CLA: 0x88, INS: 0x50, Data: []byte{0xAA}, Le: 16},
	} {
		got, err := c.Bytes()
		if err != nil || strings.ToUpper(hex.EncodeToString(got)) != want {
			t.Errorf("got %X, %v, want %s", got, err, want)
		}
	}
	for _, c := range []Command{{Data: make([]byte, 256)}, {Le: 257}, {Le: -1}} {
		if _, err := c.Bytes(); !errors.Is(err, ErrCommand) {
			t.Errorf("%d data, le %d: %v", len(c.Data), c.Le, err)
		}
	}
}

// TestOneWay: what goes to a T=0 card has data or an Le.
func TestOneWay(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"8850000001AA10": "8850000001AA", "8850000001AA00": "8850000001AA", // case 4
		"8850000001AA": "8850000001AA", "0084000004": "0084000004", "800E000000": "800E000000", "00B0810000": "00B0810000",
		"00A4": "00A4", "00A400000205": "00A400000205", // no command
	} {
		b, err := hex.DecodeString(from)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ToUpper(hex.EncodeToString(OneWay(b))); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	read := Command{INS: 0xB0, P1: 0x81, Le: 4}
	for name, test := range map[string]struct {
		lines []string
		cmd   Command
		data  string
		sw    Status
		dead  bool
	}{
		"data":                   {[]string{"00B0810004>010203049000"}, read, "01020304", 0, false},
		"more data is fetched":   {[]string{"00B0810004>6104", "00C0000004>010203049000"}, read, "01020304", 0, false},
		"in two parts":           {[]string{"00B0810004>6102", "00C0000002>01026102", "00C0000002>03049000"}, read, "01020304", 0, false},
		"right length is used":   {[]string{"00B0810004>6C02", "00B0810002>01029000"}, read, "0102", 0, false},
		"6C00 means 256":         {[]string{"00B0810004>6C00", "00B0810000>019000"}, read, "01", 0, false},
		"unwanted data is left":  {[]string{"00A40000023F00>611A"}, Command{INS: 0xA4, Data: []byte{0x3F, 0}}, "", 0, false},
		"refusal":                {[]string{"00B0810004>6A82"}, read, "", 0x6A82, false},
		"warning keeps its data": {[]string{"00B0810004>010203046281"}, read, "01020304", 0x6281, false},
		"transport error":        {[]string{"00B0810004>!"}, read, "", 0, true},
		"nothing and no error":   {[]string{"00B0810004>"}, read, "", 0, true},
		"one byte":               {[]string{"00B0810004>90"}, read, "", 0, true},
		"endless": {[]string{"00B0810004>6104", "00C0000004>6104", "00C0000004>6104", "00C0000004>6104"},
			read, "", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			card := &script{t: t, lines: test.lines}
			ch := NewChannel(card)
			data, err := ch.Send(test.cmd)
			want, _ := hex.DecodeString(test.data)
			if !bytes.Equal(data, want) {
				t.Errorf("data %X, want %X", data, want)
			}
			var refused *StatusError
			if errors.As(err, &refused) != (test.sw != 0) || refused != nil && refused.Status != test.sw {
				t.Errorf("error %v, want status %04X", err, uint16(test.sw))
			}
			if errors.Is(err, ErrDead) != test.dead || test.sw == 0 && !test.dead && err != nil {
				t.Errorf("error %v, want dead %v", err, test.dead)
			}
			if card.sent != len(test.lines) || ch.Traffic().Commands != card.sent {
				t.Errorf("%d commands sent, %d counted, want %d", card.sent, ch.Traffic().Commands, len(test.lines))
			}
		})
	}
}

func TestDeadForGood(t *testing.T) {
	t.Parallel()
	card := &script{t: t, lines: []string{"0084000004>!"}}
	ch := NewChannel(card)
	for range 3 { // the script fails the test if a second command reaches the card
		if _, err := ch.Send(Command{INS: 0x84, Le: 4}); !errors.Is(err, ErrDead) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestWrittenCountsWhatChangesACard(t *testing.T) {
	t.Parallel()
	for line, written := range map[string]int{
		"04D6813002AABB": 2, "00D6810001AA": 1, "FFD0002003112233": 3, "FFD1001001AA": 1, "FFD2000103FFFFFF": 3,
		"FFD6000401AA": 1, "FFD700040501000000AA": 5, "8052000001AA": 1, "8054010001AA": 1, "FF20005606010203040506": 6,
		"FF20809C0401020304": 4,
		"00820001021122":     0, "FF20000003FFFFFF": 0, "FF20080A021234": 0, "FF82000006FFFFFFFFFFFF": 0, "80500002020101": 0,
	} {
		card := &script{t: t, lines: []string{line + ">9000"}}
		ch := NewChannel(card)
		b, _ := hex.DecodeString(line)
		cmd := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3], Data: b[5:]}
		if _, err := ch.Send(cmd); err != nil {
			t.Fatal(err)
		}
		if got := ch.Traffic(); got != (Traffic{Commands: 1, Written: written}) {
			t.Errorf("%s: traffic %+v, want %d written", line, got, written)
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for sw, want := range map[Status]Policy{
		0x63C0: Stop, 0x63C3: Stop, 0x63CF: Stop, 0x6983: Stop, 0x6988: Stop, 0x6283: Stop,
		0x6982: Untouched, 0x6A82: Untouched, 0x6700: Untouched,
		0x6281: Torn, 0x6581: Unknown, 0x6F00: Unknown, 0x6300: Unknown, 0x1234: Unknown,
	} {
		if got := sw.Policy(); got != want {
			t.Errorf("%04X: policy %d, want %d", uint16(sw), got, want)
		}
	}
	if e := refusal(0x82, 0x63C2); e.Tries != 2 || !strings.Contains(e.Error(), "2 tries left") {
		t.Errorf("got %v", e)
	}
	if e := refusal(0x82, 0x6982); e.Tries != -1 || strings.Contains(e.Error(), "tries") {
		t.Errorf("got %v", e)
	}
}

// What Bytes writes Parse reads, but for a header and a zero, which are two commands.
func FuzzParse(f *testing.F) {
	for _, b := range []string{"800E000000", "0084000004", "00A40000023F00", "8850000001AA10", "00B08100", "00D681000301", "88500000010000"} {
		raw, _ := hex.DecodeString(b)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrCommand) {
				t.Error(err)
			}
			return
		}
		if again, err := c.Bytes(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%X became %X, %v", b, again, err)
		}
	})
}
