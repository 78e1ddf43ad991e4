package cardfile

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/prf/subtle"
	"pgregory.net/rapid"
)

// cmacKey is AES-CMAC with a fixed key of a letter repeated.
type cmacKey byte

func (k cmacKey) CMAC(message []byte) ([16]byte, error) {
	prf, err := subtle.NewAESCMACPRF(bytes.Repeat([]byte{byte(k)}, 16))
	if err != nil {
		return [16]byte{}, err
	}
	tag, err := prf.ComputePRF(message, 16)
	return [16]byte(tag), err
}

// brokenKey is a token that was unplugged.
type brokenKey struct{}

var errUnplugged = errors.New("unplugged")

func (brokenKey) CMAC([]byte) ([16]byte, error) { return [16]byte{}, errUnplugged }

var (
	uid      = [8]byte{0x56, 1, 2, 3, 4, 5, 6, 7}
	binding  = Binding{Key: cmacKey('k'), UID: uid, Meter: "20240000000001"}
	identity = Identity{UID: uid, Utility: 4711, Number: "00123", Meter: "20240000000001", KeyVersion: 3, Unit: 1}
	purse    = Purse{Generation: 9, Count: 8, Credit: 25_000, Total: 1_000_000, Purchase: uuid.MustParse("0190a5b0-1111-7222-8333-444455556666")}
	back     = WriteBack{
		Sequence: 5, MeterTime: time.Unix(1_700_000_000, 0).UTC(), Count: 7, Loaded: 975_000, Remaining: 75_000,
		Consumed: 900_000, ValveOpen: true, BatteryLow: true, Tamper: 0x81, MonthEnd: [12]int64{890_000, 11: 1},
	}
)

func tag(t *testing.T, message string) string {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(message, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac, _ := cmacKey('k').CMAC(b)
	return hex.EncodeToString(mac[:8])
}

// TestLayout spells each part by hand from the table in doc.go: cards in the
// field depend on it.
func TestLayout(t *testing.T) {
	t.Parallel()
	const bound = "5601020304050607 20240000000001"
	idBody := "56473031 01 01 03 00 00001267 5601020304050607 00123fffffffffff 20240000000001 0000000000"
	purseBody := "01 000000 00000009 00000008 0000000061a8 0000000f4240 0190a5b0111172228333444455556666"
	backBody := "01 03 81 00 00000005 00006553f100 00000007 0000000ee098 0000000124f8 0000000dbba0 " +
		"0000000d9490" + strings.Repeat("000000000000", 10) + "000000000001 20240000000001 0000000000"
	for name, part := range map[string]struct {
		encode func() ([]byte, error)
		body   string
		mac    string
	}{
		"identity": {func() ([]byte, error) { return identity.Encode(cmacKey('k')) }, idBody, tag(t, "49"+idBody)},
		"slot A":   {func() ([]byte, error) { return purse.Encode(SlotA, binding) }, purseBody, tag(t, "41"+bound+purseBody)},
		"slot B":   {func() ([]byte, error) { return purse.Encode(SlotB, binding) }, purseBody, tag(t, "42"+bound+purseBody)},
		"write-back": {func() ([]byte, error) { return back.Encode(binding) },
			backBody, tag(t, "57 5601020304050607"+backBody)},
	} {
		got, err := part.encode()
		want := strings.ReplaceAll(part.body, " ", "") + part.mac
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s: %v\n got %x\nwant %s", name, err, got, want)
		}
	}
	if SlotA.Offset() != 48 || SlotB.Offset() != 96 || SlotA.Other() != SlotB || SlotB.Other() != SlotA {
		t.Error("the slots moved")
	}
}

func drawPurse(t *rapid.T) Purse {
	total := rapid.Int64Range(0, MaxQuantity).Draw(t, "total")
	return Purse{
		Generation: rapid.Uint32Min(1).Draw(t, "generation"), Count: rapid.Uint32().Draw(t, "count"),
		Credit: rapid.Int64Range(0, total).Draw(t, "credit"), Total: total,
		Purchase: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "purchase")),
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		id := Identity{
			UID: uid, Utility: rapid.Uint32().Draw(rt, "utility"), Number: rapid.StringMatching(`[0-9]{1,16}`).Draw(rt, "number"),
			Meter: rapid.StringMatching(`[0-9]{14}`).Draw(rt, "meter"), KeyVersion: rapid.Uint8Min(1).Draw(rt, "version"),
			Unit: rapid.Uint8Range(1, 3).Draw(rt, "unit"),
		}
		file, err := id.Encode(cmacKey('k'))
		if err != nil {
			rt.Fatal(err)
		}
		if got, err := DecodeIdentity(file); got != id || err != nil || Check(file, cmacKey('k')) != nil {
			rt.Fatalf("%+v, %v", got, err)
		}
		to, a, b := Binding{Key: cmacKey('k'), UID: uid, Meter: id.Meter}, drawPurse(rt), drawPurse(rt)
		for slot, p := range map[Slot]Purse{SlotA: a, SlotB: b} {
			part, err := p.Encode(slot, to)
			if err != nil {
				rt.Fatal(err)
			}
			file = append(file[:min(len(file), int(slot.Offset()))], part...)
			if got, err := decodePurse(part, slot, to); got != p || err != nil {
				rt.Fatalf("%+v, %v", got, err)
			}
		}
	})
}

func TestWriteBackRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := WriteBack{
			Sequence: rapid.Uint32().Draw(rt, "sequence"), Count: rapid.Uint32().Draw(rt, "count"),
			MeterTime: time.Unix(rapid.Int64Range(0, 1<<40).Draw(rt, "time"), 0).UTC(),
			ValveOpen: rapid.Bool().Draw(rt, "valve"), BatteryLow: rapid.Bool().Draw(rt, "battery"),
			Tamper: rapid.Byte().Draw(rt, "tamper"),
		}
		for i := range w.MonthEnd {
			w.MonthEnd[i] = rapid.Int64Range(0, MaxQuantity).Draw(rt, "month end")
		}
		w.Loaded, w.Remaining, w.Consumed = w.MonthEnd[3], w.MonthEnd[4], w.MonthEnd[5]
		b, err := w.Encode(binding)
		if err != nil || len(b) != WriteBackSize {
			rt.Fatal(len(b), err)
		}
		if got, err := DecodeWriteBack(b, binding); got != w || err != nil {
			rt.Fatalf("%+v, %v", got, err)
		}
	})
}

// vendor builds a vendor's file; a nil purse leaves its slot erased.
func vendor(t *testing.T, a, b *Purse) []byte {
	t.Helper()
	file, err := identity.Encode(binding.Key)
	if err != nil {
		t.Fatal(err)
	}
	for slot, p := range []*Purse{a, b} {
		part := bytes.Repeat([]byte{0xFF}, SlotSize)
		if p != nil {
			if part, err = p.Encode([]Slot{SlotA, SlotB}[slot], binding); err != nil {
				t.Fatal(err)
			}
		}
		file = append(file, part...)
	}
	return file
}

