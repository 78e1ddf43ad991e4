package cardio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/metersim"
)

// rekeyable are the combinations whose cards are keyed anew while they are in use.
func rekeyable(t *testing.T) (all []combination) {
	t.Helper()
	for _, c := range combinations(t) {
		if c.layout.Name() == "vg1" && (c.chip == driver.FMCOS || c.chip == driver.AT24C04 || c.chip == driver.AT24C512) {
			all = append(all, c)
		}
	}
	if len(all) != 3 {
		t.Fatalf("%v", all)
	}
	return all
}

// rotated is a trial with two purchases on its card, whose meter has taken the first and written back; then its keys
// got a second version, which its meter was given.
func (c combination) rotated(t *testing.T) (*trial, *metersim.AnyMaker) {
	t.Helper()
	s := c.finished(t)
	keys, err := s.terminal.Keys.(*sam.File).Add(2, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := metersim.NewAnyMaker(metersim.Config{Number: meter, Keys: keys, Utility: utility, Unit: cardio.Litre, Start: time.Unix(1_800_000_000, 0)}, c.layout)
	s.buy()
	if err := m.Insert(string(c.chip), s.card); err != nil {
		t.Fatal(err)
	}
	s.buy()
	s.terminal.Keys, s.terminal.Codes, s.terminal.Purses = keys, keys, keys
	return s, m
}

// rekey presents the card and keys it anew.
func (s *trial) rekey() error {
	card, err := s.terminal.Present(context.Background())
	if err != nil {
		return err
	}
	if card.Contents().Identity.KeyVersion != 2 {
		err = card.Rekey(2)
	}
	return errors.Join(err, card.Close())
}

// rekeyCommands are those of a keying without a fault.
func (c combination) rekeyCommands(t *testing.T) []cardsim.Entry {
	t.Helper()
	s, _ := c.rotated(t)
	before := len(s.slot.Log())
	if err := s.rekey(); err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	return s.slot.Log()[before:]
}

// faults are all that can happen at a command, and at each byte of its write.
func faults(e cardsim.Entry) map[string]cardsim.Effect {
	all := map[string]cardsim.Effect{
		"fails": cardsim.FailBefore(), "loses its answer": cardsim.LoseAnswer(), "has no answer": cardsim.Short(0),
		"pulled before": cardsim.PullBefore(), "pulled after": cardsim.PullAfter(),
	}
	size := written(e)
	if e.CLA == 0x84 && e.INS == 0xD4 {
		size = 1 // a key is written as a whole
	}
	if size > 0 {
		all["ignored"] = cardsim.Ignore()
	}
	for k := range size {
		all[fmt.Sprintf("torn at byte %d, old", k)] = cardsim.Tear(k, cardsim.OldBytes)
		all[fmt.Sprintf("torn at byte %d, erased", k)] = cardsim.Tear(k, cardsim.ErasedBytes)
	}
	return all
}

// rekeyCut cuts a keying at its n-th command, twice where again is not below zero: then what completes it is cut, at that command.
// After it the card has to hold what it held, under the new keys, and no try may have been spent, but for one where the
// chip ignored a key.
func (c combination) rekeyCut(t *testing.T, name string, n int, do cardsim.Effect, again int, then cardsim.Effect) (completed bool) {
	t.Helper()
	s, m := c.rotated(t)
	before, err := s.look()
	if err != nil {
		t.Fatal(err)
	}
	s.slot.Inject(cardsim.Nth(n), do)
	if err := s.rekey(); err == nil && s.slot.Waiting() > 0 {
		t.Errorf("%s: the fault did not happen", name)
	}
	s.slot.Insert(s.card)
	if again >= 0 {
		s.slot.Inject(cardsim.Nth(again), then)
		_, _ = s.look()
		if s.slot.Waiting() > 0 { // what completes it has fewer commands
			return true
		}
		s.slot.Insert(s.card)
	}
	if n%2 == 0 { // on its way to the counter it is put into the meter
		_ = m.Insert(string(c.chip), s.card)
		if got := m.Snapshot().Loaded; got != before.Purse.Total && got != before.Purse.Total-before.Purse.Credit {
			t.Errorf("%s: the meter took %d, sold was %d", name, got, before.Purse.Total)
		}
	}
	s.whole(t, name, before)
	return false
}

// whole demands that the card is keyed anew by now, or by one more keying, and good for a purchase.
func (s *trial) whole(t *testing.T, name string, before cardio.Contents) {
	t.Helper()
	now, err := s.look()
	if err != nil {
		t.Errorf("%s: then: %v", name, err)
		return
	}
	if now.Purse != before.Purse || now.Identity.Number != before.Identity.Number || now.WriteBack == nil {
		t.Errorf("%s: it held %+v, and holds %+v", name, before, now)
	}
	if err := s.rekey(); err != nil {
		t.Errorf("%s: again: %v", name, err)
	}
	o := s.next(now.Purse)
	if v, err := s.load(o); v != cardio.Loaded {
		t.Errorf("%s: it cannot be loaded: %v, %v", name, v, err)
	}
	if now, err = s.look(); err != nil || now.Identity.KeyVersion != 2 || cardio.Judge(now.Purse, o) != cardio.Loaded || now.WriteBack == nil {
		t.Errorf("%s: in the end %+v, %v", name, now, err)
	}
	spent := 0
	for _, e := range s.slot.Log() {
		if e.SW>>8 == 0x63 || e.SW == 0x6983 || e.SW == 0x6988 {
			spent++
		}
	}
	if spent > 1 || spent == 1 && !strings.HasSuffix(name, "ignored") {
		t.Errorf("%s: %d tries were spent", name, spent)
	}
}

// TestRekeyCutAnywhere cuts the keying of a card at every command and at every byte of every write.
func TestRekeyCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, c := range rekeyable(t) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			cuts := 0
			for n, e := range c.rekeyCommands(t) {
				for what, do := range faults(e) {
					cuts++
					c.rekeyCut(t, fmt.Sprintf("command %d (%02X) %s", n, e.INS, what), n, do, -1, nil)
				}
			}
			if cuts < 100 {
				t.Errorf("only %d cuts", cuts)
			}
			t.Logf("%d cuts", cuts)
		})
	}
}

