package cardio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// pages is a journal in memory.
type pages struct {
	mu    sync.Mutex
	kept  map[cardio.UID]cardio.Draft
	found int  // drafts that were found
	leaky bool // it forgets what it is given
}

func (p *pages) Begin(uid cardio.UID, d cardio.Draft) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[cardio.UID]cardio.Draft{}
	}
	if !p.leaky {
		p.kept[uid] = cardio.Draft{Layout: d.Layout, Number: d.Number, Old: d.Old.Clone(), New: d.New.Clone()}
	}
	return nil
}

func (p *pages) Find(uid cardio.UID) (cardio.Draft, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, ok := p.kept[uid]
	if ok {
		p.found++
	}
	return d, ok, nil
}

func (p *pages) Done(uid cardio.UID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.kept, uid)
	return nil
}

// combination is a layout on a chip.
type combination struct {
	chip   driver.Chip
	layout *cardfile.Layout
}

func (c combination) String() string { return fmt.Sprintf("%s on %s", c.layout.Name(), c.chip) }

// fresh makes a new chip of a kind, with the n-th serial number where it has one. Chips that a counter cannot key come
// with the utility's codes.
func fresh(chip driver.Chip, n uint64, keys *sam.File) cardsim.Chip {
	code := func(label string, size int) []byte {
		secret, err := keys.Secret(keys.Current(), label, make([]byte, 8), size)
		if err != nil {
			panic(err)
		}
		return secret.Expose()
	}
	if chip == driver.FMCOS {
		return cardsim.NewBlank(uid(n))
	}
	return cardsim.Fresh(string(chip), n, code)
}

// combinations are all layouts that can be loaded, on all chips for which there is an emulator.
func combinations(t *testing.T) (all []combination) {
	t.Helper()
	layouts, err := cardfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layouts {
		for _, name := range l.Chips() {
			if chip := driver.Chip(name); l.Rule() != "" {
				all = append(all, combination{chip, l})
			}
		}
	}
	return all
}

// trial is one card of a combination, loaded again and again with a fault on the way.
type trial struct {
	combination
	slot     *cardsim.Slot
	card     cardsim.Chip
	terminal *cardio.Terminal
	journal  *pages
	failures []string
	cuts     int
	torn     int        // cuts after which the card held neither the old nor the new
	known    cardio.UID // of a card that is known by its number; zero: of none
	again    int        // cuts after which a blank chip said so itself
	t0       bool       // the reader speaks T=0
}

func (c combination) trial(t *testing.T, layouts []*cardfile.Layout) *trial {
	t.Helper()
	return c.keyed(t, layouts, sam.Generate())
}

// finished is a trial of a card that others do not take for one whose issue was cut: of vg1, one seal in 128 ends like that.
func (c combination) finished(t *testing.T) *trial {
	t.Helper()
	for {
		s := c.trial(t, nil)
		image := s.card.Image()
		if chip, ok := s.card.(*cardsim.Card); ok {
			image = chip.File(vendorSFI)
		}
		begins := bytes.Index(image, []byte("VG01"))
		if begins < 0 || image[begins+identitySize-1]%0xFF != 0 {
			return s
		}
	}
}

// keyed is a trial with those keys.
func (c combination) keyed(t *testing.T, layouts []*cardfile.Layout, keys *sam.File) *trial {
	t.Helper()
	if layouts == nil {
		layouts, _ = cardfile.Shipped()
	}
	s := &trial{combination: c, slot: cardsim.NewSlot("trial"), card: fresh(c.chip, 1, keys), journal: &pages{}}
	s.terminal = &cardio.Terminal{Reader: s.slot, Keys: keys, Codes: keys, Purses: keys, Utility: utility, Journal: s.journal,
		Layouts: layouts, Chips: []driver.Chip{c.chip}}
	s.slot.Insert(s.card)
	made, err := s.terminal.Issue(context.Background(), s.newCard())
	if err != nil {
		t.Fatalf("%s: issue: %v", c, err)
	}
	_ = made.Close()
	return s
}

// newCard is one that fits the layout.
func (c combination) newCard() cardio.NewCard {
	unit := map[string]cardio.Unit{"litre": cardio.Litre, "watt-hour": cardio.WattHour, "fen": cardio.Fen, "": cardio.Litre}[c.layout.Unit()]
	number := map[string]string{"example-counter": "8100000123", "example-history": "810000012345"}[c.layout.Name()]
	if number == "" {
		number = "6001"
	}
	return cardio.NewCard{Number: number, Meter: meter, Unit: unit, Layout: c.layout.Name()}
}

func (s *trial) fail(format string, args ...any) {
	s.failures = append(s.failures, s.String()+": "+fmt.Sprintf(format, args...))
}

