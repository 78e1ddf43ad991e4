package cardio_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

const wallet = 2 // the kind of purse that pboc-purse has

// till is a counter that loads e-purses.
type till struct {
	*bench
	chip    *cardsim.Card
	journal *pages
}

// newTill has a card just issued in its reader.
func newTill(t *testing.T) *till { return newTillAt(newBench(t)) }

func newTillAt(b *bench) *till {
	w := &till{bench: b, chip: cardsim.NewBlank(uid(1)), journal: &pages{}}
	b.Purses, b.Journal = b.Keys.(*sam.File), w.journal
	w.issue(w.chip)
	return w
}

// issue makes a blank chip into a card with a purse, and leaves it in the slot.
func (w *till) issue(chip *cardsim.Card) {
	w.t.Helper()
	w.slot.Insert(chip)
	c, err := w.Issue(context.Background(), cardio.NewCard{Number: "6001", Meter: meter, Unit: cardio.Fen, Layout: "pboc-purse"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.close(c)
}

// order is a load that comes after what the card holds.
func (w *till) order(fen int64) cardio.Order {
	w.t.Helper()
	return cardio.Order{Purchase: uuid.New(), Count: w.read().Purse.Count + 1, Credit: fen, Total: 1_000_000 + fen}
}

// load presents the card and loads an order, at any terminal.
func load(t *cardio.Terminal, o cardio.Order) (cardio.Verdict, error) {
	c, err := t.Present(context.Background())
	if err != nil {
		return cardio.Untouched, err
	}
	v, err := c.Load(o)
	return v, errors.Join(err, c.Close())
}

// elsewhere is another terminal of the same utility, with its own reader and the same journal.
func (w *till) elsewhere() *cardio.Terminal {
	slot := cardsim.NewSlot("elsewhere")
	slot.Insert(w.chip)
	return &cardio.Terminal{Reader: slot, Keys: w.Keys, Utility: utility, Purses: w.Purses, Journal: w.journal}
}

func (w *till) holds(fen uint32) {
	w.t.Helper()
	if have, ok := w.chip.Balance(wallet); have != fen || !ok {
		w.t.Errorf("the chip holds %d fen, not %d", have, fen)
	}
}

// commands are how often an instruction was sent to the slot's card.
func commands(s *cardsim.Slot, ins byte) (n int) {
	for _, e := range s.Log() {
		if e.INS == ins {
			n++
		}
	}
	return n
}

func TestPurse(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	want := cardio.Contents{
		Rule:     cardio.ByBalance,
		Identity: cardio.Identity{UID: uid(1), Utility: utility, Number: "6001", Meter: meter, KeyVersion: 1, Unit: cardio.Fen},
		Purse:    cardio.Purse{Lacks: cardio.LacksPurchase | cardio.LacksCredit | cardio.LacksTotal},
	}
	if got := w.read(); got != want {
		t.Errorf("new card: %+v", got)
	}
	c := w.present()
	o := w.after(5000)
	if v, err := c.Load(o); v != cardio.Loaded || err != nil {
		t.Fatal(v, err)
	}
	sent := c.Traffic()
	if v, err := c.Load(o); v != cardio.Loaded || err != nil || c.Traffic() != sent {
		t.Errorf("again: %v, %v, %+v after %+v", v, err, c.Traffic(), sent)
	}
	if t.Logf("a load: %+v", sent); sent.Commands != 11 || sent.Written != 11 {
		t.Errorf("a load took %+v", sent)
	}
	w.close(c)
	if !w.chip.Spend(wallet, 1200) { // and the second load adds to what is left
		t.Fatal("the meter could not buy")
	}
	if v, err := load(w.Terminal, w.order(300)); v != cardio.Loaded || err != nil {
		t.Error(v, err)
	}
	want.Purse.Count, want.Purse.Balance = 2, 4100
	if got := w.read(); got != want {
		t.Errorf("in the end: %+v", got)
	}
	if len(w.journal.kept) > 0 {
		t.Error("the journal has a load that is done")
	}
}

// after is the first load of a new card.
func (w *till) after(fen int64) cardio.Order {
	return cardio.Order{Purchase: uuid.New(), Count: 1, Credit: fen, Total: fen}
}

// ring gives keys of e-purses that were tampered with.
type ring struct {
	cardio.PurseKeys
	change func(*sam.PurseKeys)
	err    error
}

func (r ring) Purse(version uint8, serial [8]byte) (sam.PurseKeys, error) {
	k, err := r.PurseKeys.Purse(version, serial)
	if r.change != nil {
		r.change(&k)
	}
	return k, errors.Join(err, r.err)
}

// halves is a key with two equal halves, as test cards have it.
func halves(t *testing.T) *sam.Key {
	t.Helper()
	k, err := sam.ParseComponent("34343434343434343434343434343434", "D59A4B")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestPurseRefused: what is not ours or not provable is refused by its name, and no CREDIT is sent.
func TestPurseRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*till)
		change  func(*cardio.Order)
		want    error
	}{
		"foreign card": {func(w *till) { w.Keys = sam.Generate() }, nil, cardio.ErrForeignCard},
		"MAC1 wrong":   {func(w *till) { w.Purses = sam.Generate() }, nil, cardio.ErrForeignCard},
		"key version":  {func(w *till) { w.Purses = ring{w.Purses, nil, sam.ErrVersion} }, nil, cardio.ErrKeyVersion},
		"trial keys":   {func(w *till) { w.Purses = ring{w.Purses, nil, sam.ErrTrial} }, nil, cardio.ErrTrialCard},
		"no keys":      {func(w *till) { w.Purses = nil }, nil, cardio.ErrKeyVersion},
		"equal halves": {func(w *till) {
			weak := halves(w.t)
			w.Purses = ring{w.Purses, func(k *sam.PurseKeys) { k.TAC = weak }, nil}
		}, nil, sam.ErrWeakKey},
		"no journal": {func(w *till) { w.Journal = nil }, nil, cardio.ErrNoJournal},
		"taken back": {nil, func(o *cardio.Order) { o.Credit, o.Total = -1, 5 }, cardio.ErrNoUnload},
		"too much":   {nil, func(o *cardio.Order) { o.Credit, o.Total = 1<<32, 1<<32 }, cardio.ErrOrderNotValid},
		"swapped": {func(w *till) {
			w.slot.Inject(cardsim.Nth(5), cardsim.SwapBefore(cardsim.NewBlank(uid(9)))) // after Present's last
		}, nil, cardio.ErrOtherCard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTill(t)
			o := w.order(500)
			if test.change != nil {
				test.change(&o)
			}
			if test.prepare != nil {
				test.prepare(w)
			}
			v, err := load(w.Terminal, o)
			blank := test.want == cardio.ErrForeignCard && errors.Is(err, cardio.ErrBlankCard) // one foreign key in 128 reads so
			if v != cardio.Untouched || !blank && !errors.Is(err, test.want) {
				t.Errorf("%v, %v", v, err)
			}
			if commands(w.slot, 0x52) > 0 {
				t.Error("CREDIT was sent")
			}
			if len(w.journal.kept) > 0 {
				t.Error("the journal has a load that was not begun")
			}
			w.holds(0)
		})
	}
}

