package driver_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"pgregory.net/rapid"
)

// pointer is an address in an error's %#v: any two bytes may be in it.
var pointer = regexp.MustCompile("0x[0-9a-f]+")

// TestErrorsHoldNoSecret: the code that was presented is in no error.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		s := newDesk(t, k, cardsim.NewFirmware(), driver.NewACS())
		m, done := s.open()
		for _, secret := range k.wrong {
			err := m.Unlock(k.area, secret)
			if err == nil {
				continue
			}
			bytes := secret.Code.Expose()
			said := pointer.ReplaceAllString(fmt.Sprintf("%v %+v %#v %+v", err, err, err, secret), "")
			for _, form := range []string{fmt.Sprintf("%X", bytes), fmt.Sprintf("%x", bytes), fmt.Sprint(bytes), fmt.Sprintf("% X", bytes)} {
				if strings.Contains(said, form) {
					t.Errorf("%s: %s is in %s", k.name, form, said)
				}
			}
		}
		done()
	}
}

// TestWritesAreWhatWasWritten writes anything anywhere, again and again, and holds each
// chip against a plain array of bytes.
func TestWritesAreWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := newDesk(t, k, cardsim.NewFirmware(), driver.Dialect{})
			m, done := s.open()
			defer done()
			if err := unlock(m, s.area, s.right); err != nil {
				t.Fatal(err)
			}
			area := m.Areas()[s.area]
			model, err := m.Read(s.area, 0, area.Size)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				offset, n := drawSpan(t, area)
				data := rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data")
				if area.Mode == driver.Erase {
					data[0] |= 0xC0
				}
				if err := m.Write(s.area, offset, data); err != nil {
					t.Fatal(err)
				}
				copy(model[offset:], data)
				if got, err := m.Read(s.area, 0, area.Size); err != nil || !bytes.Equal(got, model) {
					t.Fatalf("%v\n%X\n%X", err, got, model)
				}
			})
		})
	}
}

// drawSpan is an offset and a length that the area takes, past what is locked on an SLE44xx.
func drawSpan(t *rapid.T, a driver.Area) (offset, n int) {
	if a.Mode == driver.Erase {
		return 0, a.Size
	}
	unit, first := 1, 32
	if a.Mode == driver.Blocks {
		unit, first = a.Unit, 0
	}
	offset = rapid.IntRange(first/unit, a.Size/unit-1).Draw(t, "offset")
	n = rapid.IntRange(1, min(300/unit, a.Size/unit-offset)).Draw(t, "n")
	return offset * unit, n * unit
}

// remote is a link whose card is far away: it counts the exchanges with it.
type remote struct {
	apdu.Transmitter
	exchanges int
}

func (r *remote) Transmit(command []byte) ([]byte, error) {
	r.exchanges++
	return r.Transmitter.Transmit(command)
}

func (r *remote) Script(steps []apdu.Step) (replies []apdu.Reply, err error) {
	r.exchanges++
	for _, s := range steps {
		b, err := s.Bytes()
		if err != nil {
			return nil, err
		}
		answer, err := r.Transmitter.Transmit(b)
		if err != nil || len(answer) < 2 {
			return replies, err
		}
		n := len(answer) - 2
		replies = append(replies, apdu.Reply{Data: answer[:n], Status: apdu.Status(answer[n])<<8 | apdu.Status(answer[n+1])})
		if s.Judge(replies[len(replies)-1]) != nil {
			break
		}
	}
	return replies, nil
}

// TestAWriteIsOneExchange: a line that drops cannot stop a write half-way.
func TestAWriteIsOneExchange(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		s := newDesk(t, k, cardsim.NewFirmware(), driver.NewACS())
		link, err := s.slot.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		far := &remote{Transmitter: link}
		m, err := driver.Open(apdu.NewChannel(far), k.chip, driver.NewACS())
		if err != nil {
			t.Fatal(err)
		}
		if err := unlock(m, k.area, k.right); err != nil {
			t.Fatal(err)
		}
		before := far.exchanges
		data := pattern(k.length, 0x13)
		if err := m.Write(k.area, k.offset, data); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
		if n := far.exchanges - before; n != 1 {
			t.Errorf("%s: a write took %d exchanges", k.name, n)
		}
		if got, err := m.Read(k.area, k.offset, k.length); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %X, %v", k.name, got, err)
		}
		t.Logf("%s: open and unlock took %d exchanges", k.name, before)
	}
}

// TestCardSecrets: a card keyed by the module opens with what the module derives.
func TestCardSecrets(t *testing.T) {
	t.Parallel()
	f := sam.Generate()
	psc, err := f.Secret(1, "sle4442", []byte("6001"), 3)
	if err != nil {
		t.Fatal(err)
	}
	s := newDesk(t, kindOf(t, "SLE4442"), cardsim.NewFirmware(), driver.NewACS())
	m, done := s.open()
	if err := unlock(m, 0, s.right); err != nil {
		t.Fatal(err)
	}
	if err := m.(driver.Rekeyer).Rekey(0, driver.Secret{Use: driver.Code, Code: psc}); err != nil {
		t.Fatal(err)
	}
	done()
	again, _ := f.Secret(1, "sle4442", []byte("6001"), 3)
	s.right = []driver.Secret{{Use: driver.Code, Code: again}}
	if err := s.put(0x40, []byte{1, 2, 3}); err != nil {
		t.Error(err)
	}
}
