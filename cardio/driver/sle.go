package driver

import (
	"bytes"
	"fmt"
	"math/bits"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// maxMemory is the most that one command moves. Readers of ACS take up to EC (ACR38
// manual 1.9, §8.2.6.2); an eighth more may come back as protection bits.
const maxMemory = 0xE0

// sle drives SLE4442 and SLE4428 (cards.md §3). Without the code their bytes can
// be read and not written; the chip ignores a forbidden write and the reader
// says 9000 all the same.
type sle struct {
	sleKind
	ch      *apdu.Channel
	dialect Dialect
	open    bool
	refusal error // of the code: none is presented after it
}

// sleKind is what differs between the two chips.
type sleKind struct {
	typ       byte // of SELECT CARD TYPE
	size      int  // bytes of the area
	codeSize  int
	tries     byte // the counter with all tries: a one bit each
	counterLe int  // dummy bytes included
	probe     int  // bytes read to tell the dialects apart
	tail      func(n int) int
	rekey     func(code []byte) apdu.Command
}

// The SLE4428's counter and code are its last three bytes; they are left out of the area.
func sle4442() sleKind {
	return sleKind{typ: 6, size: 256, codeSize: 3, tries: 0x07, counterLe: 4, probe: 4, tail: func(int) int { return 4 },
		rekey: func(code []byte) apdu.Command { return pseudo(0xD2, 0x0001, code, 0) }}
}

// [M] the code is changed by writing it; [U] an old reader's tail has a bit a byte.
func sle4428() sleKind {
	return sleKind{typ: 5, size: 0x3FD, codeSize: 2, tries: 0xFF, counterLe: 3, probe: 8, tail: func(n int) int { return (n + 7) / 8 },
		rekey: func(code []byte) apdu.Command { return pseudo(0xD0, 0x03FE, code, 0) }}
}

func openSLE(ch *apdu.Channel, k sleKind, d Dialect) (*sle, error) {
	if err := run(ch, selectType(k.typ)); err != nil {
		return nil, step("select the card type", err)
	}
	s := &sle{sleKind: k, ch: ch, dialect: d}
	if d.Name != "" {
		return s, nil
	}
	data, err := ch.Send(pseudo(0xB0, 0, nil, k.probe))
	switch {
	case err != nil:
		return nil, step("ask the reader for its dialect", err)
	case len(data) == k.probe:
		s.dialect = NewACS()
	case len(data) == k.probe+k.tail(k.probe):
		s.dialect = OldACS()
	default:
		return nil, step("ask the reader for its dialect", ErrDialect)
	}
	return s, nil
}

// Areas is the one area "main".
func (s *sle) Areas() []Area {
	return []Area{{Name: "main", Size: s.size, Mode: Bytes, Unit: 1, Read: Free, Write: ByCode}}
}

// Read reads without the code.
func (s *sle) Read(area, offset, n int) ([]byte, error) {
	if err := s.Areas()[area].within(offset, n); err != nil {
		return nil, err
	}
	return pieces(offset, n, s.read)
}

// read accepts the tail of an old reader, and an old reader without one.
func (s *sle) read(at, n int) ([]byte, error) {
	data, err := s.ch.Send(pseudo(0xB0, at, nil, n))
	switch {
	case err != nil:
		return nil, err
	case len(data) == n, s.dialect.Tail && len(data) == n+s.tail(n):
		return data[:n], nil
	}
	return nil, fmt.Errorf("%w: %d of %d", ErrShort, len(data), n)
}

// Unlock presents the code, unless one try or none is left.
func (s *sle) Unlock(area int, secret Secret) error {
	code, err := secret.code(Code, s.codeSize)
	if err != nil {
		return err
	}
	if s.refusal != nil {
		return s.refusal
	}
	s.open = false
	s.refusal = step("present the card's code", s.present(code))
	s.open = s.refusal == nil
	return s.refusal
}

func (s *sle) present(code []byte) error {
	counter, err := s.counter()
	if err != nil {
		return err
	}
	if err := spendable(bits.OnesCount8(counter & s.tries)); err != nil {
		return err
	}
	counter, err = s.dialect.present(s.ch, pseudo(0x20, 0, code, 0), code)
	switch {
	case err != nil:
		return err
	case counter == 0:
		return ErrBlocked
	case counter != s.tries:
		return fmt.Errorf("%w: %d tries left", ErrSecret, bits.OnesCount8(counter&s.tries))
	}
	return nil
}

// counter reads the tries, a one bit each: which bit goes first differs.
func (s *sle) counter() (byte, error) {
	le := s.counterLe
	if s.dialect.Tail {
		le = apdu.MaxLe
	}
	data, err := s.ch.Send(pseudo(0xB1, 0, nil, le))
	if err == nil && len(data) != s.counterLe {
		err = fmt.Errorf("%w: a counter of %d", ErrShort, len(data))
	}
	if err != nil {
		return 0, err
	}
	return data[0], nil
}

// Write needs the code. Protected bytes keep what they hold, without a word.
func (s *sle) Write(area, offset int, data []byte) error {
	if err := s.Areas()[area].within(offset, len(data)); err != nil {
		return err
	}
	if !s.open {
		return ErrLocked
	}
	script := paged(offset, data, maxMemory, func(at int, part []byte) apdu.Command { return pseudo(0xD0, at, part, 0) })
	return step("write the card", run(s.ch, script...))
}

// Rekey changes the code and presents the new one.
func (s *sle) Rekey(area int, next ...Secret) error {
	if len(next) != 1 {
		return ErrUse
	}
	code, err := next[0].code(Code, s.codeSize)
	if err != nil {
		return err
	}
	if !s.open {
		return ErrLocked
	}
	if err := run(s.ch, s.rekey(bytes.Clone(code))); err != nil {
		return step("change the card's code", err)
	}
	return s.Unlock(area, next[0])
}