// look presents the card without a fault, in a slot that no fault waits in.
func (s *trial) look() (cardio.Contents, error) {
	card, err := s.terminal.Present(context.Background())
	if err != nil {
		return cardio.Contents{}, err
	}
	return card.Contents(), card.Close()
}

// next is an order that comes after what the card holds.
func (s *trial) next(now cardio.Purse) cardio.Order {
	o := cardio.Order{Purchase: uuid.New(), Count: now.Count + 1, Credit: 70 * int64(1+now.Count%9), Total: now.Total}
	o.Total += o.Credit
	return o
}

// load presents the card and loads the order.
func (s *trial) load(o cardio.Order) (cardio.Verdict, error) {
	card, err := s.terminal.Present(context.Background())
	if err != nil {
		return cardio.Untouched, err
	}
	verdict, err := card.Load(o)
	_ = card.Close()
	return verdict, err
}

// cut loads an order with a fault, and demands what DESIGN.md §1 promises: the card is old or new when it is presented
// again, the verdict is true, and the same order is then loaded once.
func (s *trial) cut(name string, when cardsim.When, do cardsim.Effect) (happened bool) {
	s.slot.Insert(s.card)
	s.home()
	before, err := s.look()
	if err != nil {
		s.fail("%s: before: %v", name, err)
		return true
	}
	o := s.next(before.Purse)
	s.slot.Inject(when, do)
	verdict, err := s.load(o)
	if s.slot.Waiting() > 0 {
		s.slot.Pull()
		s.another()
		return false
	}
	s.cuts++
	if (verdict == cardio.Loaded) != (err == nil) {
		s.fail("%s: %v with %v", name, verdict, err)
	}
	s.settle(name, o, verdict)
	return true
}

// another puts the card into another reader of the same kind, in which no fault waits.
func (s *trial) another() {
	s.slot = cardsim.NewSlot("another")
	if s.t0 {
		s.slot = cardsim.NewT0("another")
	}
	s.terminal.Reader = s.slot
	s.slot.Insert(s.card)
}

// try cuts, and once more where the first top-up had fewer commands: the two slots of a purse may lie otherwise in
// the chip's pages.
func (s *trial) try(name string, when cardsim.When, do cardsim.Effect) {
	for range 2 {
		if s.cut(name, when, do) {
			return
		}
	}
	s.fail("%s: the fault did not happen", name)
}

// settle presents the card again and loads the order for good.
func (s *trial) settle(name string, o cardio.Order, verdict cardio.Verdict) {
	s.slot.Insert(s.card)
	found := s.journal.found
	now, err := s.look()
	if s.journal.found > found {
		s.torn++
	}
	truth := cardio.Judge(now.Purse, o)
	switch {
	case err != nil:
		s.fail("%s: the card cannot be read again: %v", name, err)
		return
	case truth == cardio.InDoubt:
		s.fail("%s: the card is neither old nor new: %+v", name, now.Purse)
	case verdict == cardio.Loaded && truth != cardio.Loaded, verdict == cardio.Untouched && truth != cardio.Untouched:
		s.fail("%s: judged %v, is %v", name, verdict, truth)
	}
	if v, err := s.load(o); v != cardio.Loaded {
		s.fail("%s: again: %v, %v", name, v, err)
	}
	if now, err := s.look(); err != nil || cardio.Judge(now.Purse, o) != cardio.Loaded {
		s.fail("%s: in the end the card holds %+v, %v", name, now.Purse, err)
	}
	if len(s.journal.kept) > 0 {
		s.fail("%s: the journal still has %v", name, s.journal.kept)
	}
}

// home takes the card to its meter, which takes what is on it and writes back.
func (s *trial) home() {
	if s.layout.Rule() == cardfile.RuleCumulative || s.layout.Rule() == cardfile.RuleBalance {
		return // a new purchase takes nobody's place
	}
	now, err := s.look()
	if err != nil {
		return // settle says so
	}
	s.poke(cardfile.Values{cardfile.BackCount: int64(now.Purse.Count), cardfile.BackLoaded: now.Purse.Total})
}

// poke writes back as the meter does, past the reader.
func (s *trial) poke(v cardfile.Values) {
	image := s.layout.Whole(cardfile.Image{})
	for _, p := range s.layout.On(string(s.chip)) {
		image[p.Area] = s.bytes(p)
	}
	c, err := s.layout.Decode(image, cardfile.Keys{})
	if err != nil {
		s.fail("the meter cannot read the card: %v", err)
		return
	}
	plan, err := s.layout.WriteBack(c, v)
	if err != nil {
		s.fail("the meter cannot write the card: %v", err)
		return
	}
	for _, p := range s.layout.On(string(s.chip)) {
		s.put(p, plan.New[p.Area])
	}
}

