package cjt188_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// Whatever was understood of other people's frames is written again as the bytes
// it was read from, in the layout that was found.
func TestFramesOfOthersAreWrittenAgain(t *testing.T) {
	t.Parallel()
	again := 0
	for i, line := range frames.Of(t, "cjt188") {
		for rest := line.Bytes(t); ; {
			f, _, after, err := cjt188.Next(rest)
			if err != nil {
				break
			}
			rest = after
			c := cjt188.ReadByEvidence(f)
			if c.Message == nil || c.Err != nil || !c.HasDI {
				continue
			}
			again++
			values, err := cjt188.AppendValues(nil, c.Message, c.Layout)
			if want := f.Data[3:]; err != nil || !bytes.Equal(normal(c, values), normal(c, want)) {
				t.Errorf("line %d: %X was read as %+v and written as %X, %v", i+1, want, c.Message, values, err)
			}
		}
	}
	if again < 15 {
		t.Errorf("only %d messages", again)
	}
}

// normal has every "no value" written alike.
func normal(c cjt188.Content, values []byte) []byte {
	out := bytes.Clone(values)
	at := 0
	for _, i := range c.Items {
		n := len(i.Register.Raw)
		if i.Register.State == meterproto.NoValue {
			clear(out[at : at+n])
		}
		at += n
	}
	return out
}

// Every example, with every byte flipped in some ways, lost or doubled: what is
// still taken has a checksum of its own that holds.
func TestDamagedExamplesAreRefused(t *testing.T) {
	t.Parallel()
	for _, line := range frames.Of(t, "cjt188") {
		good := line.Bytes(t)
		for i := range good {
			for _, flip := range []byte{0x01, 0x02, 0x10, 0x33, 0x80, 0xFF} {
				b := bytes.Clone(good)
				b[i] ^= flip
				checkNext(t, b)
			}
			checkNext(t, append(bytes.Clone(good[:i]), good[i+1:]...))
			for _, more := range []byte{0x00, 0x16, 0x68, 0xFE} {
				checkNext(t, append(append(bytes.Clone(good[:i]), more), good[i:]...))
			}
		}
	}
}

// read is a vector down to its content.
func read(t *testing.T, vector string) (cjt188.Frame, cjt188.Content) {
	t.Helper()
	f, _, _, err := cjt188.Next(unhex(t, vector))
	if err != nil {
		t.Fatal(err)
	}
	return f, cjt188.ReadByEvidence(f)
}

func TestRefusalsAreRead(t *testing.T) {
	t.Parallel()
	f, c := read(t, refusal)
	s, ok := c.Message.(*cjt188.Status)
	if !ok || !c.HasSER || c.HasDI || c.SER != 0x11 || s.String() != "0500" || c.Err != nil {
		t.Errorf("got %+v", c)
	}
	f.Data = []byte{0x90, 0x1F, 0x11, 0x05, 0x00} // of meters that repeat DI
	if c := cjt188.ReadByEvidence(f); !c.HasDI || c.DI != cjt188.DIFlow || c.SER != 0x11 || c.Err != nil {
		t.Errorf("with DI: %+v", c)
	}
	f.Data = []byte{0x90, 0x1F, 0x11, 0x05} // and of those that say less
	if c := cjt188.ReadByEvidence(f); !c.HasDI || c.DI != cjt188.DIFlow || c.SER != 0x11 || !bytes.Equal(c.Rest, []byte{0x05}) || !errors.Is(c.Err, meterproto.ErrLayout) {
		t.Errorf("short: %+v", c)
	}
	for _, data := range [][]byte{nil, {0x11}, {0x11, 0x05}, {0x11, 0x05, 0, 0}, {1, 2, 0x11, 0x05, 0}} {
		f.Data = data
		if c := cjt188.ReadByEvidence(f); !errors.Is(c.Err, meterproto.ErrLayout) || c.HasSER || !bytes.Equal(c.Rest, data) {
			t.Errorf("%X: %+v", data, c)
		}
	}
}

