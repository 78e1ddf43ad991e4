package cardio

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// Restricted is a link whose other end decides which commands it sends. Any other link sends all.
type Restricted interface {
	// MayIssue tells whether commands that make files and keys are sent.
	MayIssue() bool
}

// Rekey seals the card anew with the keys of another version that this service holds, and gives it keys of that version. What it holds
// stays. Cut anywhere, it is completed when the card is presented next (Present), as the journal has it; until then neither
// counter nor meter takes the card for anything. It fails with ErrNoRekey, ErrNoJournal or ErrNotHere, with nothing
// done, or with ErrHalfKeyed: then the card has to be presented again. A card whose MF refuses us (ErrCardRefused,
// ErrAuthTriesLow) has nothing done to it either, and goes on with the keys that it has.
func (c *Card) Rekey(version uint8) error {
	if err := c.mayRekey(); err != nil {
		return err
	}
	if err := c.still(); err != nil {
		return err
	}
	id := c.contents.Identity
	keys, err := c.keysFor(version, id.UID, id.Meter)
	if err != nil {
		return fault(err)
	}
	sealed, err := c.layout.Rekeyed(c.held, int64(version), keys.file())
	if err != nil {
		return fault(err)
	}
	if err := c.proveMaster(keys.card.Transport); err != nil {
		return fault(err)
	}
	draft := Draft{c.layout.Name(), id.Number, c.image, sealed}
	if err := c.terminal.Journal.Begin(id.UID, draft); err != nil {
		return fmt.Errorf("keep the card's image: %w", err)
	}
	err = c.announceRekey(sealed)
	if err == nil {
		err = c.reseal(draft, keys)
	}
	if err != nil {
		c.lost = fmt.Errorf("%w: %w", ErrHalfKeyed, err)
	}
	return c.lost
}

// proveMaster proves that a CPU card will take keys from us, before anything is written that only new keys complete: the MF
// may have got another key since the card was issued. The application is entered again, whatever the MF said.
func (c *Card) proveMaster(transport *sam.Key) error {
	if c.cpu == nil {
		return nil
	}
	err := c.ownMaster(transport)
	if back := c.cpu.Select(c.layout.Application(string(c.chip))); err == nil {
		err = back
	}
	return err
}

// announceRekey makes all writes but the last under the old keys: with its purse sealed anew, the card is none of the old
// version any more, and not yet one of the new. Each is seen to be there before the next: over an older copy that the chip left
// as it was, the newest must not be sealed anew.
func (c *Card) announceRekey(sealed cardfile.Image) error {
	writes := c.layout.Reseal(c.image, sealed).Writes
	for _, w := range writes[:len(writes)-1] {
		if err := c.put([]cardfile.Write{w}); err != nil {
			return err
		}
		now, err := c.medium.read(c.layout, func(area string) bool { return area == w.Area })
		if err != nil {
			return fault(err)
		}
		if !bytes.Equal(now[w.Area][w.Offset:][:len(w.Data)], w.Data) {
			return fmt.Errorf("%w: it answered done, and holds what it held", ErrCardRefused)
		}
	}
	return nil
}

// mayRekey says why the card is not keyed anew, or nil.
func (c *Card) mayRekey() error {
	switch {
	case c.lost != nil:
		return c.lost
	case !c.layout.Rekeys() || !c.keysWhole():
		return fmt.Errorf("%w: %s on %s", ErrNoRekey, c.layout.Name(), c.chip)
	case c.terminal.Journal == nil:
		return ErrNoJournal
	case c.terminal.spared().has(c.ours()) || c.cpu != nil && c.terminal.spared().has(c.makers()):
		return ErrAuthTriesLow
	case !c.mayKey():
		return ErrNotHere
	}
	return nil
}

// keysWhole tells whether the chip's own keys can be replaced so that a cut leaves the old or the new ones: a CPU card
// writes a key as a whole, and an AT24C has none. A torn code of an SLE44xx, or a torn trailer of a MIFARE sector, is one that nobody
// knows; AT88SC chips keep the utility's.
func (c *Card) keysWhole() bool {
	m, ok := c.medium.(*memory)
	if !ok {
		return true
	}
	for _, a := range m.chip.Areas() {
		if a.Write != driver.Free {
			return false
		}
	}
	return true
}

