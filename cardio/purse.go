package cardio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// PurseKeys has the issuer's keys of e-purses: a *sam.Set, or a *sam.File.
type PurseKeys interface {
	// Purse gives the keys of the purse of the card with that serial number, or fails as Keys.Card does.
	Purse(version uint8, serial [8]byte) (sam.PurseKeys, error)
}

// purseSize is how many bytes an e-purse is shown as: its kind, the balance, and the sequence of its loads.
const purseSize = 7

// drafted is the area of a draft that has what of a load no image says: terminal, date and time, MAC2. No layout can have an area
// of that name.
const drafted = "#load"

// china is the zone of a purse's dates: PBOC is China's.
var china = time.FixedZone("CST", 8*60*60)

// purseKind is which purse an area of a CPU card is, 0 where it is a file.
func purseKind(area string) driver.PurseKind {
	switch area {
	case "ep":
		return driver.Wallet
	case "ed":
		return driver.Passbook
	}
	return 0
}

// purse is the e-purse of a card that was identified.
type purse struct {
	*driver.Purse
	area     string // of the layout
	kind     driver.PurseKind
	terminal [6]byte
	keys     sam.PurseKeys
}

// hasPurse tells whether an area of the card is an e-purse.
func (c *Card) hasPurse() bool { return c.layout.Purse(string(c.chip)) != nil }

// purse is the card's e-purse, with its keys: ErrKeyVersion, ErrTrialCard, ErrProductionCard.
func (c *Card) purse() (p purse, err error) {
	said, id := c.layout.Purse(string(c.chip)), c.contents.Identity
	if p.keys, err = c.terminal.purseKeys(id.KeyVersion, id.UID); err != nil {
		return p, fault(err)
	}
	for _, place := range c.layout.On(string(c.chip)) {
		if place.Area == said.Area {
			p.kind = purseKind(place.On[0].Area)
		}
	}
	p.area, p.terminal = said.Area, [6]byte(said.Terminal)
	p.Purse = c.cpu.Purse(p.kind, said.LoadKey)
	return p, nil
}

func (t *Terminal) purseKeys(version uint8, serial UID) (sam.PurseKeys, error) {
	if t.Purses == nil {
		return sam.PurseKeys{}, fmt.Errorf("%w: no keys of e-purses", ErrKeyVersion)
	}
	return t.Purses.Purse(version, serial)
}

// shown is the purse as the layout sees it.
func (p purse) shown(l driver.Load) []byte {
	b := binary.BigEndian.AppendUint32([]byte{byte(p.kind)}, l.Balance)
	return binary.BigEndian.AppendUint16(b, l.Sequence)
}

// held is the balance and the sequence that such an area shows; ok where it is one.
func held(area []byte) (l driver.Load, ok bool) {
	if len(area) != purseSize {
		return l, false
	}
	return driver.Load{Balance: binary.BigEndian.Uint32(area[1:]), Sequence: binary.BigEndian.Uint16(area[5:])}, true
}

// account adds the e-purse to an image, once a load that was begun is settled. What it says is proved by its MAC1.
func (c *Card) account(image cardfile.Image) error {
	p, err := c.purse()
	if err != nil {
		return err
	}
	settled, err := c.settle(p)
	if err != nil {
		return err
	}
	now, err := p.Look(p.terminal, p.keys.Load)
	if err != nil {
		return fault(err)
	}
	if settled != nil && *settled != now.Sequence {
		return fmt.Errorf("%w: its purse has sequence %d, and %d was proved", ErrTorn, now.Sequence, *settled)
	}
	image[p.area] = p.shown(now)
	return nil
}

// settle finds out what became of the load that the journal has of this card: by the purse's own proof, and by what agrees
// with it (driver.Purse.Settle). Right after CREDIT and at any later presentation it is the same. It gives the sequence that
// was proved, nil where no load was begun. The draft is done with before anything is sent that may destroy the
// proof; where it cannot be, the card is not read on, and settles once more.
func (c *Card) settle(p purse) (sequence *uint16, err error) {
	draft, found, err := c.draft()
	if err != nil || !found {
		return nil, err
	}
	load, err := begun(draft, p.area)
	if err != nil {
		return nil, err
	}
	loaded, err := p.Settle(load, p.keys.Load, p.keys.TAC)
	if err != nil {
		return nil, fault(err)
	}
	if err := c.terminal.Journal.Done(c.contents.Identity.UID); err != nil {
		return nil, fmt.Errorf("forget the card's draft: %w", err)
	}
	if loaded {
		load.Sequence++
	}
	return &load.Sequence, nil
}

// begun is the load that a draft is of: ErrTorn where it is of none.
func begun(d Draft, area string) (driver.Load, error) {
	load, ok := held(d.Old[area])
	after, too := held(d.New[area])
	rest := d.New[drafted]
	if !ok || !too || after.Balance < load.Balance || len(rest) != len(load.Terminal)+len(load.When)+len(load.MAC2) {
		return load, fmt.Errorf("%w: the journal has no load of its purse", ErrTorn)
	}
	load.Amount = after.Balance - load.Balance
	rest = rest[copy(load.Terminal[:], rest):]
	rest = rest[copy(load.When[:], rest):]
	copy(load.MAC2[:], rest)
	return load, nil
}

// credit loads the e-purse as planned: INITIALIZE, then all of the load into the journal, then CREDIT.
func (c *Card) credit(plan cardfile.Plan) error {
	p, err := c.purse()
	if err != nil {
		return err
	}
	load, err := c.start(p, plan)
	if err != nil {
		return err
	}
	plan.New[drafted] = slices.Concat(load.Terminal[:], load.When[:], load.MAC2[:])
	if err := c.begin(plan); err != nil {
		return err
	}
	c.plan = plan
	err = p.Credit(load, p.keys.TAC)
	if errors.Is(err, driver.ErrSecret) {
		c.terminal.spared().add(c.ours())
	}
	return fault(err)
}

// start begins the load of what a plan adds, on the purse as it was read: ErrOtherCard.
func (c *Card) start(p purse, plan cardfile.Plan) (driver.Load, error) {
	was, _ := held(c.image[p.area])
	after, _ := held(plan.New[p.area])
	load, err := p.Start(after.Balance-was.Balance, p.terminal, p.keys.Load)
	if err != nil {
		return load, fault(err)
	}
	if load.Balance != was.Balance || load.Sequence != was.Sequence {
		return load, fmt.Errorf("%w: its purse is not as it was read", ErrOtherCard)
	}
	load, err = p.Sign(load, time.Now().In(china), p.keys.Load)
	return load, fault(err)
}