// memoryChip is a chip with memory that can be written past the reader.
type memoryChip interface {
	cardsim.Chip
	Poke(at int, data []byte)
}

// place is where an extent lies in a chip's image: the zones of an AT88SC1608 follow each other.
func place(e cardfile.Extent) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(e.Area, "zone"))
	return 256*n + e.Offset
}

func (s *trial) bytes(p cardfile.Place) (out []byte) {
	for _, e := range p.On {
		image := s.card.Image()
		if s.chip == driver.AT88SC1608 {
			image = image[128:] // its configuration comes first
		}
		out = append(out, image[place(e):][:e.Size]...)
	}
	return out
}

func (s *trial) put(p cardfile.Place, b []byte) {
	for _, e := range p.On {
		s.card.(memoryChip).Poke(place(e), b[:e.Size])
		b = b[e.Size:]
	}
}

// everywhere cuts a top-up at every command in every way, and each write at every byte.
func (s *trial) everywhere() {
	first, second := s.commands(), s.commands()
	if len(first) < len(second) {
		first, second = second, first
	}
	for n, e := range first {
		for name, do := range map[string]cardsim.Effect{
			"fails": cardsim.FailBefore(), "loses its answer": cardsim.LoseAnswer(), "has no answer": cardsim.Short(0),
			"has half an answer": cardsim.Short(1), "card pulled before": cardsim.PullBefore(), "card pulled after": cardsim.PullAfter(),
		} {
			s.try(fmt.Sprintf("command %d (%02X) %s", n, e.INS, name), cardsim.Nth(n), do)
		}
		size := written(e)
		if n < len(second) {
			size = max(size, written(second[n]))
		}
		if size == 0 {
			continue
		}
		s.try(fmt.Sprintf("command %d ignored", n), cardsim.Nth(n), cardsim.Ignore())
		for k := range size + 1 {
			for _, rest := range []cardsim.Rest{cardsim.OldBytes, cardsim.ErasedBytes} {
				s.try(fmt.Sprintf("command %d torn at byte %d, erased %v", n, k, rest), cardsim.Nth(n), cardsim.Tear(k, rest))
			}
		}
	}
}

// commands are those of one top-up.
func (s *trial) commands() []cardsim.Entry {
	s.home()
	now, err := s.look()
	if err != nil {
		s.fail("%v", err)
	}
	before := len(s.slot.Log())
	if v, err := s.load(s.next(now.Purse)); v != cardio.Loaded {
		s.fail("without a fault: %v, %v", v, err)
	}
	return s.slot.Log()[before:]
}

// written is how many bytes a command changes in the card's memory. Presenting an erase key erases a zone.
func written(e cardsim.Entry) int {
	switch {
	case e.INS == 0xD6, e.CLA == 0x80 && e.INS == 0x52, e.CLA == 0xFF && e.INS == 0xD0:
		return e.Lc
	case e.CLA == 0xFF && e.INS == 0x20 && (e.P2 == 0x56 || e.P2 == 0x9C):
		return 64
	}
	return 0
}

// TestTearEverything is the tear test: every layout on every chip, cut at every command and at every byte of every write.
func TestTearEverything(t *testing.T) {
	t.Parallel()
	layouts, err := cardfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	cuts, torn := 0, 0
	t.Cleanup(func() { t.Logf("%d cuts; the journal was asked for %d cards", cuts, torn) })
	for _, c := range combinations(t) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, layouts)
			s.everywhere()
			for _, f := range s.failures {
				t.Error(f)
			}
			if s.cuts < 75 || (s.torn == 0) != c.layout.TwoCopies() {
				t.Errorf("%d cuts, %d found in the journal", s.cuts, s.torn)
			}
			t.Logf("%d cuts, %d found in the journal", s.cuts, s.torn)
			mu.Lock()
			defer mu.Unlock()
			cuts, torn = cuts+s.cuts, torn+s.torn
		})
	}
}

// TestTearOverT0 cuts a top-up of a CPU card over a line of T=0, where an answer beside data is fetched by a command of its
// own, and can be lost between the two.
func TestTearOverT0(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		if c.chip != driver.FMCOS {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, nil)
			s.t0 = true
			s.another()
			s.everywhere()
			for _, f := range s.failures {
				t.Error(f)
			}
			fetched := 0
			for _, e := range s.slot.Log() {
				if e.INS == 0xC0 {
					fetched++
				}
			}
			if c.layout.Rule() == cardfile.RuleBalance && fetched == 0 {
				t.Error("no answer was fetched")
			}
			t.Logf("%d cuts", s.cuts)
		})
	}
}

