package dlt645_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func TestAddressText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]dlt645.Address{
		"202107072529": {0x29, 0x25, 0x07, 0x07, 0x21, 0x20},
		"AAAAAAAA3456": {0x56, 0x34, 0xAA, 0xAA, 0xAA, 0xAA},
		"3456":         {0x56, 0x34, 0xAA, 0xAA, 0xAA, 0xAA},
	} {
		if a, err := dlt645.ParseAddress(text); err != nil || a != want {
			t.Errorf("%s: got %v, %v", text, a, err)
		}
	}
	for _, bad := range []string{"", "1", "123", "12345678901234", "20210707252x", "aaaaaaaaaaaa", "2021 0707252"} {
		if a, err := dlt645.ParseAddress(bad); err == nil {
			t.Errorf("%q became %v", bad, a)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := genAddress(t)
		if back, err := dlt645.ParseAddress(a.String()); err != nil || back != a {
			t.Fatalf("%v came back as %v, %v", a, back, err)
		}
	})
}

func TestAddressMatches(t *testing.T) {
	t.Parallel()
	meter, _ := dlt645.ParseAddress("202107072529")
	for asked, want := range map[string]bool{
		"202107072529": true, "AAAAAAAAAAAA": true, "2529": true, "07072529": true, "999999999999": true, "20AAAAAA2529": true,
		"202107072528": false, "2528": false, "102107072529": false,
	} {
		a, err := dlt645.ParseAddress(asked)
		if err != nil || a.Matches(meter) != want {
			t.Errorf("%s: %v, %v", asked, a.Matches(meter), err)
		}
	}
	// A meter that has AA in its own address is no wildcard.
	if meter.Matches(dlt645.AnyMeter()) {
		t.Error("the wildcard answered")
	}
}