// halfKeyed tells whether a card that cannot be proved may be one whose keying was cut. A torn version may be any.
func (c *Card) halfKeyed(err error) bool {
	for _, seen := range [...]error{ErrBlankCard, ErrForeignCard, ErrDamagedCard, ErrKeyVersion, ErrTrialCard, ErrProductionCard} {
		if errors.Is(err, seen) {
			return c.terminal.Journal != nil && c.layout.Rekeys()
		}
	}
	return false
}

// finishRekey completes the keying of a card that cannot be proved, cause says why, where the journal has one of it.
func (c *Card) finishRekey(cause error) error {
	draft, found, err := c.keying()
	if err != nil || !found {
		return errors.Join(err, cause)
	}
	if c.cpu != nil && !c.mayKey() {
		return fmt.Errorf("%w: the card was being keyed anew: %w", ErrNotHere, cause)
	}
	claim, err := c.layout.Claim(draft.New)
	if err != nil {
		return errors.Join(cause, err)
	}
	id := c.identityOf(claim)
	keys, err := c.keysFor(id.KeyVersion, id.UID, id.Meter)
	if err != nil {
		return errors.Join(fault(err), cause)
	}
	if err := c.layout.Prove(draft.New, keys.file()); err != nil {
		return errors.Join(cause, err)
	}
	c.contents.Identity = id
	if err := c.reseal(draft, keys); err != nil {
		return fmt.Errorf("%w: %w", ErrHalfKeyed, err)
	}
	return nil
}

// keying is the draft of the keying that was begun on a card which cannot be proved. One that was left behind, on a card
// that somebody else has written since, is none.
func (c *Card) keying() (d Draft, found bool, err error) {
	claim := c.layout.Announced(c.image)
	if claim == nil {
		return d, false, nil
	}
	id := c.identityOf(claim)
	if d, found, err = c.terminal.Journal.Find(id.UID); err != nil {
		return d, false, fmt.Errorf("look for the card's draft: %w", err)
	}
	found = found && d.Layout == c.layout.Name() && d.Number == id.Number
	return d, found && c.layout.Compare(c.image, d.Old, d.New) == cardfile.Mixed, nil
}

// mayKey tells whether commands that make keys reach the card.
func (c *Card) mayKey() bool {
	r, ok := c.link.(Restricted)
	return !ok || r.MayIssue()
}

// reseal brings a card that was begun to be keyed anew to the image that its draft wants, whatever of it was done
// before, and reads it.
func (c *Card) reseal(d Draft, keys issueKeys) error {
	if c.cpu != nil {
		if err := c.replaceKeys(keys); err != nil {
			return fault(err)
		}
	}
	now, err := c.medium.read(c.layout, everything)
	if err != nil {
		return fault(err)
	}
	if err := c.putWith(c.layout.Reseal(now, d.New).Writes, keyring{vendor: keys.card.Vendor}); err != nil {
		return err
	}
	if c.image, err = c.medium.read(c.layout, everything); err != nil {
		return fault(err)
	}
	if c.layout.Compare(c.image, d.New, d.New) != cardfile.AsNew {
		return fmt.Errorf("%w: its keying was not completed", ErrTorn)
	}
	if err := c.proved(); err != nil {
		return err
	}
	c.terminal.spared().forget(c.ours())
	_ = c.terminal.Journal.Done(keys.uid) // one that stays is on a card that needs none, until the next takes its place
	return nil
}

// replaceKeys gives a CPU card the pairs of its two writers anew, whichever it has.
func (c *Card) replaceKeys(keys issueKeys) error {
	if err := c.ownMaster(keys.card.Transport); err != nil {
		return err
	}
	if err := c.cpu.Select(c.layout.Application(string(c.chip))); err != nil {
		return err
	}
	if err := c.replacePair(vendorKey, keys.card.Vendor, keys.card.Transport); err != nil {
		return err
	}
	return c.replacePair(meterKey, keys.write, keys.card.Transport)
}

func (c *Card) replacePair(id byte, w sam.Writer, transport *sam.Key) error {
	if err := c.cpu.ReplaceAuthKey(id, id, keyTries, w.Auth, transport); err != nil {
		return c.sparing(err)
	}
	return c.sparing(c.cpu.ReplaceMessageKey(id, keyTries, w.Message, transport))
}
