package terminal

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// errForbidden is a command that the agent did not send.
var errForbidden = errors.New("forbidden")

// wire is the card behind an agent, as a driver sees it.
type wire struct {
	agent *Agent
	n     uint32
}

func onAgent(t *testing.T, card cardsim.Chip, mayIssue bool) *wire {
	t.Helper()
	slot := cardsim.NewSlot("desk")
	slot.Insert(card)
	w := &wire{agent: &Agent{Reader: slot, MayIssue: mayIssue, Log: silent}}
	do(t, w.agent, Frame{Insertion: insertion, Kind: Connect})
	t.Cleanup(w.agent.Stop)
	return w
}

func (w *wire) Transmit(command []byte) ([]byte, error) {
	w.n++
	answer, _ := w.agent.Do(context.Background(), Frame{Insertion: insertion, N: w.n, Kind: Transmit, Command: command})
	switch answer.Fault {
	case "":
		return answer.Response, nil
	case FaultInstruction:
		return nil, errForbidden
	}
	return nil, cardio.ErrLinkDead
}

// desk is a memory chip, how its areas are opened, and which of an image's bytes are its codes, keys and locks; bits of a
// byte where mask has an entry for it.
type desk struct {
	chip   driver.Chip
	fresh  func() cardsim.Chip
	open   func(area int) []driver.Secret
	next   []driver.Secret // to rekey with, nil where the chip has nothing to rekey here
	secret func(at int) byte
}

func chipCode(use driver.Use, b ...byte) driver.Secret {
	return driver.Secret{Use: use, Code: sam.NewSecret(b)}
}

// behind is all bits of a byte at or behind end.
func behind(end int) func(int) byte {
	return func(at int) byte {
		if at >= end {
			return 0xFF
		}
		return 0
	}
}