// TestTearingFindsALostJournal: a journal that forgets leaves torn cards that nobody can bring back.
func TestTearingFindsALostJournal(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		if c.layout.TwoCopies() || c.layout.Rule() == cardfile.RuleBalance { // an e-purse is whole: its journal is for the proof
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, nil)
			commands := s.commands()
			s.journal.leaky = true
			for n, e := range commands {
				if written(e) > 0 {
					s.cut("torn", cardsim.Nth(n), cardsim.Tear(1, cardsim.ErasedBytes))
					break
				}
			}
			if len(s.failures) == 0 {
				t.Error("the journal forgot, and nobody noticed")
			}
		})
	}
}

// TestTearingFindsOneCopy: vg1 with both slots written, and no journal, does not survive.
func TestTearingFindsOneCopy(t *testing.T) {
	t.Parallel()
	text := strings.Replace(string(vg1File(t)), `"copies": "older"`, `"copies": "same"`, 1)
	text = strings.Replace(text, `"mark": "42"`, `"mark": "41"`, 1)
	layout, err := cardfile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c := combination{driver.SLE4428, layout}
	s := c.trial(t, []*cardfile.Layout{layout})
	s.journal.leaky = true
	s.everywhere()
	if len(s.failures) == 0 {
		t.Error("without the two-copy rule no cut did harm")
	}
	t.Logf("%d complaints about %d cuts", len(s.failures), s.cuts)
}

// TestMendingIsCutToo tears a card, and then cuts what brings it back at every command and byte: it is brought back
// the next time.
func TestMendingIsCutToo(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		if c.layout.TwoCopies() {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, nil)
			last := -1
			for n, e := range s.commands() {
				if written(e) > 0 {
					last = n
				}
			}
			for n := 0; s.mendCut(last, n); n++ {
			}
			for _, f := range s.failures {
				t.Error(f)
			}
			if s.cuts < 20 {
				t.Errorf("only %d cuts", s.cuts)
			}
			t.Logf("%d cuts", s.cuts)
		})
	}
}

// TestMendingSpendsOneTry: a torn card that refused its code once is not presented it again by each counter it comes to.
func TestMendingSpendsOneTry(t *testing.T) {
	t.Parallel()
	s := combined(t, "example-counter", driver.SLE4442)
	now, err := s.look()
	if err != nil {
		t.Fatal(err)
	}
	s.slot.Inject(cardsim.OnINS(0xD0), cardsim.Tear(1, cardsim.ErasedBytes))
	if v, err := s.load(s.next(now.Purse)); v != cardio.InDoubt {
		t.Fatalf("torn: %v, %v", v, err)
	}
	ours := s.terminal.Codes
	s.terminal.Codes = sam.Generate()
	for range 4 {
		s.slot.Insert(s.card)
		if _, err := s.look(); !errors.Is(err, cardio.ErrTorn) {
			t.Errorf("%v", err)
		}
	}
	if n := s.card.(*cardsim.SLE).Tries(); n != 2 {
		t.Errorf("%d tries are left", n)
	}
	s.terminal.Codes, s.terminal.Spared = ours, &cardio.Spared{} // the service was restarted, with the right codes
	s.slot.Insert(s.card)
	if _, err := s.look(); err != nil {
		t.Error(err)
	}
}

// mendCut tears the card at a write, and cuts its mending at the n-th command. It tells whether there was one.
func (s *trial) mendCut(write, n int) bool {
	for _, do := range []cardsim.Effect{cardsim.LoseAnswer(), cardsim.PullBefore(), cardsim.Tear(1, cardsim.ErasedBytes), cardsim.Tear(2, cardsim.OldBytes)} {
		s.slot.Insert(s.card)
		s.home()
		before, err := s.look()
		if err != nil {
			s.fail("%v", err)
			return false
		}
		o := s.next(before.Purse)
		s.slot.Inject(cardsim.Nth(write), cardsim.Tear(0, cardsim.ErasedBytes))
		verdict, _ := s.load(o)
		s.slot.Insert(s.card)
		sent := len(s.slot.Log())
		s.slot.Inject(cardsim.Nth(n), do)
		_, err = s.look()
		if s.slot.Waiting() > 0 { // mending has fewer commands
			return false
		}
		if s.cuts++; err == nil && len(s.slot.Log()) > sent+n+1 {
			continue // it was cut after the last command that matters
		}
		if err == nil {
			s.fail("mending was cut at command %d, and there was no error", n)
		}
		if errors.Is(err, cardio.ErrBlankCard) {
			s.fail("a torn card is called blank")
		}
		s.settle(fmt.Sprintf("mending cut at command %d", n), o, verdict)
	}
	return true
}