// TestPurseReceipt: a receipt that is wrong proves nothing, and the right key settles it later.
func TestPurseReceipt(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	o, right := w.order(500), w.Purses
	w.Purses = ring{right, func(k *sam.PurseKeys) { k.TAC = k.Purchase }, nil}
	if v, err := load(w.Terminal, o); v != cardio.InDoubt || !errors.Is(err, cardio.ErrTorn) {
		t.Errorf("%v, %v", v, err)
	}
	w.Purses = right
	sent := commands(w.slot, 0x52)
	if v, err := load(w.Terminal, o); v != cardio.Loaded || err != nil || commands(w.slot, 0x52) != sent {
		t.Errorf("%v, %v", v, err)
	}
	w.holds(500)
}

// TestPurseWrongMAC2 counts against the purse: the load is not begun again until the service is restarted.
func TestPurseWrongMAC2(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	o := w.order(500)
	w.slot.Inject(cardsim.OnINS(0x52), cardsim.Refuse(0x9302))
	if v, err := load(w.Terminal, o); v != cardio.Untouched || !errors.Is(err, cardio.ErrCode) {
		t.Errorf("%v, %v", v, err)
	}
	if v, err := load(w.Terminal, o); v != cardio.Untouched || !errors.Is(err, cardio.ErrAuthTriesLow) {
		t.Errorf("again: %v, %v", v, err)
	}
	w.holds(0)
}

// TestPurseMisfit: an e-purse lies where the chip has one.
func TestPurseMisfit(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("cardfile/layouts/pboc-purse.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, elsewhere := range []string{"file3", "ef"} {
		l, err := cardfile.Parse([]byte(strings.Replace(string(good), `"ep"`, `"`+elsewhere+`"`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := cardio.Fits(l); !errors.Is(err, cardio.ErrMisfit) {
			t.Errorf("%s: %v", elsewhere, err)
		}
	}
}

// TestPurseIssue: a purse counts by itself, a card that has one is not blank, and it is told from vg1.
func TestPurseIssue(t *testing.T) {
	t.Parallel()
	w := newTill(t)
	again := cardio.NewCard{Number: "6002", Meter: meter, Unit: cardio.Fen, Layout: "pboc-purse"}
	for _, layout := range []string{"pboc-purse", "vg1"} {
		again.Layout = layout
		if _, err := w.Issue(t.Context(), again); !errors.Is(err, cardio.ErrNotBlank) {
			t.Errorf("%s: %v", layout, err)
		}
	}
	w.slot.Insert(cardsim.NewBlank(uid(2)))
	again.Layout, again.Count = "pboc-purse", 3
	if _, err := w.Issue(t.Context(), again); !errors.Is(err, cardio.ErrCountsItself) {
		t.Error(err)
	}
	w.issued(3)
	if got := w.read(); got.Rule != cardio.Cumulative {
		t.Errorf("%+v", got)
	}
}
