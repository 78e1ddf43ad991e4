package cardio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// combined is a trial of a named combination.
func combined(t *testing.T, layout string, chip driver.Chip) *trial {
	t.Helper()
	for _, c := range combinations(t) {
		if c.chip == chip && c.layout.Name() == layout {
			return c.finished(t)
		}
	}
	t.Fatalf("no %s on %s", layout, chip)
	return nil
}

// TestJudgeByWhatTheLayoutHas holds the one judge against purses that lack some of the values.
func TestJudgeByWhatTheLayoutHas(t *testing.T) {
	t.Parallel()
	o := cardio.Order{Purchase: uuid.New(), Count: 5, Credit: 30, Total: 130}
	const counter, history, total = cardio.LacksPurchase | cardio.LacksTotal, cardio.LacksPurchase, cardio.LacksPurchase | cardio.LacksCount
	for name, test := range map[string]struct {
		now  cardio.Purse
		want cardio.Verdict
	}{
		"counter, new":              {cardio.Purse{Lacks: counter, Count: 5, Credit: 30}, cardio.Loaded},
		"counter, old":              {cardio.Purse{Lacks: counter, Count: 4, Credit: 77}, cardio.Untouched},
		"counter, other credit":     {cardio.Purse{Lacks: counter, Count: 5, Credit: 31}, cardio.InDoubt},
		"counter, ahead":            {cardio.Purse{Lacks: counter, Count: 6, Credit: 30}, cardio.InDoubt},
		"history, new":              {cardio.Purse{Lacks: history, Count: 5, Credit: 30, Total: 130}, cardio.Loaded},
		"history, old":              {cardio.Purse{Lacks: history, Count: 4, Credit: 30, Total: 100}, cardio.Untouched},
		"history, old total only":   {cardio.Purse{Lacks: history, Count: 5, Credit: 30, Total: 100}, cardio.InDoubt},
		"total, new":                {cardio.Purse{Lacks: total, Credit: 30, Total: 130}, cardio.Loaded},
		"total, old":                {cardio.Purse{Lacks: total, Credit: 9, Total: 100}, cardio.Untouched},
		"total, something else":     {cardio.Purse{Lacks: total, Credit: 30, Total: 129}, cardio.InDoubt},
		"total, credit not as sold": {cardio.Purse{Lacks: total, Credit: 29, Total: 130}, cardio.InDoubt},
	} {
		if got := cardio.Judge(test.now, o); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestUnknownCardsAreNamed: each kind of card that is none of ours is refused by its own name, and nothing is written.
func TestUnknownCardsAreNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		layout  string
		chip    driver.Chip
		prepare func(*trial)
		want    error
	}{
		"unknown content": {"example-counter", driver.SLE4442, func(s *trial) { s.card.(memoryChip).Poke(96, []byte{0x77}) }, cardio.ErrUnknownContent},
		"tool card":       {"example-counter", driver.SLE4442, func(s *trial) { s.card.(memoryChip).Poke(96, []byte{0xA2}) }, cardio.ErrToolCard},
		"two layouts":     {"example-counter", driver.SLE4442, func(s *trial) { s.card.(memoryChip).Poke(32, []byte{0xDD}) }, cardio.ErrTwoLayouts},
		"blank":           {"example-counter", driver.SLE4442, func(s *trial) { s.slot.Insert(cardsim.NewSLE4442()) }, cardio.ErrBlankCard},
		"identity broken": {"example-counter", driver.SLE4442, func(s *trial) { s.card.(memoryChip).Poke(98, []byte{0x11}) }, cardio.ErrDamagedCard},
		"main and backup": {"example-counter", driver.SLE4442, func(s *trial) { s.card.(memoryChip).Poke(96+16+6, []byte{0x11}) }, cardio.ErrTorn},
		"no copy valid":   {"vg1", driver.SLE4428, func(s *trial) { s.card.(memoryChip).Poke(64+48+20, []byte{0x11}) }, cardio.ErrDamagedCard},
		"other utility":   {"vg1", driver.SLE4428, func(s *trial) { s.terminal.Utility++ }, cardio.ErrForeignCard},
		"other keys":      {"vg1", driver.AT24C16, func(s *trial) { s.terminal.Keys = sam.Generate() }, cardio.ErrForeignCard},
		"key version":     {"vg1", driver.AT24C16, func(s *trial) { s.terminal.Keys = oldKeys{s.terminal.Keys} }, cardio.ErrKeyVersion},
		"copied":          {"vg1", driver.Mifare1K, copied, cardio.ErrForeignCard},
		"not used here":   {"vg1", driver.AT24C16, func(s *trial) { s.terminal.Chips = []driver.Chip{driver.SLE4442} }, cardio.ErrUnknownCard},
		"no layout":       {"vg1", driver.AT24C16, func(s *trial) { s.terminal.Layouts = []*cardfile.Layout{} }, cardio.ErrUnknownCard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := combined(t, test.layout, test.chip)
			test.prepare(s)
			before := string(s.card.Image())
			if _, err := s.look(); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			if string(s.card.Image()) != before {
				t.Error("the card was written")
			}
		})
	}
}