func TestNewestPurse(t *testing.T) {
	t.Parallel()
	older, newer, twin := purse, purse, purse
	newer.Generation++
	twin.Credit++
	swapped := vendor(t, &older, &newer)
	copy(swapped[96:], swapped[48:96]) // slot A's bytes in slot B's place
	for name, test := range map[string]struct {
		file []byte
		want Purses
		err  error
	}{
		"A newer":       {vendor(t, &newer, &older), Purses{newer, SlotA, false}, nil},
		"B newer":       {vendor(t, &older, &newer), Purses{newer, SlotB, false}, nil},
		"only A":        {vendor(t, &older, nil), Purses{older, SlotA, true}, nil},
		"only B":        {vendor(t, nil, &newer), Purses{newer, SlotB, true}, nil},
		"the same":      {vendor(t, &older, &older), Purses{older, SlotA, false}, nil},
		"one differs":   {vendor(t, &older, &twin), Purses{}, ErrConflict},
		"none":          {vendor(t, nil, nil), Purses{}, ErrMAC},
		"A copied to B": {swapped, Purses{older, SlotA, true}, nil},
		"short":         {vendor(t, &older, &newer)[:143], Purses{}, ErrSpelling},
	} {
		if got, err := DecodePurses(test.file, binding); got != test.want || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestBinding takes the parts of one card to another chip, meter and key.
func TestBinding(t *testing.T) {
	t.Parallel()
	file := vendor(t, &purse, nil)
	wb, _ := back.Encode(binding)
	for name, change := range map[string]func(*Binding){
		"chip":  func(b *Binding) { b.UID[7]++ },
		"meter": func(b *Binding) { b.Meter = "20240000000002" },
		"key":   func(b *Binding) { b.Key = cmacKey('j') },
	} {
		to := binding
		change(&to)
		if _, err := DecodePurses(file, to); !errors.Is(err, ErrMAC) {
			t.Errorf("purse, other %s: %v", name, err)
		}
		if _, err := DecodeWriteBack(wb, to); !errors.Is(err, ErrMAC) && name != "meter" || err == nil {
			t.Errorf("write-back, other %s: %v", name, err)
		}
	}
	if Check(file, cmacKey('j')) == nil {
		t.Error("identity: other key")
	}
}

// TestEveryByteCounts flips each bit of each part: none is taken.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	file := vendor(t, &purse, nil)
	wb, _ := back.Encode(binding)
	for bit := range 8 * IdentitySize {
		bad := bytes.Clone(file)
		bad[bit/8] ^= 1 << (bit % 8)
		if _, err := DecodeIdentity(bad); err == nil && Check(bad, binding.Key) == nil {
			t.Errorf("identity: bit %d does not count", bit)
		}
	}
	for bit := range 8 * SlotSize {
		bad := bytes.Clone(file)
		bad[48+bit/8] ^= 1 << (bit % 8)
		if _, err := DecodePurses(bad, binding); err == nil {
			t.Errorf("purse: bit %d does not count", bit)
		}
	}
	for bit := range 8 * WriteBackSize {
		bad := bytes.Clone(wb)
		bad[bit/8] ^= 1 << (bit % 8)
		if _, err := DecodeWriteBack(bad, binding); err == nil {
			t.Errorf("write-back: bit %d does not count", bit)
		}
	}
}

// TestOneSpelling MACs parts that are not spelled as vg1 has them.
func TestOneSpelling(t *testing.T) {
	t.Parallel()
	bound, _ := binding.bytes()
	body, _ := purse.body()
	for name, change := range map[string]func(b []byte){
		"format": func(b []byte) { b[0] = 2 }, "reserved": func(b []byte) { b[3] = 1 },
		"generation 0": func(b []byte) { clear(b[4:8]) }, "credit over total": func(b []byte) { b[12] = 1 },
	} {
		bad := bytes.Clone(body)
		change(bad)
		sealed, _ := seal(binding.Key, byte(SlotA), bound, bad)
		if _, err := decodePurse(sealed, SlotA, binding); !errors.Is(err, ErrSpelling) {
			t.Errorf("purse, %s: %v", name, err)
		}
	}
	body, _ = back.body(binding.Meter)
	for name, change := range map[string]func(b []byte){
		"format": func(b []byte) { b[0] = 2 }, "state bits": func(b []byte) { b[1] = 4 }, "reserved": func(b []byte) { b[119] = 1 },
		"meter": func(b []byte) { b[114] = 2 }, "digits": func(b []byte) { b[114] = 0x1A },
	} {
		bad := bytes.Clone(body)
		change(bad)
		sealed, _ := seal(binding.Key, letterWriteBack, uid[:], bad)
		if _, err := DecodeWriteBack(sealed, binding); !errors.Is(err, ErrSpelling) {
			t.Errorf("write-back, %s: %v", name, err)
		}
	}
	body, _ = identity.body()
	for name, change := range map[string]func(b []byte){
		"magic": func(b []byte) { b[0] = 'v' }, "format": func(b []byte) { b[4] = 2 }, "unit": func(b []byte) { b[5] = 4 },
		"version 0": func(b []byte) { b[6] = 0 }, "reserved": func(b []byte) { b[7] = 1 }, "tail": func(b []byte) { b[39] = 1 },
		"no number": func(b []byte) { copy(b[20:28], bytes.Repeat([]byte{0xFF}, 8)) }, "digit after F": func(b []byte) { b[27] = 0xF1 },
		"digit A": func(b []byte) { b[20] = 0xA0 }, "short meter": func(b []byte) { b[34] = 0x0F },
	} {
		bad := append(bytes.Clone(body), make([]byte, macSize)...)
		change(bad)
		if _, err := DecodeIdentity(bad); !errors.Is(err, ErrSpelling) {
			t.Errorf("identity, %s: %v", name, err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Purse){
		"generation 0": func(p *Purse) { p.Generation = 0 }, "credit over total": func(p *Purse) { p.Credit = p.Total + 1 },
		"negative": func(p *Purse) { p.Credit = -1 }, "too large": func(p *Purse) { p.Total = MaxQuantity + 1 },
	} {
		p := purse
		change(&p)
		if _, err := p.Encode(SlotA, binding); !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*WriteBack){
		"before 1970": func(w *WriteBack) { w.MeterTime = time.Unix(-1, 0) }, "fraction": func(w *WriteBack) { w.MeterTime = time.Unix(1, 1) },
		"negative": func(w *WriteBack) { w.Remaining = -1 }, "too large": func(w *WriteBack) { w.MonthEnd[11] = MaxQuantity + 1 },
	} {
		w := back
		change(&w)
		if _, err := w.Encode(binding); !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErased(t *testing.T) {
	t.Parallel()
	for _, b := range []byte{0x00, 0xFF} {
		file := bytes.Repeat([]byte{b}, VendorSize)
		if _, err := DecodeIdentity(file); !errors.Is(err, ErrErased) {
			t.Errorf("identity of %02X: %v", b, err)
		}
		if _, err := DecodeWriteBack(file[:WriteBackSize], binding); !errors.Is(err, ErrErased) {
			t.Errorf("write-back of %02X: %v", b, err)
		}
	}
}

// TestUnpluggedToken must not be taken for a torn card.
func TestUnpluggedToken(t *testing.T) {
	t.Parallel()
	file := vendor(t, &purse, nil)
	wb, _ := back.Encode(binding)
	to := binding
	to.Key = brokenKey{}
	_, pursesErr := DecodePurses(file, to)
	_, backErr := DecodeWriteBack(wb, to)
	_, encodeErr := purse.Encode(SlotA, to)
	for _, err := range []error{pursesErr, backErr, encodeErr, Check(file, brokenKey{})} {
		if !errors.Is(err, errUnplugged) {
			t.Errorf("%v", err)
		}
	}
}
