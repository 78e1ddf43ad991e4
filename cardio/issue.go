package cardio

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/sam"
)

// NewCard is what a blank card is made into. A customer's first card starts at
// count and total zero; a replacement starts where the lost one stood (RULES C2).
type NewCard struct {
	UID    UID    // the chip it was prepared for (Chip); zero: whichever is in the reader
	Number string // the card number printed on it, 1 to 16 digits
	Meter  string // the meter's 14-digit number
	Unit   Unit
	Layout string // by name; "": the terminal's (Issues)
	Count  uint32
	Total  int64   // in Unit, all purchases so far
	Last   []Order // the last purchases up to Count, newest first, LastPurchases at most: the meter may not have taken them
}

// KnownByNumber is why a card is not issued under the UID that it was prepared under: its chip has no number, its layout
// no place for one, and so it is known by the number that is printed on it, under this UID.
type KnownByNumber struct{ UID UID }

func (k KnownByNumber) Error() string {
	return fmt.Sprintf("the card has no number but its own: it is known as %X, and has to be registered so", k.UID[:])
}

// LastPurchases is how many purchases the load rules ask of a replacement: history
// three, counter the last one. What is cumulative shows that one, and needs none.
const LastPurchases = 3

// defaultLayout is the one of a new card, where none is named and the chip has room for it.
const defaultLayout = "vg1"

// Issue makes the blank card in the reader into a customer's card and returns
// it, read back and verified. A card whose issue was cut is blank again and may
// be issued from the start. It fails as Present does, with ErrNotBlank on a card
// that was issued already, with ErrReadOnly where a maker issues the cards, with
// ErrNotHere where the terminal sends nothing that makes keys, and
// with ErrOrderNotValid on values that do not fit the layout, and with KnownByNumber
// where it would be known by another UID than it was prepared under, before a byte
// is written.
func (t *Terminal) Issue(ctx context.Context, n NewCard) (*Card, error) {
	c, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err = ErrNotHere; c.mayKey() {
		err = c.issue(n)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Card) issue(n NewCard) error {
	err := c.read()
	switch {
	case n.UID != (UID{}) && c.uid != (UID{}) && n.UID != c.uid:
		return ErrOtherCard
	case c.contents.Identity != Identity{}: // it was proved
		return ErrNotBlank
	case !errors.Is(err, ErrBlankCard):
		return err
	}
	if c.sheet, err = c.choose(n); err != nil {
		return err
	}
	if err := c.startsAtZero(n); err != nil {
		return err
	}
	keys, err := c.newKeys(n)
	if err != nil {
		return fault(err)
	}
	if n.UID != (UID{}) && n.UID != keys.uid {
		return KnownByNumber{keys.uid}
	}
	plan, err := c.layout.Issue(c.empty(), c.newValues(n, keys.uid), keys.file())
	if err != nil {
		return fault(err)
	}
	c.terminal.spared().forget(keyOf{card: keys.uid}) // before: where the last answer is lost the card is whole, with its new keys
	if err := c.make(plan, keys); err != nil {
		return fault(err)
	}
	c.sheet = sheet{}
	return c.read()
}

// choose picks the layout of a new card among those that the blank one could have.
func (c *Card) choose(n NewCard) (sheet, error) {
	wanted, found := cmp.Or(n.Layout, c.terminal.Issues), []sheet{}
	all := c.blank
	if c.layout != nil {
		all = append(all, c.sheet) // its issue was cut when nearly done
	}
	if c.cpu == nil && slices.ContainsFunc(all, func(s sheet) bool { return s.chip != all[0].chip }) {
		return sheet{}, fmt.Errorf("%w: a blank chip that may be one of several: say which the utility uses", ErrUnknownCard)
	}
	for _, s := range all {
		if s.layout.Name() == wanted || wanted == "" && s.layout.Name() == defaultLayout {
			return s, nil
		}
		if wanted == "" && s.layout.Rule() != "" {
			found = append(found, s)
		}
	}
	if wanted != "" {
		return sheet{}, fmt.Errorf("%w: %s is not for this chip", ErrUnknownContent, wanted)
	}
	if len(found) != 1 {
		return sheet{}, fmt.Errorf("%w: %d layouts could be put on it, name one", ErrUnknownContent, len(found))
	}
	return found[0], nil
}

// empty is the image of the blank card, every area there. The files of a CPU card are made anew, and erased.
func (c *Card) empty() cardfile.Image {
	if c.cpu != nil {
		m := c.layout.Whole(cardfile.Image{})
		c.emptyPurse(m)
		return m
	}
	return c.layout.Whole(c.image)
}

// issueKeys is what a new card is given.
type issueKeys struct {
	version uint8
	uid     UID // of the chip, or one made up where it has none
	card    sam.Card
	meter   sam.Meter
	write   sam.Writer    // the meter's, for this card
	purse   sam.PurseKeys // where the layout has one
}

// file are the keys of the layout's MACs.
func (k issueKeys) file() cardfile.Keys {
	return cardfile.Keys{Purse: k.meter.Purse, WriteBack: k.meter.WriteBack}
}

func (c *Card) newKeys(n NewCard) (k issueKeys, err error) {
	uid := c.uid
	if uid == (UID{}) {
		uid = c.madeUp(n)
	}
	return c.keysFor(c.terminal.Keys.Current(), uid, n.Meter)
}

// keysFor is what a card of that chip and meter is given in a version of the keys.
func (c *Card) keysFor(version uint8, uid UID, meter string) (k issueKeys, err error) {
	k.version, k.uid = version, uid
	if k.card, err = c.terminal.Keys.Card(k.version, k.uid); err != nil {
		return k, err
	}
	if k.meter, err = c.terminal.Keys.Meter(k.version, meter); err != nil {
		return k, err
	}
	if k.write, err = k.meter.On(k.uid); err != nil || !c.hasPurse() {
		return k, err
	}
	k.purse, err = c.terminal.purseKeys(k.version, k.uid)
	return k, err
}

// madeUp is by what number a card is known whose chip has none.
func (c *Card) madeUp(n NewCard) UID {
	if !c.layout.Holds(cardfile.UID) {
		return c.identityOf(cardfile.Values{cardfile.Number: n.Number}).UID
	}
	return c.nameless(n.UID)
}

// nameless is the number of a blank card: its chip's, else the one that it was prepared under, else the one that it
// was going to have when its issue was cut, else a new one.
func (c *Card) nameless(prepared UID) UID {
	for _, uid := range [...]UID{c.uid, prepared, c.announced()} {
		if uid != (UID{}) {
			return uid
		}
	}
	return newUID()
}

// newUID makes up a number for a chip that has none.
func newUID() (uid UID) {
	_, _ = rand.Read(uid[:]) // never fails: it ends the program instead
	return uid
}

// make puts a plan onto the blank card: on a CPU card it makes application, keys and files first. A memory chip that is
// blank opens to the maker's code or to none, as another customer's AT24C does: it is looked at again.
func (c *Card) make(plan cardfile.Plan, keys issueKeys) error {
	if c.cpu != nil {
		return c.personalise(plan, keys)
	}
	if err := c.still(); err != nil {
		return err
	}
	return c.key(plan, keys)
}