func TestUnknownStaysRaw(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]cjt188.Frame{
		"identifier":    {Control: 0x81, Data: []byte{0x12, 0x34, 0x01, 0x05}},
		"vendor's":      {Control: 0xA1, Data: append([]byte{0x90, 0x1F, 0x01}, make([]byte, 19)...)},
		"length":        {Control: 0x81, Data: append([]byte{0x90, 0x1F, 0x01}, make([]byte, 20)...)},
		"3EH of 911F":   {Control: 0x81, Data: append([]byte{0x91, 0x1F, 0x01}, make([]byte, 0x3B)...)},
		"one byte more": {Control: 0x04, Data: []byte{0xA0, 0x17, 0x01, 0x55, 0x55}},
		"no identifier": {Control: 0x81, Data: []byte{0x90, 0x1E}},
	} {
		c := cjt188.ReadByEvidence(f)
		if c.Message != nil || c.Items != nil || len(c.Rest) == 0 || !bytes.HasSuffix(f.Data, c.Rest) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// The order of DI that makes a known identifier is the one it has; where both or
// none do, the standard's low byte first.
func TestOrderOfTheIdentifier(t *testing.T) {
	t.Parallel()
	for wire, want := range map[[2]byte]cjt188.Query{
		{0x90, 0x1F}: {DI: 0x901F, Order: cjt188.HighFirst},
		{0x1F, 0x90}: {DI: 0x901F, Order: cjt188.LowFirst},
		{0xA0, 0x17}: {DI: 0xA017, Order: cjt188.HighFirst},
		{0xD1, 0x2B}: {DI: 0xD12B, Order: cjt188.HighFirst},
		{0x2C, 0xD1}: {DI: 0xD12C, Order: cjt188.LowFirst},
		{0xA0, 0x0E}: {DI: 0x0EA0, Order: cjt188.LowFirst},
		{0xD2, 0xD3}: {DI: 0xD3D2, Order: cjt188.LowFirst},
		{0xD2, 0x05}: {DI: 0xD205, Order: cjt188.HighFirst},
	} {
		q, _, err := cjt188.DecodeRequest(cjt188.ReadData, cjt188.Frame{Control: cjt188.ReadData, Data: []byte{wire[0], wire[1], 0}})
		if err != nil || q != want {
			t.Errorf("%X: %+v, %v", wire, q, err)
		}
	}
}

// Some masters leave out SER: what they ask for is known all the same.
func TestIdentifierAlone(t *testing.T) {
	t.Parallel()
	c := cjt188.ReadByEvidence(cjt188.Frame{Control: cjt188.ReadAddress, Data: []byte{0x81, 0x0A}})
	if !c.HasDI || c.HasSER || c.DI != cjt188.DIAddress || c.Order != cjt188.HighFirst || len(c.Rest) != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestWritesAgainstTheTables(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 2, 29, 15, 59, 58, 0, time.UTC)
	for want, m := range map[string]cjt188.Message{
		"\x50\x02\x00\x30\x00\x00\x00\x03\x00\x60\x00\x00\x50\x04\x00\x15": &cjt188.NewPrices{
			Prices: cjt188.Prices{
				Price1: cjt188.Digits{Hundredths: 250, Valid: true}, Volume1: cjt188.Count{N: 30, Valid: true},
				Price2: cjt188.Digits{Hundredths: 300, Valid: true}, Volume2: cjt188.Count{N: 60, Valid: true},
				Price3: cjt188.Digits{Hundredths: 450, Valid: true},
			}, StartDay: 15,
		},
		"\x06\x00\x00\x01\x00":                 &cjt188.Purchase{Sequence: 6, Amount: cjt188.Digits{Hundredths: 10_000, Valid: true}},
		"\x58\x59\x23\x29\x02\x24\x20":         &cjt188.Clock{Time: at},
		"\x78\x56\x34\x12\x2C":                 &cjt188.Base{Register: quantity(12_345_678, cjt188.CubicMetre)},
		"\x31":                                 &cjt188.ReadingDay{Day: 31},
		"\x02\x88\x88\x88\x88\x88\x88\x88\x88": &cjt188.NewKey{Version: 2, Key: firstKey()},
	} {
		if b, err := cjt188.AppendValues(nil, m, cjt188.Layout{}); err != nil || string(b) != want {
			t.Errorf("%+v: %X, %v, want %X", m, b, err, want)
		}
	}
	q := cjt188.Query{DI: cjt188.DISetValve, Order: cjt188.LowFirst, SER: 1}
	f := cjt188.Request(cjt188.WriteData, 0x30, cjt188.Address{3}, q, []byte{byte(cjt188.CloseValve)})
	if b, err := f.AppendTo(nil); err != nil || !bytes.Equal(b, unhex(t, valveClose)) {
		t.Errorf("%X, %v", b, err)
	}
	if back, values, err := cjt188.DecodeRequest(cjt188.WriteData, f); err != nil || back != q || !bytes.Equal(values, []byte{0x99}) {
		t.Errorf("%+v, %X, %v", back, values, err)
	}
	if _, _, err := cjt188.DecodeRequest(cjt188.WriteSync, f); !errors.Is(err, cjt188.ErrMalformed) {
		t.Errorf("another function: %v", err)
	}
	done := cjt188.Reply{Query: q, Values: []byte{0x01, 0x00}}.FrameTo(cjt188.WriteData, 0x30, cjt188.Address{3})
	if r, err := cjt188.DecodeReply(cjt188.WriteData, done); err != nil || r.Query != q || !bytes.Equal(r.Values, []byte{1, 0}) {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := cjt188.DecodeReply(cjt188.ReadData, done); !errors.Is(err, cjt188.ErrMalformed) {
		t.Errorf("an answer to a write taken for one to a read: %v", err)
	}
	no := &cjt188.AbnormalError{SER: 1}
	if _, err := cjt188.DecodeReply(cjt188.WriteData, no.FrameTo(cjt188.WriteData, 0x30, cjt188.Address{3})); !errors.Is(err, meterproto.ErrAbnormal) {
		t.Errorf("a refusal: %v", err)
	}
}

func TestWritesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]cjt188.Message{
		"day 0":        &cjt188.SettlementDay{},
		"day 32":       &cjt188.ReadingDay{Day: 32},
		"start day":    &cjt188.NewPrices{},
		"price":        &cjt188.Prices{Price3: cjt188.Digits{Hundredths: 999_999, Valid: true}},
		"volume":       &cjt188.Prices{Volume2: cjt188.Count{N: 1_000_000, Valid: true}},
		"amount":       &cjt188.Purchase{Amount: cjt188.Digits{Hundredths: 99_999_999, Valid: true}},
		"temperature":  &cjt188.Heat{Return: cjt188.Digits{Hundredths: 999_999, Valid: true}},
		"flow":         &cjt188.Heat{Flow: cjt188.Rate{TenThousandths: 100_000_000, Valid: true}},
		"hours":        &cjt188.Heat{Hours: cjt188.Count{N: 999_999, Valid: true}},
		"short degree": &cjt188.Heat2018{Supply: cjt188.Digits{Hundredths: 9_999, Valid: true}},
	} {
		if b, err := cjt188.AppendValues([]byte{1}, m, cjt188.Layout{}); err == nil || len(b) != 1 {
			t.Errorf("%s: %X, %v", name, b, err)
		}
	}
	for wire, want := range map[string]bool{"\x29\x02\x00\x20": true, "\x29\x02\x00\x19": false, "\x29\x02\x24\x20": true, "\x31\x04\x24\x20": false} {
		var c cjt188.Clock
		if err := cjt188.DecodeValues([]byte("\x00\x00\x12"+wire), &c, cjt188.Layout{}); (err == nil) != want || c.Time.IsZero() == want {
			t.Errorf("day %X: %v, %v", wire, c.Time, err)
		}
	}
	for _, day := range []byte{0x00, 0x32, 0x1A, 0xA1, 0x99, 0xFF} {
		var d cjt188.ReadingDay
		if err := cjt188.DecodeValues([]byte{day}, &d, cjt188.Layout{}); err == nil || d.Day != 0 {
			t.Errorf("day %02X: %d, %v", day, d.Day, err)
		}
	}
}

// An answer whose length is no one's names every length that its identifier may have.
func TestUnknownLengthNamesThoseThatAre(t *testing.T) {
	t.Parallel()
	for di, want := range map[cjt188.DI]string{
		cjt188.DIFlow: "L is 21H, want 16H, 2EH or 2BH", 0xD201: "L is 21H, want 08H or 12H", cjt188.DIPurchases: "L is 21H, want 12H",
	} {
		f := cjt188.Request(cjt188.ReadData.Reply(), 0x20, cjt188.Address{1}, cjt188.Query{DI: di}, make([]byte, 0x1E))
		c := cjt188.ReadByEvidence(f)
		if !errors.Is(c.Err, meterproto.ErrLayout) || !strings.HasSuffix(c.Err.Error(), want) || len(c.Rest) != 0x1E {
			t.Errorf("%v: %v, %X", di, c.Err, c.Rest)
		}
	}
}
