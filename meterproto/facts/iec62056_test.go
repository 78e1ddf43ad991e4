package facts_test

import (
	"encoding/hex"
	"math/bits"
	"strings"
	"testing"
)

// iec is the answer to a line of text protocol.
func iec(t *testing.T, line string) (ok bool, frames []map[string]any, text string) {
	t.Helper()
	answer := answered(t, "iec62056-21", hex.EncodeToString([]byte(line)))
	for _, f := range answer["frames"].([]any) {
		frames = append(frames, f.(map[string]any))
	}
	said, _ := answer["error"].(string)
	return answer["ok"] == true, frames, said
}

const push = "/EMH5eHZ\r\n\r\n1-0:1.8.0*255(000001.2*kWh)\r\n!\r\n"

// kaifa is a P1 telegram whose CRC is written in small letters, and runs into
// what follows (packet accumulator test of arduino_dsmr_2, GitHub file id 6772661109).
const kaifa = "/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(40)\r\n0-0:1.0.0(150117185916W)\r\n" +
	"0-0:96.1.1(0000000000000000000000000000000000)\r\n1-0:1.8.1(000671.578*kWh)\r\n!60e5"

func TestPasswordIsOnNoPage(t *testing.T) {
	t.Parallel()
	ok, frames, _ := iec(t, "\x01P1\x02(00000000)\x03a")
	if !ok || frames[0]["command"] != "P1" || frames[0]["meaning"] != "password" || frames[0]["data"] != nil {
		t.Errorf("%v", frames)
	}
}

func TestLinesOfTextProtocol(t *testing.T) {
	t.Parallel()
	parity := []byte(push)
	for i, x := range parity {
		if bits.OnesCount8(x)%2 != 0 {
			parity[i] |= 0x80
		}
	}
	for name, c := range map[string]struct {
		line   string
		frames int
	}{
		"push":                       {push, 1},
		"behind the tail of another": {push[15:] + push, 1},
		"two, and half a third":      {push + push + push[:20], 2},
		"noise around it":            {"\x00\xff~" + push + "\x00\x00", 1},
		"with its parity bits":       {string(parity), 1},
		"without its last break":     {strings.TrimRight(push, "\r\n"), 1},
		"sign-on and answer":         {"/?!\r\n/EMH5eHZ\r\n", 2},
		"a whole session":            {"/?!\r\n/EMH5eHZ\r\n\x06050\r\n\x021.8.0(1*kWh)\r\n!\r\n", 4},
		"cut in a value":             {push[:30], 0},
		"cut behind the head":        {push[:12], 0},
		"a CRC in small letters":     {kaifa, 1},
		"no break behind a CRC":      {"garbage before" + kaifa + "garbage after" + kaifa + "garbage after", 2},
		"a wrong check like an ACK":  {"\x021.8.0(1*kWh)\r\n!\r\n\x03\x06", 0},
		"that behind a good one":     {push + "\x021.8.0(1*kWh)\r\n!\r\n\x03\x06", 1},
		"an ACK":                     {"\x06", 1},
		"a command and its ACK":      {"\x01B0\x03q\x06", 2},
		"data alone":                 {"1.8.0(1*kWh)\r\n!\r\n", 1},
		"data behind noise":          {"\x00\x001.8.0(1*kWh)\r\n!\r\n", 0},
	} {
		if ok, frames, said := iec(t, c.line); len(frames) != c.frames || ok != (c.frames > 0) || ok != (said == "") {
			t.Errorf("%s: %d frames, want %d: %v %q", name, len(frames), c.frames, frames, said)
		}
	}
}

// A blank line stands between head and data (volkszaehler/vzlogger:
// tests/MeterD0.cpp, Landis+Gyr E350): they are one message all the same.
func TestBlankLineBeforeTheBlock(t *testing.T) {
	t.Parallel()
	_, frames, _ := iec(t, "/LGZ4ZMF100AC.M27\n\n\x02F.F(00)\n\n0.0(          18438636)\n\n!")
	if len(frames) != 1 || frames[0]["manufacturer"] != "LGZ" || len(frames[0]["data_sets"].([]any)) != 2 {
		t.Errorf("%v", frames)
	}
}

func TestRefusalNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"xx\x01R1\x021.8.0()\x03Y": "block check 59",
		"\x00~~":                   "byte 0",
		push[:30]:                  "cut short",
	} {
		if ok, _, said := iec(t, line); ok || !strings.Contains(said, want) {
			t.Errorf("%q: %q, want %q", line, said, want)
		}
	}
}