func desks() []desk {
	key := chipCode(driver.KeyA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
	return []desk{
		{driver.SLE4442, func() cardsim.Chip { return cardsim.NewSLE4442() },
			func(int) []driver.Secret { return []driver.Secret{chipCode(driver.Code, 0xFF, 0xFF, 0xFF)} },
			[]driver.Secret{chipCode(driver.Code, 1, 2, 3)}, behind(0x100)},
		{driver.SLE4428, func() cardsim.Chip { return cardsim.NewSLE4428() },
			func(int) []driver.Secret { return []driver.Secret{chipCode(driver.Code, 0xFF, 0xFF)} },
			[]driver.Secret{chipCode(driver.Code, 1, 2)}, behind(0x3FD)},
		{driver.AT24C01, func() cardsim.Chip { return cardsim.NewAT24C(7) }, func(int) []driver.Secret { return nil }, nil, behind(1 << 7)},
		{driver.AT24C64, func() cardsim.Chip { return cardsim.NewAT24C(13) }, func(int) []driver.Secret { return nil }, nil, behind(1 << 13)},
		{driver.AT88SC102, fresh102, open102, nil, secret102},
		{driver.AT88SC1608, func() cardsim.Chip { return cardsim.NewAT88SC1608([8]byte(slices.Repeat([]byte{0xFF}, 8))) },
			func(int) []driver.Secret { return nil }, nil, func(at int) byte { return ^behind(0x80)(at) }},
		{driver.Mifare1K, func() cardsim.Chip { return cardsim.NewClassic1K([4]byte{1, 2, 3, 4}) },
			func(int) []driver.Secret { return []driver.Secret{key} },
			[]driver.Secret{chipCode(driver.KeyA, 1, 2, 3, 4, 5, 6), chipCode(driver.KeyB, 6, 5, 4, 3, 2, 1)}, trailers},
		{driver.Mifare4K, func() cardsim.Chip { return cardsim.NewClassic4K([4]byte{1, 2, 3, 4}) },
			func(int) []driver.Secret { return []driver.Secret{key} },
			[]driver.Secret{chipCode(driver.KeyA, 1, 2, 3, 4, 5, 6), chipCode(driver.KeyB, 6, 5, 4, 3, 2, 1)}, trailers},
	}
}

func fresh102() cardsim.Chip {
	return cardsim.NewAT88SC102([2]byte{0x12, 0x34}, [6]byte{1, 2, 3, 4, 5, 6}, [4]byte{6, 7, 8, 9}, false)
}

func open102(area int) []driver.Secret {
	keys := []driver.Secret{chipCode(driver.EraseKey, 1, 2, 3, 4, 5, 6), chipCode(driver.EraseKey, 6, 7, 8, 9)}
	return []driver.Secret{chipCode(driver.Code, 0x12, 0x34), keys[area]}
}

// secret102: all but the two zones, and their first two bits.
func secret102(at int) byte {
	switch {
	case at == 0x16, at == 0x5C:
		return 0xC0
	case at > 0x16 && at < 0x56, at > 0x5C && at < 0x9C:
		return 0
	}
	return 0xFF
}

func trailers(at int) byte {
	block := at / 16
	if block < 128 && block%4 == 3 || block >= 128 && block%16 == 15 {
		return 0xFF
	}
	return 0
}

// secrets are the bits of the chip's image that no PC may write which issues no cards.
func (d desk) secrets(card cardsim.Chip) []byte {
	image := card.Image()
	for i := range image {
		image[i] &= d.secret(i)
	}
	return image
}

// unlocked opens the chip over w, and all its areas that it can.
func (d desk) unlocked(t interface{ Fatal(...any) }, w *wire, areas ...int) driver.Memory {
	m, err := driver.Open(apdu.NewChannel(w), d.chip, driver.Dialect{})
	if err != nil {
		t.Fatal(d.chip, err)
	}
	for _, area := range areas {
		for _, secret := range d.open(area) {
			if err := m.Unlock(area, secret); err != nil {
				t.Fatal(d.chip, area, err)
			}
		}
	}
	return m
}

// Whatever a driver reads and writes of a chip's areas passes at every PC, each byte of them; its change of a code or of keys
// only at one that issues cards.
func TestDriversPass(t *testing.T) {
	t.Parallel()
	for _, d := range desks() {
		card := d.fresh()
		w := onAgent(t, card, false)
		secrets := d.secrets(card)
		for i, a := range driver.AreasOf(d.chip) {
			m := d.unlocked(t, w, i)
			data := bytes.Repeat([]byte{0xE5}, a.Size)
			if err := m.Write(i, 0, data); err != nil {
				t.Errorf("%s %s: %v", d.chip, a.Name, err)
			}
			if got, err := m.Read(i, 0, 1); a.Mode == driver.Bytes && err == nil && len(got) != 1 {
				t.Error(d.chip, got)
			}
			if !bytes.Contains(card.Image(), data[4:]) && a.Mode != driver.Blocks {
				t.Errorf("%s %s: it was not written", d.chip, a.Name)
			}
		}
		if !bytes.Equal(secrets, d.secrets(card)) {
			t.Errorf("%s: writing its areas changed its secrets", d.chip)
		}
		for _, mayIssue := range []bool{false, true} {
			w := onAgent(t, card, mayIssue)
			m, ok := d.unlocked(t, w, 0).(driver.Rekeyer)
			if ok != (d.next != nil) {
				t.Fatalf("%s: rekeyed: %t", d.chip, ok)
			}
			if ok && (m.Rekey(0, d.next...) == nil) != mayIssue {
				t.Errorf("%s, may issue %t: rekeyed otherwise", d.chip, mayIssue)
			}
			if bytes.Equal(secrets, d.secrets(card)) == (ok && mayIssue) {
				t.Errorf("%s, may issue %t: its secrets", d.chip, mayIssue)
			}
		}
	}
}

// No write of any kind, to whatever address, changes a code, a key, a counter or a lock of an unlocked chip at a PC that issues
// no cards.
func TestNoSecretIsWritten(t *testing.T) {
	t.Parallel()
	edges := []int{0, 0x0A, 0x16, 0x40, 0x56, 0x5C, 0x80, 0x9C, 0xFF, 0x100, 0x3FC, 0x3FD, 0x3FE, 0x3FF, 0x400, 0x7FE, 0x7FF, 0x800, 0xFFFF}
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.SampledFrom(desks()).Draw(r, "chip")
		card := d.fresh()
		w := onAgent(t, card, false)
		area := rapid.IntRange(0, len(driver.AreasOf(d.chip))-1).Draw(r, "area")
		d.unlocked(r, w, area)
		secrets := d.secrets(card)
		for range 20 {
			at := rapid.OneOf(rapid.SampledFrom(edges), rapid.IntRange(0, 0xFFFF), rapid.IntRange(0, 0xFF)).Draw(r, "at")
			ins := rapid.SampledFrom([]byte{0xD0, 0xD0, 0xD1, 0xD2, 0xD6, 0xD7, 0xD8, 0x05, 0x00, 0xDA}).Draw(r, "ins")
			n := rapid.SampledFrom([]int{1, 2, 3, 4, 5, 16, 32, 224}).Draw(r, "n")
			data := slices.Repeat(rapid.SampledFrom([][]byte{{0}, {0xFF}, {0xC0}, {0x3F}, {7}}).Draw(r, "byte"), n)
			command, err := apdu.Command{CLA: 0xFF, INS: ins, P1: byte(at >> 8), P2: byte(at), Data: data}.Bytes()
			if err != nil {
				r.Fatal(err)
			}
			_, _ = w.Transmit(command)
			if now := d.secrets(card); !bytes.Equal(secrets, now) {
				r.Fatalf("%s: %X changed a secret", d.chip, command)
			}
		}
	})
}

