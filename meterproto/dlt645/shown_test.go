package dlt645_test

import (
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// Zeros stand where a password stood, and nowhere else.
func TestShownHidesPasswords(t *testing.T) {
	t.Parallel()
	for data, c := range map[string]struct {
		control dlt645.Control
		want    string
	}{
		"01100004" + "02A7B8C9" + "01020304" + "00100000": {0x14, "01100004" + "02000000" + "01020304" + "00100000"},
		"010C0004" + "02A7B8C9" + "01020304" + "A7B8C9":   {0x14, "010C0004" + "02000000" + "01020304" + "000000"},
		"010C0004" + "02A7B8C9" + "A7B8C9":                {0x14, "010C0004" + "00000000000000"}, // without an operator
		"0A0C0004" + "A7B8C9":                             {0x91, "0A0C0004" + "000000"},
		"0B0C0004" + "A7B8C9":                             {0x91, "0B0C0004" + "A7B8C9"},
		"1090" + "02A7B8C9" + "010203":                    {0x04, "1090" + "02000000" + "010203"},
		"010C0004" + "02A7B8C9" + "04A7B8C9":              {0x18, "010C0004" + "02000000" + "04000000"},
		"02A7B8C9" + "04A7B8C9":                           {0x0F, "02000000" + "04000000"},
		"04A7B8C9":                                        {0x98, "04000000"},
		"05A7B8C9":                                        {0x8F, "05000000"},
		"02A7B8C9" + "01020304":                           {0x19, "02000000" + "01020304"},
		"03A7B8C9" + "01020304":                           {0x1A, "03000000" + "01020304"},
		"04A7B8C9" + "01020304" + "FFFFFFFF":              {0x1B, "04000000" + "01020304" + "FFFFFFFF"},
		"02A7B8C9" + "01020304" + "1A00000000311225":      {0x1C, "02000000" + "01020304" + "1A00000000311225"},
		"12C2" + "A7B8C900":                               {0x81, "12C2" + "00000000"}, // 1997: C212, C213 and the block
		"13C2" + "A7B8C900":                               {0x81, "13C2" + "00000000"},
		"1FC2" + "A7B8C900A7B8C901":                       {0xA1, "1FC2" + "0000000000000000"},
		"12C2" + "02A7B8C9" + "04A7B8C9":                  {0x04, "12C2" + "02000000" + "00000000"},
		"12C2" + "04A7B8C9":                               {0x04, "12C2" + "00000000"},
		"11C2" + "A7B8C900":                               {0x81, "11C2" + "A7B8C900"},
		"10C0" + "06060719":                               {0x04, "10C0" + "06060719"}, // a date, and no password before it
		"10C0" + "02A7B8C9" + "06060719":                  {0x04, "10C0" + "02000000" + "06060719"},
		"02A7":                                            {0x1C, "0200"}, // cut short
		"00000100A7B8C900":                                {0x91, "00000100A7B8C900"},
	} {
		f := dlt645.Frame{Control: c.control, Data: unhex(t, data)}
		if got := fmt.Sprintf("%X", f.Shown()); got != c.want {
			t.Errorf("%v %s: shown as %s, want %s", c.control, data, got, c.want)
		}
		if got := fmt.Sprintf("%X", f.Data); got != data {
			t.Errorf("%v: the frame became %s", c.control, got)
		}
	}
}