// copied puts the blocks of a card on another one of its kind.
func copied(s *trial) {
	twin := cardsim.NewClassic1K([4]byte{9, 9, 9, 9})
	for block := 4; block < 64; block++ { // trailers too: the keys are copied along
		twin.Poke(block, s.card.(*cardsim.Classic).Image()[16*block:][:16])
	}
	s.terminal.Codes = stolen{s.terminal.Codes, s.uid()}
	s.slot.Insert(twin)
}

// stolen are the codes of a card, in the hands of who copied it.
type stolen struct {
	cardio.Codes
	uid cardio.UID
}

func (k stolen) Secret(version uint8, label string, _ []byte, size int) (sam.Secret, error) {
	return k.Codes.Secret(version, label, k.uid[:], size)
}

func (s *trial) uid() cardio.UID {
	now, err := s.look()
	if err != nil {
		s.fail("%v", err)
	}
	return now.Identity.UID
}

// TestLoadRefuses what the meter would not take, and what could not be undone, before a byte is written.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		layout  string
		chip    driver.Chip
		prepare func(*trial)
		change  func(*cardio.Order)
		want    error
	}{
		"no journal":      {"example-counter", driver.SLE4442, func(s *trial) { s.terminal.Journal = nil }, nil, cardio.ErrNoJournal},
		"no codes":        {"example-counter", driver.SLE4442, func(s *trial) { s.terminal.Codes = nil }, nil, cardio.ErrNoCodes},
		"other code":      {"example-counter", driver.SLE4442, func(s *trial) { s.terminal.Codes = sam.Generate() }, nil, cardio.ErrCode},
		"not taken":       {"example-counter", driver.SLE4442, (*trial).buy, nil, cardio.ErrUnloaded},
		"three not taken": {"example-history", driver.SLE4428, func(s *trial) { s.buy(); s.buy(); s.buy() }, nil, cardio.ErrUnloaded},
		"taken back":      {"example-counter", driver.SLE4442, (*trial).buy, func(o *cardio.Order) { o.Credit = -o.Credit }, cardio.ErrOrderNotValid},
		"no write-back":   {"vg2", driver.AT88SC102, (*trial).buy, func(o *cardio.Order) { o.Credit, o.Total = -70, 0 }, cardio.ErrOrderNotValid},
		"not in tens":     {"example-counter", driver.SLE4442, func(*trial) {}, func(o *cardio.Order) { o.Credit, o.Total = 15, 15 }, cardio.ErrOrderNotValid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := combined(t, test.layout, test.chip)
			test.prepare(s)
			now, err := s.look()
			if err != nil {
				t.Fatal(err)
			}
			o := s.next(now.Purse)
			if test.change != nil {
				test.change(&o)
			}
			before := len(s.slot.Log())
			if v, err := s.load(o); v != cardio.Untouched || !errors.Is(err, test.want) {
				t.Errorf("%v, %v, want %v", v, err, test.want)
			}
			for _, e := range s.slot.Log()[before:] {
				if written(e) > 0 {
					t.Errorf("command %02X was sent", e.INS)
				}
			}
			if len(s.journal.kept) > 0 {
				t.Error("the journal keeps a load that was not begun")
			}
			for _, f := range s.failures {
				t.Error(f)
			}
		})
	}
}

// buy loads a purchase that the meter does not take.
func (s *trial) buy() {
	now, err := s.look()
	if err == nil {
		_, err = s.load(s.next(now.Purse))
	}
	if err != nil {
		s.fail("%v", err)
	}
}

