package mbus_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/mbus"
)

// Requests that other people's masters sent, and the standard's own.
func TestRequestsAsOthersSendThem(t *testing.T) {
	t.Parallel()
	primary, err1 := mbus.SetPrimary(0, true, 3)
	id, err2 := mbus.SetID(mbus.Anyone, false, 0x12345678)
	baud, err3 := mbus.SetBaud(mbus.Anyone, false, 1200)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	mask, err := mbus.ParseSecondary("66104116")
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]mbus.Frame{
		reset:                                mbus.Initialise(1),
		requestData:                          mbus.RequestData(1, true),
		"105A015B16":                         mbus.RequestAlarm(1, false),
		"68060668730051017A034216":           primary,
		"6809096853FE510C79785634123B16":     id,
		twoCounters:                          baud,
		"6804046853015040E416":               mbus.ResetApplication(1, false, 0x40),
		"680B0B6853FD5216411066FFFFFFFF6B16": mbus.Select(mask),
	} {
		if b, err := f.AppendTo(nil); err != nil || !bytes.Equal(b, unhex(t, want)) {
			t.Errorf("got %X, %v, want %s", b, err, want)
		}
	}
}

func TestRequestsRefuse(t *testing.T) {
	t.Parallel()
	if f, err := mbus.SetPrimary(1, false, 251); err == nil {
		t.Errorf("address 251: %+v", f)
	}
	if f, err := mbus.SetID(1, false, 0x1234567A); err == nil {
		t.Errorf("number 1234567A: %+v", f)
	}
	if f, err := mbus.SetBaud(1, false, 1000); err == nil {
		t.Errorf("1000 baud: %+v", f)
	}
	for baud := range map[int]bool{300: true, 2400: true, 38400: true} {
		c, err := mbus.BaudCI(baud)
		if got, ok := c.Baud(); err != nil || !ok || got != baud {
			t.Errorf("%d: %v, %d, %v", baud, c, got, err)
		}
	}
	for _, f := range []mbus.Frame{{}, answer(mbus.SelectLow, make([]byte, 8)), mbus.ResetApplication(1, false, 0),
		mbus.Send(mbus.Selected, false, mbus.SelectLow, make([]byte, 7))} {
		if mask, _, err := mbus.DecodeSelect(f); err == nil {
			t.Errorf("%+v became %v", f, mask)
		}
	}
}

func genSecondary(t *rapid.T) mbus.Secondary {
	return mbus.Secondary{
		ID: rapid.Uint32().Draw(t, "id"), Manufacturer: rapid.Uint16().Draw(t, "manufacturer"),
		Version: rapid.Byte().Draw(t, "version"), Medium: rapid.Byte().Draw(t, "medium"),
	}
}

func TestSecondarySurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genSecondary(t)
		if back, _, err := mbus.DecodeSelect(mbus.Select(s)); err != nil || back != s {
			t.Fatalf("%v came back as %v, %v", s, back, err)
		}
		if back, err := mbus.ParseSecondary(s.String()); err != nil || back != s {
			t.Fatalf("%v was read as %v, %v", s, back, err)
		}
		if !s.Wild() && (!s.Matches(s) || !mbus.Everyone().Matches(s)) {
			t.Fatalf("%v does not match itself", s)
		}
	})
	for _, bad := range []string{"", "1234567", "1234567g", "abcdef00", "12345678FFFFFFFFF", "+1234567"} {
		if s, err := mbus.ParseSecondary(bad); !errors.Is(err, mbus.ErrSecondary) {
			t.Errorf("%q became %v", bad, s)
		}
	}
	if code, err := mbus.ParseManufacturer("ELS"); err != nil || code != 0x1593 {
		t.Errorf("ELS is %04X, %v", code, err)
	}
	for _, bad := range []string{"", "EL", "ELSE", "els", "E S"} {
		if code, err := mbus.ParseManufacturer(bad); err == nil {
			t.Errorf("%q became %04X", bad, code)
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	meter := mbus.Secondary{ID: 0x12345678, Manufacturer: 0x1593, Version: 51, Medium: 3}
	for mask, want := range map[string]bool{
		"12345678": true, "1234FFFF": true, "FFFFFFF8": true, "22345678": false, "12345679": false,
		"FFFFFFFF1593FFFF": true, "FFFFFFFF15FFFFFF": true, "FFFFFFFF1594FFFF": false,
		"FFFFFFFFFFFF33FF": true, "FFFFFFFFFFFF34FF": false, "FFFFFFFFFFFFFF03": true, "FFFFFFFFFFFFFF04": false,
	} {
		m, err := mbus.ParseSecondary(mask)
		if err != nil || m.Matches(meter) != want || !m.Wild() {
			t.Errorf("%s: %v, %v", mask, m, err)
		}
	}
	if meter.Wild() {
		t.Error("an address is no mask")
	}
}
