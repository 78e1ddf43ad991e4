package cardio

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// Layouts are those that come with vendgate, the examples left out: real cards must not be taken for one of them. The one
// that most cards have comes first: a CPU card is asked for one application after the other.
func Layouts() ([]*cardfile.Layout, error) {
	all, err := cardfile.Shipped()
	all = slices.DeleteFunc(slices.Clone(all), (*cardfile.Layout).IsExample)
	slices.SortStableFunc(all, func(a, b *cardfile.Layout) int { return rank(a) - rank(b) })
	return all, err
}

func rank(l *cardfile.Layout) int {
	if l.Name() == defaultLayout {
		return 0
	}
	return 1
}

// layouts are those that the terminal takes.
func (t *Terminal) layouts() ([]*cardfile.Layout, error) {
	if t.Layouts != nil {
		return t.Layouts, nil
	}
	return Layouts()
}

// chips are the kinds of chip that may have answered so.
func (t *Terminal) chips(atr []byte) []driver.Chip {
	all := driver.Candidates(atr)
	if t.Chips == nil {
		return all
	}
	return slices.DeleteFunc(all, func(c driver.Chip) bool { return !slices.Contains(t.Chips, c) })
}

// sheet is a layout on a chip, and what was read there.
type sheet struct {
	chip   driver.Chip
	medium medium
	layout *cardfile.Layout
	image  cardfile.Image
}

// find tells by content which layout the card has: first the chips that its answer to reset allows, then on each the
// layouts that it may carry. The first chip on which one matches decides; it fails with ErrTwoLayouts when two match
// there, and with ErrBlankCard, ErrUnknownContent, or what the reading failed with when none does.
func (c *Card) find() error {
	var blank []sheet
	var refusal error
	known, strange := false, false
	for _, chip := range c.terminal.chips(c.link.ATR()) {
		sheets, err := c.sheets(chip)
		if err != nil {
			if refusal = err; !refused(err) { // what a chip refuses, another kind of chip may do
				return fault(err)
			}
		}
		for _, s := range sheets {
			switch {
			case s.layout.Matches(s.image) && c.layout != nil:
				return fmt.Errorf("%w: %s and %s", ErrTwoLayouts, c.layout.Name(), s.layout.Name())
			case s.layout.Matches(s.image):
				c.sheet = s
			case s.layout.Blank(s.image):
				blank = append(blank, s)
			default:
				strange = true
			}
		}
		if c.layout != nil {
			return nil
		}
		known = known || sheets != nil
	}
	switch {
	case blank != nil && !strange:
		c.blank = blank
		return ErrBlankCard
	case c.cpu != nil && known: // it has our application, and no identity in it
		return fmt.Errorf("%w: identity: %w", ErrDamagedCard, cardfile.ErrSpelling)
	case known:
		return ErrUnknownContent
	case c.uid != (UID{}) && refusal != nil: // the chip said which it is: it is another's, or was lifted
		return fault(refusal)
	case refusal != nil:
		return fmt.Errorf("%w: %w", ErrUnknownCard, refusal)
	}
	return ErrUnknownCard
}

// sheets reads the card as each of the layouts that are made for that chip. An absent application is a blank card.
func (c *Card) sheets(chip driver.Chip) (out []sheet, err error) {
	layouts, err := c.terminal.layouts()
	if err != nil {
		return nil, err
	}
	var m medium
	var entered []byte
	for _, l := range layouts {
		if l.On(string(chip)) == nil || entered != nil && !bytes.Equal(l.Application(string(chip)), entered) {
			continue
		}
		if m == nil {
			if m, err = c.open(chip); err != nil {
				return nil, err
			}
		}
		image, err := readTwice(m, l)
		if missing(err) {
			image, err = cardfile.Image{}, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, sheet{chip, m, l, image})
		if l.Matches(image) {
			entered = l.Application(string(chip)) // a CPU card's application says what is in it: it stays selected
		}
	}
	return out, nil
}

// readTwice reads all areas. A card that another program left by dying is reset by the service, perhaps between two
// of our commands, and then it has left the application: only a card that says twice that it has none is blank.
func readTwice(m medium, l *cardfile.Layout) (cardfile.Image, error) {
	image, err := m.read(l, everything)
	if missing(err) {
		image, err = m.read(l, everything)
	}
	return image, err
}
