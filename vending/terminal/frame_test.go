package terminal

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/vending"
)

var insertion = uuid.MustParse("00000000-0000-4000-8000-000000000001")

var frames = []Frame{
	{Insertion: insertion, Kind: Connect},
	{Insertion: insertion, N: 1, Kind: Transmit, Command: []byte{0x00, 0x84, 0, 0, 4}},
	{Insertion: insertion, N: 2, Kind: Script, Signature: []byte{1, 2}, Steps: []apdu.Step{
		{Command: apdu.Command{INS: 0xD6, P1: 0x81, Data: []byte{1, 2}}, Want: []apdu.Status{0x9000, 0x6281}},
		{Command: apdu.Command{INS: 0xB0, P1: 0x81, Le: 2}, WantData: []byte{1, 2}},
		{Command: apdu.Command{INS: 0xB0}, WantData: []byte{}},
	}},
	{Insertion: insertion, N: 3, Kind: Close},
}

var messages = []Message{
	{Hello: &Hello{Run: insertion, Reader: "ACS ACR39U"}},
	{Answer: &Answer{Insertion: insertion, ATR: []byte{0x3B}, Reader: "ACS ACR39U"}},
	{Answer: &Answer{Insertion: insertion, N: 2, Replies: []apdu.Reply{{Data: []byte{1}, Status: 0x9000}, {Status: 0x6A82}}}},
	{Answer: &Answer{Insertion: insertion, N: 3, Fault: FaultInstruction, INS: "80e0"}},
	{Inserted: true},
}

func TestFramesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, f := range frames {
		got, err := DecodeFrame(f.Encode())
		if err != nil || !bytes.Equal(got.Encode(), f.Encode()) {
			t.Errorf("%s: %v", f.Encode(), err)
		}
	}
	for _, m := range messages {
		got, err := DecodeMessage(m.Encode())
		if err != nil || !bytes.Equal(got.Encode(), m.Encode()) {
			t.Errorf("%s: %v", m.Encode(), err)
		}
	}
	// "any data" and "no data" are two things.
	f, err := DecodeFrame(frames[2].Encode())
	if err != nil || f.Steps[0].WantData != nil || f.Steps[2].WantData == nil {
		t.Errorf("%+v, %v", f.Steps, err)
	}
}

// Garbage, other spellings and frames that carry what their kind has no use for are
// refused, and what they held is not repeated.
func TestBadFramesAreRefused(t *testing.T) {
	t.Parallel()
	const id = `"insertion":"00000000-0000-4000-8000-000000000001"`
	for name, b := range map[string]string{
		"nothing":            "",
		"binary":             "\x00\xff\x01SECRET",
		"cut short":          `{` + id + `,"n":0,"kind":"conn`,
		"two":                `{` + id + `,"n":0,"kind":"connect"}{}`,
		"space":              `{` + id + `, "n":0,"kind":"connect"}`,
		"order":              `{"n":0,` + id + `,"kind":"connect"}`,
		"unknown field":      `{` + id + `,"n":0,"kind":"connect","SECRET":1}`,
		"unknown kind":       `{` + id + `,"n":1,"kind":"erase"}`,
		"no insertion":       `{"insertion":"00000000-0000-0000-0000-000000000000","n":0,"kind":"connect"}`,
		"connect in between": `{` + id + `,"n":1,"kind":"connect"}`,
		"transmit nothing":   `{` + id + `,"n":1,"kind":"transmit"}`,
		"transmit first":     `{` + id + `,"n":0,"kind":"transmit","command":"AIQAAAQ="}`,
		"empty script":       `{` + id + `,"n":1,"kind":"script"}`,
		"both":               `{` + id + `,"n":0,"kind":"connect","command":"AIQAAAQ="}`,
		"negative":           `{` + id + `,"n":-1,"kind":"close"}`,
	} {
		_, err := DecodeFrame([]byte(b))
		if !errors.Is(err, vending.ErrFrame) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, b := range []string{`{}`, `{"inserted":false}`, `{"hello":{"run":"00000000-0000-4000-8000-000000000001","reader":""},"inserted":true}`, `[]`, `null`} {
		if _, err := DecodeMessage([]byte(b)); !errors.Is(err, vending.ErrFrame) {
			t.Errorf("%s: %v", b, err)
		}
	}
	if _, err := DecodeFrame(make([]byte, maxFrame+1)); !errors.Is(err, vending.ErrFrameTooBig) {
		t.Errorf("too big: %v", err)
	}
}

// The longest script of the largest memory card fits a frame.
func TestTheLongestScriptFits(t *testing.T) {
	t.Parallel()
	f := Frame{Insertion: insertion, N: 1, Kind: Script, Signature: make([]byte, 64)}
	for at := 0; at < 32<<10; at += 128 { // AT24C256, a page at a time, each read back
		data := bytes.Repeat([]byte{0xA5}, 128)
		f.Steps = append(f.Steps, apdu.Step{Command: apdu.Command{CLA: 0xFF, INS: 0xD0, P1: byte(at >> 8), P2: byte(at), Data: data}},
			apdu.Step{Command: apdu.Command{CLA: 0xFF, INS: 0xB0, P1: byte(at >> 8), P2: byte(at), Le: 128}, WantData: data})
	}
	if n := len(f.Encode()); n > maxFrame {
		t.Errorf("%d bytes, the limit is %d", n, maxFrame)
	}
}

// What is decoded is encoded to the same bytes.
func FuzzDecodeFrame(f *testing.F) {
	for _, frame := range frames {
		f.Add(frame.Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if frame, err := DecodeFrame(b); err == nil && !bytes.Equal(frame.Encode(), b) {
			t.Errorf("%q became %q", b, frame.Encode())
		}
	})
}

func FuzzDecodeMessage(f *testing.F) {
	for _, m := range messages {
		f.Add(m.Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := DecodeMessage(b); err == nil && !bytes.Equal(m.Encode(), b) {
			t.Errorf("%q became %q", b, m.Encode())
		}
	})
}

// Any change of a signed script, its number and insertion included, spoils the signature.
func TestSignature(t *testing.T) {
	t.Parallel()
	ours, other := testKey(1), testKey(2)
	rapid.Check(t, func(t *rapid.T) {
		f := Frame{Insertion: insertion, N: rapid.Uint32().Draw(t, "n"), Kind: Script}
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			f.Steps = append(f.Steps, apdu.Step{Command: apdu.Command{CLA: 0xFF, INS: 0xD0, P2: rapid.Byte().Draw(t, "address"),
				Data: rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "data")}})
		}
		f.sign(ours)
		if !f.signed(public(ours)) || f.signed(public(other)) || f.signed(nil) {
			t.Fatal("not by the one who signed")
		}
		for name, change := range map[string]func(*Frame){
			"number":    func(f *Frame) { f.N++ },
			"insertion": func(f *Frame) { f.Insertion = uuid.New() },
			"step":      func(f *Frame) { f.Steps = f.Steps[1:] },
			"address":   func(f *Frame) { f.Steps[0].P2++ },
			"want":      func(f *Frame) { f.Steps[0].Want = []apdu.Status{0x6581} },
			"none":      func(f *Frame) { f.Signature = nil },
		} {
			changed, err := DecodeFrame(f.Encode())
			if err != nil && f.N > 0 {
				t.Fatal(err)
			} else if err != nil {
				continue
			}
			if change(&changed); changed.signed(public(ours)) {
				t.Fatalf("%s was changed, and the signature holds", name)
			}
		}
	})
}