// TestReadOnlyCard: the public gas card is read, and not written.
func TestReadOnlyCard(t *testing.T) {
	t.Parallel()
	slot, chip, keys := cardsim.NewSlot("gas"), cardsim.NewSLE4442(), sam.Generate()
	chip.Poke(0x20, []byte{0xDD, 0x0C, 0x22, 0x38, 0x4E})
	chip.Poke(0x3D, []byte{0x01, 0x17, 0x04})
	chip.Poke(96, []byte{0xA5}) // as an example has it: no terminal takes examples
	slot.Insert(chip)
	terminal := &cardio.Terminal{Reader: slot, Keys: keys, Codes: keys, Journal: &pages{}}
	c, err := terminal.Present(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	now := c.Contents()
	if now.Identity.Number != "12345678" || now.WriteBack == nil || now.WriteBack.Remaining != 123_400 || now.Rule != 0 {
		t.Errorf("%+v", now)
	}
	v, err := c.Load(cardio.Order{Purchase: uuid.New(), Count: 1, Credit: 10, Total: 10})
	if v != cardio.Untouched || !errors.Is(err, cardio.ErrReadOnly) {
		t.Errorf("%v, %v", v, err)
	}
}

// TestIssueOfMemoryCardsCutAnywhere cuts an issue at every command and tears its writes; the card is then blank or whole, and
// the issue can be run again, whichever code the card has by then. No more than one try of it is ever spent.
func TestIssueOfMemoryCardsCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		if c.chip == driver.FMCOS {
			continue // TestIssueCutAnywhere
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, c.inUse(t))
			commands := s.slot.Log()
			for n, e := range commands {
				for name, do := range map[string]cardsim.Effect{
					"fails": cardsim.FailBefore(), "loses its answer": cardsim.LoseAnswer(), "pulled after": cardsim.PullAfter(),
					"torn at byte 1": cardsim.Tear(1, cardsim.ErasedBytes), "torn before its last byte": cardsim.Tear(max(0, e.Lc-1), cardsim.OldBytes),
				} {
					if strings.HasPrefix(name, "torn") && (written(e) == 0 || keying(c.chip, e)) {
						continue
					}
					s.reissue(fmt.Sprintf("command %d (%02X) %s", n, e.INS, name), n, do)
				}
			}
			for _, f := range s.failures {
				t.Error(f)
			}
			if s.known != (cardio.UID{}) && s.again == 0 && s.keyed() {
				t.Error("no chip that was cut said as what it is known")
			}
			t.Logf("%d cuts", s.cuts)
		})
	}
}

// inUse are the layouts that a terminal takes, and the combination's own: examples are in no terminal, and lie where ours do.
func (c combination) inUse(t *testing.T) []*cardfile.Layout {
	t.Helper()
	all, err := cardio.Layouts()
	if err != nil {
		t.Fatal(err)
	}
	if c.layout.IsExample() {
		all = []*cardfile.Layout{c.layout}
	}
	return all
}

// keyed tells whether an issue changes the chip's codes, and so announces as what it is known before.
func (s *trial) keyed() bool { return s.chip == driver.SLE4442 || s.chip == driver.SLE4428 }

// keying tells whether a command changes a card's code. Torn there, a chip has a code that nobody knows: it is thrown away,
// with nothing on it.
func keying(chip driver.Chip, e cardsim.Entry) bool {
	switch chip {
	case driver.SLE4442:
		return e.INS == 0xD2
	case driver.SLE4428:
		return e.INS == 0xD0 && e.P1 == 3
	case driver.Mifare1K, driver.Mifare4K:
		return e.INS == 0xD6 && e.P2%4 == 3
	}
	return false
}

// reissue cuts the issue of a fresh chip, and issues it again.
func (s *trial) reissue(name string, n int, do cardsim.Effect) {
	s.cuts++
	s.slot = cardsim.NewSlot("issue")
	s.terminal.Reader = s.slot
	s.card = fresh(s.chip, 1, s.terminal.Codes.(*sam.File))
	s.slot.Insert(s.card)
	first := s.prepared()
	s.slot.Inject(cardsim.Nth(n), do)
	made, err := s.terminal.Issue(context.Background(), first)
	if err == nil {
		_ = made.Close() // the cut came after everything
	}
	s.slot.Insert(s.card)
	if _, err = s.look(); errors.Is(err, cardio.ErrBlankCard) {
		if made, err = s.terminal.Issue(context.Background(), s.prepared()); err == nil {
			_ = made.Close()
		}
	}
	if err != nil {
		s.fail("%s: then %v", name, err)
		return
	}
	now, err := s.look()
	if err == nil {
		_, err = s.load(s.next(now.Purse))
	}
	if err != nil {
		s.fail("%s: it cannot be loaded: %v", name, err)
	}
}

