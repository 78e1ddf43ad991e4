package facts_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/meterproto/facts"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// Who listens to other people's lines is shown neither password nor key, be it in a fact or in the bytes.
func TestWatchMasksSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		protocol, line string
		masked         bool
	}{
		"DL/T 645 write":        {"dlt645", line(t, 0x14, "01100004"+"02A7B8C9"+"01020304"+"00100000"), true},
		"DL/T 645 relay":        {"dlt645", line(t, 0x1C, "02A7B8C9"+"01020304"+"1A00000000311225"), true},
		"DL/T 645-1997 C212":    {"dlt645", line(t, 0x81, "12C2"+"04A7B8C9"), true},
		"DL/T 645-1997, bare":   {"dlt645", line(t, 0x04, "10C0"+"06060719"), false},
		"DL/T 645 read":         {"dlt645", line(t, 0x91, "00000100"+"78563412"), false},
		"behind another":        {"dlt645", line(t, 0x11, "00000100") + line(t, 0x19, "02A7B8C9"+"01020304"), true},
		"CJ/T 188 key":          {"cjt188", said(t, 0x04, 0xA014, 2, 0xA7, 0xB8, 0xC9, 4, 5, 6, 7, 8), true},
		"CJ/T 188 read":         {"cjt188", said(t, 0x01, 0x901F), false},
		"M-Bus password":        {"mbus", mbusWire(t, 0x53, mbus.SendLow, "04FD16A7B8C9D1"), true},
		"M-Bus password, cut":   {"mbus", mbusWire(t, 0x53, mbus.SendLow, "04FD16A7B8C9"), true},
		"M-Bus record":          {"mbus", mbusWire(t, mbus.RspUd, mbus.VariableBare, "0C1445341200"), false},
		"IEC 62056-21 password": {"iec62056-21", "01503102284137423843392903" + "17", true},
	} {
		b, err := hex.DecodeString(c.line)
		if err != nil {
			t.Fatal(err)
		}
		text, a, err := facts.Watch(c.protocol, b)
		if err != nil || !a.OK || a.Masked != c.masked || (text == strings.Repeat("*", len(c.line))) != c.masked {
			t.Errorf("%s: %s, %+v, %v", name, text, a, err)
		}
		if said := strings.ToUpper(fmt.Sprint(text, a)); c.masked && (strings.Contains(said, "A7B8C9") || strings.Contains(said, "DAEBFC")) {
			t.Errorf("%s: %s", name, said)
		}
	}
}