// TestRekeyCutTwice tears each write of a keying and then cuts what completes it, at every command.
func TestRekeyCutTwice(t *testing.T) {
	t.Parallel()
	for _, c := range rekeyable(t) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			cuts := 0
			for n, e := range c.rekeyCommands(t) {
				if written(e) == 0 && e.INS != 0xD4 {
					continue
				}
				for _, then := range []cardsim.Effect{cardsim.LoseAnswer(), cardsim.PullBefore(), cardsim.Tear(1, cardsim.ErasedBytes)} {
					for again := 0; !c.rekeyCut(t, fmt.Sprintf("command %d torn, then %d", n, again), n, cardsim.Tear(0, cardsim.ErasedBytes), again, then); again++ {
						cuts++
					}
				}
			}
			if cuts < 50 {
				t.Errorf("only %d cuts", cuts)
			}
			t.Logf("%d cuts", cuts)
		})
	}
}

// TestRekeyingFindsALostJournal: without its draft, a card that was torn while it was keyed is lost.
func TestRekeyingFindsALostJournal(t *testing.T) {
	t.Parallel()
	for _, c := range rekeyable(t) {
		lost := 0
		for n, e := range c.rekeyCommands(t) {
			if written(e) == 0 {
				continue
			}
			s, _ := c.rotated(t)
			s.journal.leaky = true
			s.slot.Inject(cardsim.Nth(n), cardsim.Tear(0, cardsim.ErasedBytes))
			_ = s.rekey()
			s.slot.Insert(s.card)
			if _, err := s.look(); err != nil {
				lost++
			}
		}
		if lost < 3 {
			t.Errorf("%s: %d cuts did harm", c, lost)
		}
	}
}

// TestRekeyDraftLeftBehind: a draft is no licence to write a card that was sold to since.
func TestRekeyDraftLeftBehind(t *testing.T) {
	t.Parallel()
	c := combination{driver.AT24C04, rekeyable(t)[0].layout}
	s, _ := c.rotated(t)
	for n, e := range c.rekeyCommands(t) {
		if written(e) > 0 { // the older copy is torn: the card is still one of version 1
			s.slot.Inject(cardsim.Nth(n), cardsim.Tear(1, cardsim.ErasedBytes))
			break
		}
	}
	if err := s.rekey(); err == nil {
		t.Fatal("it was not cut")
	}
	s.slot.Insert(s.card)
	s.buy()
	s.card.(memoryChip).Poke(40, []byte{s.card.Image()[40] ^ 0x10}) // the seal of its identity
	before := string(s.card.Image())
	if _, err := s.look(); !errors.Is(err, cardio.ErrForeignCard) {
		t.Errorf("%v", err)
	}
	if string(s.card.Image()) != before {
		t.Error("the card was written")
	}
}

// restricted is a reader whose other end sends no commands that make keys.
type restricted struct{ *cardsim.Slot }

func (r restricted) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Slot.Connect(ctx)
	return noKeys{l}, err
}

type noKeys struct{ cardio.Link }

func (noKeys) MayIssue() bool { return false }

func TestRekeyRefuses(t *testing.T) {
	t.Parallel()
	layout := rekeyable(t)[0].layout
	for name, test := range map[string]struct {
		on     combination
		change func(*trial)
		want   error
	}{
		"the code of an SLE4428 may be torn": {combination{driver.SLE4428, layout}, nil, cardio.ErrNoRekey},
		"a trailer of MIFARE may be torn":    {combination{driver.Mifare1K, layout}, nil, cardio.ErrNoRekey},
		"AT88SC has the utility's codes":     {combination{driver.AT88SC1608, layout}, nil, cardio.ErrNoRekey},
		"no journal":                         {combination{driver.FMCOS, layout}, func(s *trial) { s.terminal.Journal = nil }, cardio.ErrNoJournal},
		"a terminal that makes no keys":      {combination{driver.FMCOS, layout}, func(s *trial) { s.terminal.Reader = restricted{s.slot} }, cardio.ErrNotHere},
		"keys that nobody has":               {combination{driver.FMCOS, layout}, func(s *trial) { s.terminal.Keys = rooted(t, 1) }, cardio.ErrForeignCard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := test.on.rotated(t)
			before := string(s.card.Image())
			if test.change != nil {
				test.change(s)
			}
			if err := s.rekey(); !errors.Is(err, test.want) {
				t.Errorf("%v", err)
			}
			if string(s.card.Image()) != before || len(s.journal.kept) > 0 {
				t.Error("something was written")
			}
		})
	}
}

// TestRekeyOtherLayouts: what seals nothing with the meter's keys, or says no version, is not keyed anew.
func TestRekeyOtherLayouts(t *testing.T) {
	t.Parallel()
	layouts, err := cardfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layouts {
		if want := l.Name() == "vg1"; l.Rekeys() != want {
			t.Errorf("%s: %v", l.Name(), l.Rekeys())
		}
	}
}
