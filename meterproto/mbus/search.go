package mbus

import "errors"

// ErrProbes: a search used up its probes before it had seen every corner of the
// bus. What it found so far is good.
var ErrProbes = errors.New("too many probes: search a part of the addresses, or allow more")

// Answer is what a bus gives back after a selection.
type Answer uint8

// The answers.
const (
	Silence   Answer = iota // no meter matches
	OneMeter                // one meter answered, whole
	Collision               // something answered, but no frame is whole
)

// Bus selects the meters that match a mask and asks them for their data.
type Bus interface {
	// Probe returns which meter answered where it was one. An error ends the search.
	Probe(mask Secondary) (Answer, Secondary, error)
}

// Found is what a search has seen.
type Found struct {
	Meters []Secondary
	// Unresolved are masks behind which something answers that cannot be told
	// apart further: two meters with one address, or one that is broken.
	Unresolved []Secondary
	Probes     int
}

// search walks the tree of masks.
type search struct {
	bus   Bus
	limit int
	seen  map[Secondary]bool
	Found
}

// The digits tried first, and those that only odd meters have.
const (
	decimalDigits = 10
	allDigits     = 15
)

// Search finds every meter that matches the mask: where several answer at once,
// it fixes one digit of the number after the other, then medium and version. A
// meter whose number has a digit above nine, which no standard allows, may stay
// hidden behind two that have none: search behind that digit. Two meters whose
// answers differ only where the one drowns the other's bits look like the one;
// their registers would have to agree as well. Search makes at most limit probes. Errors: ErrProbes, and the bus's own; Found is
// good as far as it goes even then.
func Search(bus Bus, mask Secondary, limit int) (Found, error) {
	s := &search{bus: bus, limit: limit, seen: map[Secondary]bool{}}
	_, err := s.probe(mask)
	return s.Found, err
}

// probe looks behind a mask and reports whether anything answered.
func (s *search) probe(mask Secondary) (answered bool, err error) {
	answer, meter, err := s.ask(mask)
	if err != nil || answer == Silence {
		return false, err
	}
	if answer == OneMeter && mask.Matches(meter) {
		if answer, err = s.confirm(mask, meter); err != nil || answer == OneMeter {
			return true, err
		}
	}
	// A meter that says another address than it was called by is not told apart
	// from others yet: it is looked for as if it had collided.
	return true, s.divide(mask)
}

func (s *search) ask(mask Secondary) (Answer, Secondary, error) {
	if s.Probes >= s.limit {
		return Silence, Secondary{}, ErrProbes
	}
	s.Probes++
	return s.bus.Probe(mask)
}

// confirm calls a meter that answered to a mask by its own address, and takes it
// for found if it answers again. Meters that talk at once give a whole frame of
// nobody's once in 256 times: the sum has eight bits.
func (s *search) confirm(mask, meter Secondary) (Answer, error) {
	if s.seen[meter] {
		return OneMeter, nil
	}
	if mask != meter {
		answer, again, err := s.ask(meter)
		if err != nil || answer != OneMeter || again != meter {
			return Collision, err
		}
	}
	s.seen[meter] = true
	s.Meters = append(s.Meters, meter)
	return OneMeter, nil
}

// divide looks behind the next narrower masks. A collision is two meters at
// least: the values that only odd meters have are tried where the usual ones do
// not account for them.
func (s *search) divide(mask Secondary) error {
	narrow, usual, all := narrower(mask)
	before, seen := s.accounted(), false
	for i := range all {
		if i == usual && s.accounted()-before >= 2 {
			break
		}
		answered, err := s.probe(narrow(byte(i)))
		if err != nil {
			return err
		}
		seen = seen || answered
	}
	if !seen {
		s.Unresolved = append(s.Unresolved, mask)
	}
	return nil
}

// accounted is how many meters are behind what was found: two behind each mask
// that is not resolved.
func (s *search) accounted() int { return len(s.Meters) + 2*len(s.Unresolved) }

// narrower is how a mask is divided: by a value for its first open digit, else
// for medium, else for version. The first usual of all values are those that
// meters should have. There are none where nothing is open.
func narrower(mask Secondary) (narrow func(byte) Secondary, usual, all int) {
	for shift := 28; shift >= 0; shift -= 4 {
		if mask.ID>>shift&0xF == AnyDigit {
			return func(v byte) Secondary {
				m := mask
				m.ID = m.ID&^(0xF<<shift) | uint32(v)<<shift
				return m
			}, decimalDigits, allDigits
		}
	}
	switch {
	case mask.Medium == AnyByte:
		return func(v byte) Secondary { m := mask; m.Medium = v; return m }, AnyByte, AnyByte
	case mask.Version == AnyByte:
		return func(v byte) Secondary { m := mask; m.Version = v; return m }, AnyByte, AnyByte
	}
	return nil, 0, 0
}
