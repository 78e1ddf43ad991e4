package driver_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// sles are the two chips with another code for each.
func sles(t *testing.T) map[string]struct {
	kind
	next driver.Secret
} {
	return map[string]struct {
		kind
		next driver.Secret
	}{
		"SLE4442": {kindOf(t, "SLE4442"), code(driver.Code, 0xA5, 0x5A, 0x11)},
		"SLE4428": {kindOf(t, "SLE4428"), code(driver.Code, 0xA5, 0x5A)},
	}
}

// TestSLERekey: the new code opens the card, the old one does not.
func TestSLERekey(t *testing.T) {
	t.Parallel()
	for name, k := range sles(t) {
		for dialect, d := range k.dialects() {
			s := newDesk(t, k.kind, d.firmware, d.dialect)
			m, done := s.open()
			if err := m.(driver.Rekeyer).Rekey(0, k.next); !errors.Is(err, driver.ErrLocked) {
				t.Errorf("%s, %s: without the code: %v", name, dialect, err)
			}
			if err := unlock(m, 0, s.right); err != nil {
				t.Fatal(err)
			}
			for _, wrong := range [][]driver.Secret{{}, {k.next, k.next}, {code(driver.Code, 1)}} {
				if err := m.(driver.Rekeyer).Rekey(0, wrong...); !errors.Is(err, driver.ErrUse) {
					t.Errorf("%v", err)
				}
			}
			if err := m.(driver.Rekeyer).Rekey(0, k.next); err != nil {
				t.Fatalf("%s, %s: %v", name, dialect, err)
			}
			done()
			if err := s.put(s.offset, pattern(4, 1)); !errors.Is(err, driver.ErrSecret) {
				t.Errorf("%s, %s: the old code: %v", name, dialect, err)
			}
			s.right = []driver.Secret{k.next}
			if err := s.put(s.offset, pattern(4, 1)); err != nil {
				t.Errorf("%s, %s: the new code: %v", name, dialect, err)
			}
		}
	}
}

// TestSLERekeyIgnored: a change that the chip ignored is found before the card is let go.
func TestSLERekeyIgnored(t *testing.T) {
	t.Parallel()
	for name, k := range sles(t) {
		s := newDesk(t, k.kind, cardsim.NewFirmware(), driver.NewACS())
		m, done := s.open()
		if err := unlock(m, 0, s.right); err != nil {
			t.Fatal(err)
		}
		s.slot.Inject(cardsim.Nth(0), cardsim.Ignore())
		if err := m.(driver.Rekeyer).Rekey(0, k.next); !errors.Is(err, driver.ErrSecret) {
			t.Errorf("%s: %v", name, err)
		}
		done()
		if err := s.put(s.offset, pattern(4, 1)); err != nil {
			t.Errorf("%s: the old code: %v", name, err)
		}
	}
}

// TestProtectedBytesStay: what is locked for ever cannot be written, and the read-back says so.
func TestProtectedBytesStay(t *testing.T) {
	t.Parallel()
	for name, k := range sles(t) {
		s := newDesk(t, k.kind, cardsim.NewFirmware(), driver.Dialect{})
		if err := s.put(2, pattern(4, 9)); !errors.Is(err, errNotWritten) {
			t.Errorf("%s: %v", name, err)
		}
		if got := s.holds(0, 4); !bytes.Equal(got, s.chip.ATR()[2:]) {
			t.Errorf("%s: %X", name, got)
		}
	}
}

// TestWrongDialect: a reader that speaks another dialect than it is configured for
// costs one right presentation at most, opens nothing that the driver believes in, and
// is named.
func TestWrongDialect(t *testing.T) {
	t.Parallel()
	for name, k := range sles(t) {
		for _, p := range []pair{{cardsim.NewFirmware(), driver.OldACS()}, {cardsim.OldFirmware(), driver.NewACS()}} {
			s := newDesk(t, k.kind, p.firmware, p.dialect)
			before := s.chip.Image()
			for range 5 {
				if err := s.put(s.offset, pattern(s.length, 1)); err == nil {
					t.Errorf("%s as %s: written", name, p.dialect.Name)
				}
			}
			if s.tries(s.chip) != s.most || !bytes.Equal(before, s.chip.Image()) {
				t.Errorf("%s as %s: %d tries are left", name, p.dialect.Name, s.tries(s.chip))
			}
		}
	}
}

// TestMixedDialects: answers to a code in a form that the dialect does not have.
func TestMixedDialects(t *testing.T) {
	t.Parallel()
	right, wrong := "FF20000003FFFFFF > 07FFFFFF 9000", "FF20000003FFFFFF > 07000000 9000"
	for name, test := range map[string]struct {
		d    driver.Dialect
		line string
		want error
	}{
		"echo in the new dialect":     {driver.NewACS(), right, driver.ErrDialect},
		"90EC in the old":             {driver.OldACS(), "FF20000003FFFFFF > 9007", driver.ErrDialect},
		"9000 and nothing in the old": {driver.OldACS(), "FF20000003FFFFFF > 9000", driver.ErrDialect},
		"another code echoed":         {driver.OldACS(), wrong, driver.ErrSecret},
		"locked, as echo":             {driver.OldACS(), "FF20000003FFFFFF > 00000000 9000", driver.ErrBlocked},
		"locked: 9000":                {driver.NewACS(), "FF20000003FFFFFF > 9000", driver.ErrBlocked},
	} {
		counter := map[bool]string{true: "FFB1000000 > 07000000 9000", false: "FFB1000004 > 07000000 9000"}[test.d.Tail]
		card := &tape{t, []string{"FFA400000106 > 9000", counter, test.line}}
		m, err := driver.Open(apdu.NewChannel(card), driver.SLE4442, test.d)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the tape takes no second presentation
			if err := m.Unlock(0, code(driver.Code, 0xFF, 0xFF, 0xFF)); !errors.Is(err, test.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := m.Write(0, 0x20, []byte{1}); !errors.Is(err, driver.ErrLocked) {
			t.Errorf("%s: written: %v", name, err)
		}
	}
}

// TestReadLengths: an answer of another length is no answer; an old reader may leave out the tail.
func TestReadLengths(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d      driver.Dialect
		answer string
		want   error
	}{
		{driver.NewACS(), "0102", nil}, {driver.NewACS(), "01", driver.ErrShort}, {driver.NewACS(), "010203", driver.ErrShort},
		{driver.NewACS(), "0102FFFFFFFF", driver.ErrShort}, {driver.OldACS(), "0102FFFFFFFF", nil}, {driver.OldACS(), "0102", nil},
		{driver.OldACS(), "0102FFFFFF", driver.ErrShort}, {driver.OldACS(), "010203FFFFFFFF", driver.ErrShort},
	} {
		card := &tape{t, []string{"FFA400000106 > 9000", "FFB0002002 > " + test.answer + "9000"}}
		m, err := driver.Open(apdu.NewChannel(card), driver.SLE4442, test.d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Read(0, 0x20, 2)
		if !errors.Is(err, test.want) || err == nil && !bytes.Equal(got, []byte{1, 2}) {
			t.Errorf("%s: %s: %X, %v", test.d.Name, test.answer, got, err)
		}
	}
}