// prepared is the new card as the counter has it: the chip first says which card it is, and where it cannot, the number
// that is taken for it does. A chip whose issue was cut says by then as what it is known.
func (s *trial) prepared() cardio.NewCard {
	n := s.newCard()
	var err error
	if n.UID, err = s.terminal.Chip(context.Background()); err != nil {
		s.fail("the chip says nothing: %v", err)
	}
	if s.known != (cardio.UID{}) && n.UID == s.known {
		s.again++
		return n
	}
	before := string(s.card.Image())
	made, err := s.terminal.Issue(context.Background(), cardio.NewCard{UID: n.UID, Number: n.Number, Meter: n.Meter, Unit: n.Unit, Layout: n.Layout, Total: -1})
	var by cardio.KnownByNumber
	switch {
	case err == nil:
		_ = made.Close()
		s.fail("a total below zero was issued")
	case errors.As(err, &by):
		n.UID, s.known = by.UID, by.UID
	}
	if string(s.card.Image()) != before {
		s.fail("the card was written before it was known")
	}
	return n
}

// TestLayoutsFitTheirChips: every shipped layout lies on what the driver says the chip has.
func TestLayoutsFitTheirChips(t *testing.T) {
	t.Parallel()
	layouts, err := cardfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layouts {
		if err := cardio.Fits(l); err != nil {
			t.Errorf("%s: %v", l.Name(), err)
		}
	}
	for _, c := range combinations(t) {
		if c.chip == driver.FMCOS {
			continue
		}
		slot := cardsim.NewSlot("areas")
		slot.Insert(fresh(c.chip, 1, sam.Generate()))
		link, err := slot.Connect(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		m, err := driver.Open(apdu.NewChannel(link), c.chip, driver.Dialect{})
		if err != nil {
			t.Fatal(err)
		}
		sizes := map[string]int{}
		for _, a := range m.Areas() {
			sizes[a.Name] = a.Size
		}
		for area, size := range sizes {
			for _, wanted := range []int{size, size + 1}[:1+min(1, 65536/(size+1))] { // no layout's area is larger
				text := fmt.Sprintf(onChip, wanted, c.chip, area, wanted, wanted-2)
				l, err := cardfile.Parse([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				if err := cardio.Fits(l); (err == nil) != (wanted == size) || err != nil && !errors.Is(err, cardio.ErrMisfit) {
					t.Errorf("%s %s: %d bytes of %d: %v", c.chip, area, wanted, size, err)
				}
			}
		}
		_ = link.Close()
	}
}

// onChip is a layout that takes so many bytes of one area.
const onChip = `{"name": "x", "title": "x", "source": "x", "unit": "litre", "areas": [{"name": "a", "size": %d}],
"chips": [{"names": ["%s"], "places": [{"area": "a", "on": [{"area": "%s", "size": %d}]}]}],
"records": [{"name": "r", "writer": "vendor", "size": 2, "at": [{"area": "a", "offset": 0}],
 "fields": [{"name": "k", "offset": 0, "size": 1, "const": "A5"}, {"name": "number", "offset": 1, "size": 1, "encoding": "digits"}]},
 {"name": "s", "writer": "vendor", "size": %[5]d, "at": [{"area": "a", "offset": 2}], "fields": [{"name": "y", "offset": 0, "size": %[5]d, "encoding": "hex"}]}],
"vectors": [{"name": "v", "image": {}, "contents": {}, "copies": {}}]}`

// TestProductionKeys: what is made and loaded with keys for trials is so with keys for production.
func TestProductionKeys(t *testing.T) {
	t.Parallel()
	production, err := new(sam.File).Add(128, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range combinations(t) {
		s := c.keyed(t, nil, production)
		now, err := s.look()
		if err != nil {
			t.Errorf("%s: %v", c, err)
			continue
		}
		if v, err := s.load(s.next(now.Purse)); v != cardio.Loaded {
			t.Errorf("%s: %v, %v", c, v, err)
		}
	}
}

// TestKeysDoNotStayInTheReader: whoever uses the reader next finds no key of a card in it.
func TestKeysDoNotStayInTheReader(t *testing.T) {
	t.Parallel()
	s := combined(t, "vg1", driver.Mifare1K)
	c, err := s.terminal.Present(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v, err := c.Load(s.next(c.Contents().Purse)); v != cardio.Loaded {
		t.Fatal(v, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	opened := func() (sectors int) {
		for sector := range 16 {
			for _, key := range []byte{0x60, 0x61} {
				link, err := s.slot.Connect(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				trailer := s.card.(*cardsim.Classic).Image()[64*sector+48:][:6]
				answer, err := link.Transmit([]byte{0xFF, 0x86, 0, 0, 5, 1, 0, byte(4 * sector), key, 0})
				if err != nil || answer[0] == 0x90 && !bytes.Equal(trailer, bytes.Repeat([]byte{0xFF}, 6)) {
					sectors++
				}
				_ = link.Close()
			}
		}
		return sectors
	}
	if n := opened(); n > 0 {
		t.Errorf("the reader still opens %d keys", n)
	}
}
