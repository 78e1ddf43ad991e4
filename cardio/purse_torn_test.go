package cardio_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// TestPurseTornAtCredit: the card's proof decides both ways, at another terminal, and the meter may have bought since.
func TestPurseTornAtCredit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cut    cardsim.Effect
		spends uint32
		truth  cardio.Verdict
	}{
		"not done": {cardsim.PullBefore(), 0, cardio.Untouched}, "done": {cardsim.PullAfter(), 0, cardio.Loaded},
		"not done, then bought": {cardsim.FailBefore(), 40, cardio.Untouched}, "done, then bought": {cardsim.LoseAnswer(), 40, cardio.Loaded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTill(t)
			if v, err := load(w.Terminal, w.order(100)); v != cardio.Loaded {
				t.Fatal(v, err)
			}
			o := w.order(700)
			w.slot.Inject(cardsim.OnINS(0x52), test.cut)
			if v, err := load(w.Terminal, o); v != cardio.InDoubt || err == nil {
				t.Fatalf("a lost answer was judged %v, %v", v, err)
			}
			if d := w.journal.kept[uid(1)]; !bytes.Equal(d.Old["purse"], []byte{2, 0, 0, 0, 100, 0, 1}) ||
				!bytes.Equal(d.New["purse"], []byte{2, 0, 0, 3, 32, 0, 2}) || len(d.New["#load"]) != 17 {
				t.Errorf("the journal has %+v", d)
			}
			if test.spends > 0 && !w.chip.Spend(wallet, test.spends) {
				t.Fatal("the meter could not buy")
			}
			other := w.elsewhere()
			c, err := other.Present(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if v := cardio.Judge(c.Contents().Purse, o); v != test.truth {
				t.Errorf("judged %v", v)
			}
			if slot := other.Reader.(*cardsim.Slot); commands(slot, 0x5A) != 1 {
				t.Error("the card was not asked for its proof")
			}
			if v, err := c.Load(o); v != cardio.Loaded || err != nil {
				t.Error(v, err)
			}
			w.close(c)
			w.holds(800 - test.spends)
		})
	}
}

// TestPurseUnproved: a proof that is gone, and nothing that explains it, is guessed at by nobody.
func TestPurseUnproved(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	o := w.order(700)
	w.slot.Inject(cardsim.OnINS(0x52), cardsim.PullAfter())
	if v, _ := load(w.Terminal, o); v != cardio.InDoubt {
		t.Fatal(v)
	}
	w.slot.Insert(w.chip)
	link, err := w.slot.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"\x00\xA4\x04\x00\x0A\xF0VENDGATE\x02", "\x80\x50\x00\x02\x0B\x01\x00\x00\x00\x01\x01\x02\x03\x04\x05\x06\x10"} {
		if _, err := link.Transmit([]byte(c)); err != nil { // another program looks at the purse
			t.Fatal(err)
		}
	}
	_ = link.Close()
	if v, err := load(w.Terminal, o); v != cardio.Untouched || !errors.Is(err, cardio.ErrTorn) || len(w.journal.kept) != 1 {
		t.Errorf("%v, %v, the journal has %v", v, err, w.journal.kept)
	}
	w.chip.Spend(wallet, 1)
	if v, err := load(w.Terminal, o); v != cardio.Loaded || err != nil {
		t.Errorf("after a purchase: %v, %v", v, err)
	}
	w.holds(699)
}

// full is a journal that cannot forget.
type full struct{ *pages }

var errFull = errors.New("the disk is full")

func (full) Done(cardio.UID) error { return errFull }

// TestPurseJournalThatCannotForget: the proof is not destroyed before the draft is done with.
func TestPurseJournalThatCannotForget(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	o := w.order(500)
	w.Journal = full{w.journal}
	for range 2 {
		if _, err := load(w.Terminal, o); !errors.Is(err, errFull) {
			t.Error(err)
		}
	}
	w.Journal = w.journal
	if v, err := load(w.Terminal, o); v != cardio.Loaded || err != nil || commands(w.slot, 0x52) != 1 {
		t.Errorf("%v, %v", v, err)
	}
	w.holds(500)
}

// TestPurseJournalComesFirst: when CREDIT is sent, all that it says is in the journal.
func TestPurseJournalComesFirst(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	seen := 0
	w.slot.Inject(func(_ int, c []byte) bool {
		if c[1] == 0x52 {
			seen++
			rest := w.journal.kept[uid(1)].New["#load"]
			if len(rest) != 17 || !bytes.Equal(rest[6:], c[5:16]) || !bytes.Equal(rest[:6], []byte{0x56, 0x47, 0, 0, 0, 1}) {
				t.Errorf("CREDIT %X, and the journal has %X", c, rest)
			}
		}
		return false
	}, nil)
	if v, err := load(w.Terminal, w.order(500)); v != cardio.Loaded || err != nil || seen != 1 {
		t.Error(v, err, seen)
	}
}

// TestPurseChangedUnderneath: what is loaded is added to what was read, or not at all.
func TestPurseChangedUnderneath(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	if v, err := load(w.Terminal, w.order(500)); v != cardio.Loaded {
		t.Fatal(v, err)
	}
	o := w.order(70)
	c := w.present()
	w.chip.Spend(wallet, 1)
	if v, err := c.Load(o); v == cardio.Loaded || !errors.Is(err, cardio.ErrOtherCard) {
		t.Errorf("%v, %v", v, err)
	}
	w.close(c)
	w.holds(499)
}

// liar is a reader that answers for the card: that the load which was begun is proved, and with which balance.
type liar struct {
	cardio.Reader
	proof, balance []byte
}

func (l liar) Connect(ctx context.Context) (cardio.Link, error) {
	link, err := l.Reader.Connect(ctx)
	return lying{link, l}, err
}

type lying struct {
	cardio.Link
	liar
}

func (l lying) Transmit(c []byte) ([]byte, error) {
	switch c[1] {
	case 0x5A:
		return append(bytes.Clone(l.proof), 0x90, 0), nil
	case 0x5C:
		return append(bytes.Clone(l.balance), 0x90, 0), nil
	}
	return l.Link.Transmit(c)
}

// TestPurseProofWithoutSequence: a proof that the sequence of the card refutes proves nothing.
func TestPurseProofWithoutSequence(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	o := w.order(0x64)
	w.slot.Inject(cardsim.OnINS(0x52), cardsim.FailBefore())
	if v, _ := load(w.Terminal, o); v != cardio.InDoubt {
		t.Fatal(v)
	}
	keys, err := w.Purses.Purse(1, uid(1))
	if err != nil {
		t.Fatal(err)
	}
	rest := w.journal.kept[uid(1)].New["#load"]
	receipt := append([]byte{0, 0, 0, 0x64, 0, 0, 0, 0, 0, 0x64, wallet}, rest[:13]...)
	tac, err := keys.TAC.TAC(receipt)
	if err != nil {
		t.Fatal(err)
	}
	w.Reader = liar{w.slot, append(bytes.Clone(rest[13:]), tac[:]...), []byte{0, 0, 0, 0x64}}
	if v, err := load(w.Terminal, o); v == cardio.Loaded || !errors.Is(err, cardio.ErrTorn) {
		t.Errorf("%v, %v", v, err)
	}
	w.Reader = w.slot
	if v, err := load(w.Terminal, o); v != cardio.Loaded || err != nil {
		t.Error(v, err)
	}
	w.holds(0x64)
}