// What an address means is the chip's: the same write is data to an I2C chip and the code to an SLE4428.
func TestAllowListByChip(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]permit{
		"01 FFD0 03FE 02 AABB":   always, // data of an AT24C16
		"02 FFD0 FFFE 02 AABB":   always, // of an AT24C512
		"05 FFD0 03FC 01 AA":     always,
		"05 FFD0 03FC 02 AABB":   issues, // it runs into the counter
		"05 FFD0 03FD 01 00":     issues,
		"05 FFD0 03FE 02 AABB":   issues, // the code
		"05 FFD0 0FFE 02 AABB":   issues, // the code to a reader that takes ten bits of an address
		"05 FFD1 0000 01 A2":     issues,
		"06 FFD0 00FF 01 AA":     always,
		"06 FFD0 00FF 02 AABB":   issues,
		"06 FFD1 0000 01 A2":     issues,
		"06 FFD2 0001 03 010203": issues,
		"04 FFD0 07FF 01 AA":     always,
		"04 FFD0 0800 01 AA":     issues,
		"04 FFD1 0040 01 AA":     issues, // its configuration
		"09 FFD0 0016 01 C0":     always,
		"09 FFD0 0016 01 7F":     issues, // a lock
		"09 FFD0 005C 01 BF":     issues,
		"09 FFD0 0017 01 00":     always,
		"09 FFD0 0055 02 0000":   issues, // it runs into the erase key
		"09 FFD0 000A 02 0000":   issues, // the code
		"09 FFD0 000C 01 FF":     issues, // the attempts counter
		"09 FFD0 009C 01 00":     issues,
		"09 FFD2 000A 02 0000":   issues, // erases outside the zones
	} {
		for _, mayIssue := range []bool{false, true} {
			sent := want == always || want == issues && mayIssue
			if got := passes(t, line, mayIssue, ""); got != sent {
				t.Errorf("%s, may issue %t: sent %t", line, mayIssue, got)
			}
		}
	}
}

// passes tells whether a write is sent after SELECT CARD TYPE, which is answered as refusal says, or done.
func passes(t *testing.T, line string, mayIssue bool, refusal string) bool {
	t.Helper()
	typ, write, _ := strings.Cut(line, " ")
	command, err := hex.DecodeString(strings.ReplaceAll(write, " ", ""))
	if err != nil {
		t.Fatal(line, err)
	}
	a, card := newAgent()
	a.MayIssue = mayIssue
	do(t, a, Frame{Insertion: insertion, Kind: Connect})
	n := uint32(1)
	for _, selected := range []string{"01", typ} { // the last one counts
		b, _ := hex.DecodeString(fmt.Sprintf("FFA4000001%s", selected))
		if card.answer = nil; selected == typ && refusal != "" {
			card.answer, _ = hex.DecodeString(refusal)
		}
		do(t, a, Frame{Insertion: insertion, N: n, Kind: Transmit, Command: b})
		n++
	}
	do(t, a, Frame{Insertion: insertion, N: n, Kind: Transmit, Command: command})
	return card.count() == 3
}

// A chip is what the reader was told last and took: not what it refused, not what it took for the card before, and in a script what
// the script tells it on the way.
func TestChipIsWhatTheReaderTook(t *testing.T) {
	t.Parallel()
	if passes(t, "01 FFD0 0000 01 AA", false, "6300") {
		t.Error("a reader that refused to select still has the chip before")
	}
	a, card := newAgent()
	do(t, a, Frame{Insertion: insertion, Kind: Connect})
	write := apdu.Step{Command: apdu.Command{CLA: 0xFF, INS: 0xD0, P1: 0x03, P2: 0xFE, Data: []byte{1, 2}}}
	choose := func(typ byte, want ...apdu.Status) apdu.Step {
		return apdu.Step{Command: apdu.Command{CLA: 0xFF, INS: 0xA4, Data: []byte{typ}}, Want: want}
	}
	n := uint32(0)
	script := func(steps ...apdu.Step) Answer {
		n++
		f := Frame{Insertion: insertion, N: n, Kind: Script, Steps: steps}
		f.sign(testKey(1))
		return do(t, a, f)
	}
	for i, c := range []struct {
		steps []apdu.Step
		sent  bool
	}{
		{[]apdu.Step{write}, false},
		{[]apdu.Step{choose(1, apdu.Done, 0x6300), write}, false}, // if it is refused, the chip is another
		{[]apdu.Step{choose(1), write}, true},
		{[]apdu.Step{write}, true}, // as the script before said
		{[]apdu.Step{choose(1), choose(5), write}, false},
		{[]apdu.Step{write, choose(5)}, true},
		{[]apdu.Step{write}, false},
	} {
		before := card.count()
		if got := script(c.steps...); (got.Fault == "") != c.sent || (card.count() > before) != c.sent {
			t.Errorf("%d: %+v", i, got)
		}
	}
	script(choose(1))
	n = 0
	a.Stop()
	do(t, a, Frame{Insertion: [16]byte{9}, Kind: Connect})
	if got := do(t, a, Frame{Insertion: [16]byte{9}, N: 1, Kind: Transmit, Command: []byte{0xFF, 0xD0, 0, 0, 1, 1}}); got.Fault != FaultInstruction {
		t.Errorf("another card is taken for the chip before: %+v", got)
	}
}
