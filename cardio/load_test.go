package cardio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// topUpCommands is how many commands a top-up sends, Present included.
const topUpCommands = 8

// updateCommand is the place of UPDATE BINARY among them.
const updateCommand = 6

func TestJudge(t *testing.T) {
	t.Parallel()
	id, other := uuid.New(), uuid.New()
	o := cardio.Order{Purchase: id, Count: 5, Credit: 30, Total: 130}
	back := cardio.Order{Purchase: id, Count: 5, Credit: -30, Total: 100}
	for name, test := range map[string]struct {
		now  cardio.Purse
		want cardio.Verdict
	}{
		"taken back":     {cardio.Purse{Purchase: id, Count: 5, Total: 100}, cardio.Loaded},
		"not taken back": {cardio.Purse{Purchase: other, Count: 4, Credit: 30, Total: 130}, cardio.Untouched},
		"taken further":  {cardio.Purse{Purchase: id, Count: 5, Total: 99}, cardio.InDoubt},
		"something else": {cardio.Purse{Purchase: other, Count: 4, Credit: 30, Total: 100}, cardio.InDoubt},
	} {
		if got := cardio.Judge(test.now, back); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	for name, test := range map[string]struct {
		now  cardio.Purse
		want cardio.Verdict
	}{
		"new":                 {cardio.Purse{Purchase: id, Count: 5, Credit: 30, Total: 130}, cardio.Loaded},
		"old":                 {cardio.Purse{Purchase: other, Count: 4, Credit: 9, Total: 100}, cardio.Untouched},
		"old, just issued":    {cardio.Purse{Count: 4, Total: 100}, cardio.Untouched},
		"other purchase":      {cardio.Purse{Purchase: other, Count: 5, Credit: 30, Total: 130}, cardio.InDoubt},
		"other credit":        {cardio.Purse{Purchase: id, Count: 5, Credit: 31, Total: 130}, cardio.InDoubt},
		"other total":         {cardio.Purse{Purchase: id, Count: 5, Credit: 30, Total: 131}, cardio.InDoubt},
		"other count":         {cardio.Purse{Purchase: id, Count: 6, Credit: 30, Total: 130}, cardio.InDoubt},
		"old count, no total": {cardio.Purse{Purchase: other, Count: 4, Total: 99}, cardio.InDoubt},
		"old total, no count": {cardio.Purse{Purchase: other, Count: 3, Total: 100}, cardio.InDoubt},
		"id at the old place": {cardio.Purse{Purchase: id, Count: 4, Total: 100}, cardio.InDoubt},
		"later":               {cardio.Purse{Purchase: other, Count: 6, Credit: 1, Total: 131}, cardio.InDoubt},
	} {
		if got := cardio.Judge(test.now, o); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestLoadTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip := b.issued(1)
	c := b.present()
	o := after(c.Contents().Purse, 10)
	if v, err := c.Load(o); v != cardio.Loaded || err != nil {
		t.Fatal(v, err)
	}
	before, sent := chip.Image(), c.Traffic()
	if v, err := c.Load(o); v != cardio.Loaded || err != nil {
		t.Errorf("again: %v, %v", v, err)
	}
	if c.Traffic() != sent {
		t.Error("an order that was there was written again")
	}
	b.close(c)
	c = b.present()
	defer b.close(c)
	if v, err := c.Load(o); v != cardio.Loaded || err != nil || c.Traffic().Written != 0 {
		t.Errorf("at another terminal: %v, %v, %+v", v, err, c.Traffic())
	}
	if !bytes.Equal(before, chip.Image()) {
		t.Error("the card changed")
	}
}

func TestOrderNotValid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.issued(1)
	c := b.present()
	defer b.close(c)
	good, sent := after(c.Contents().Purse, 10), c.Traffic()
	for name, test := range map[string]struct {
		change func(*cardio.Order)
		want   cardio.Verdict
	}{
		"no id":           {func(o *cardio.Order) { o.Purchase = uuid.Nil }, cardio.Untouched},
		"count 0":         {func(o *cardio.Order) { o.Count = 0 }, cardio.Untouched},
		"credit 0":        {func(o *cardio.Order) { o.Credit, o.Total = 0, 0 }, cardio.Untouched},
		"nothing to take": {func(o *cardio.Order) { o.Credit = -10 }, cardio.InDoubt},
		"below nothing":   {func(o *cardio.Order) { o.Credit, o.Total = -10, -10 }, cardio.Untouched},
		"all beyond":      {func(o *cardio.Order) { o.Credit = -1 << 63 }, cardio.Untouched},
		"credit > total":  {func(o *cardio.Order) { o.Credit = 11 }, cardio.Untouched},
		"total too large": {func(o *cardio.Order) { o.Credit, o.Total = 1<<48, 1<<48 }, cardio.Untouched},
		"total overflows": {func(o *cardio.Order) { o.Credit, o.Total = 10, -1<<63 }, cardio.Untouched},
		"count ahead":     {func(o *cardio.Order) { o.Count++ }, cardio.InDoubt},
		"total ahead":     {func(o *cardio.Order) { o.Total++ }, cardio.InDoubt},
	} {
		o := good
		test.change(&o)
		if v, err := c.Load(o); v != test.want || !errors.Is(err, cardio.ErrOrderNotValid) {
			t.Errorf("%s: %v, %v", name, v, err)
		}
		if c.Traffic() != sent {
			t.Fatalf("%s: something was sent", name)
		}
	}
	good.Credit, good.Total = cardio.MaxTotal, cardio.MaxTotal
	if v, err := c.Load(good); v != cardio.Loaded {
		t.Errorf("the largest credit: %v, %v", v, err)
	}
}

// outcome loads an order with a fault on the way, and then finds out, with a
// fault-free terminal, what the card really holds.
func (b *bench) outcome(chip *cardsim.Card, when cardsim.When, do cardsim.Effect) (o cardio.Order, verdict, truth cardio.Verdict, err error) {
	b.t.Helper()
	b.slot.Insert(chip)
	o = after(b.read().Purse, 10)
	b.slot.Inject(when, do)
	verdict, err = cardio.Untouched, nil
	c, err := b.Present(context.Background())
	if err == nil {
		verdict, err = c.Load(o)
		b.close(c)
	}
	b.slot.Insert(chip)
	return o, verdict, cardio.Judge(b.read().Purse, o), err
}

// hold demands what DESIGN.md §1 promises of one cut: the card is old or new,
// the verdict is true, and the same order, presented again, is loaded once.
func (b *bench) hold(name string, chip *cardsim.Card, when cardsim.When, do cardsim.Effect) cardio.Verdict {
	b.t.Helper()
	o, verdict, truth, err := b.outcome(chip, when, do)
	switch {
	case truth == cardio.InDoubt:
		b.t.Errorf("%s: the card is neither old nor new", name)
	case verdict != cardio.InDoubt && verdict != truth:
		b.t.Errorf("%s: judged %v, is %v (%v)", name, verdict, truth, err)
	case (verdict == cardio.Loaded) != (err == nil):
		b.t.Errorf("%s: %v with %v", name, verdict, err)
	}
	c := b.present()
	if v, err := c.Load(o); v != cardio.Loaded {
		b.t.Errorf("%s: again: %v, %v", name, v, err)
	}
	b.close(c)
	if p := b.read().Purse; p.Total != o.Total || p.Count != o.Count {
		b.t.Errorf("%s: in the end the card holds %+v", name, p)
	}
	return verdict
}

func TestEveryCut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip, seen := b.issued(1), map[cardio.Verdict]int{}
	for n := range topUpCommands {
		for name, do := range map[string]cardsim.Effect{
			"fail": cardsim.FailBefore(), "lose answer": cardsim.LoseAnswer(), "no answer": cardsim.Short(0),
			"one byte": cardsim.Short(1), "pull before": cardsim.PullBefore(), "pull after": cardsim.PullAfter(),
			"late": cardsim.Late(0),
		} {
			verdict := b.hold(fmt.Sprintf("%s at command %d", name, n), chip, cardsim.Nth(n), do)
			seen[verdict]++
			if want := expected(n, name); verdict != want {
				t.Errorf("%s at command %d: %v, want %v", name, n, verdict, want)
			}
		}
	}
	t.Logf("cuts by verdict: %v", seen)
}

// TestHangAtEveryCommand lets the card hang until somebody pulls it.
func TestHangAtEveryCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip := b.issued(1)
	for n := range topUpCommands {
		reached := func(i int, _ []byte) bool {
			if i == n {
				go b.slot.Pull()
			}
			return i == n
		}
		if verdict := b.hold(fmt.Sprintf("hangs at command %d", n), chip, reached, cardsim.Hang()); verdict != expected(n, "hang") {
			t.Errorf("hangs at command %d: %v", n, verdict)
		}
	}
}

// TestAnswersCutAtEveryLength gives answers whose last bytes are missing, so that
// data stands where the status should be.
func TestAnswersCutAtEveryLength(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip := b.issued(1)
	for n := range topUpCommands {
		for length := 2; length < 146; length += 3 {
			b.hold(fmt.Sprintf("answer %d of %d bytes", n, length), chip, cardsim.Nth(n), cardsim.Short(length))
		}
	}
}

// expected is the verdict that a cut at command n must give, and not a weaker one.
func expected(n int, fault string) cardio.Verdict {
	switch {
	case fault == "late":
		return cardio.Loaded
	case n < updateCommand:
		return cardio.Untouched
	default:
		return cardio.InDoubt
	}
}

func TestTornAtEveryByte(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip := b.issued(1)
	for k := range slotSize + 1 {
		for _, rest := range []cardsim.Rest{cardsim.OldBytes, cardsim.ErasedBytes} {
			b.hold(fmt.Sprintf("torn at byte %d, rest %v", k, rest), chip, cardsim.OnINS(0xD6), cardsim.Tear(k, rest))
		}
	}
}

// TestLostLoadIsNotJudgedByOldNews loads again on a card whose write was lost:
// what was read before it proves nothing any more.
func TestLostLoadIsNotJudgedByOldNews(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.issued(1)
	c := b.present()
	defer b.close(c)
	o := after(c.Contents().Purse, 10)
	b.slot.Inject(cardsim.OnINS(0xD6), cardsim.LoseAnswer())
	for range 2 {
		if v, err := c.Load(o); v != cardio.InDoubt || !errors.Is(err, cardio.ErrLinkDead) {
			t.Errorf("%v, %v", v, err)
		}
	}
}

func TestSwap(t *testing.T) {
	t.Parallel()
	for n := range topUpCommands {
		for name, swap := range map[string]func(cardsim.Chip) cardsim.Effect{
			"before": cardsim.SwapBefore, "after": cardsim.SwapAfter,
		} {
			t.Run(fmt.Sprintf("%s command %d", name, n), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				other, chip := b.issued(2), b.issued(1)
				image := other.Image()
				_, verdict, truth, err := b.outcome(chip, cardsim.Nth(n), swap(other))
				if verdict != cardio.InDoubt && verdict != truth {
					t.Errorf("judged %v, is %v (%v)", verdict, truth, err)
				}
				if !bytes.Equal(image, other.Image()) {
					t.Error("the other card was written to")
				}
				gone := n > updateCommand && name == "before" || n == updateCommand && name == "after"
				if gone && (verdict != cardio.InDoubt || !errors.Is(err, cardio.ErrOtherCard)) {
					t.Errorf("the read-back was the other card's: %v, %v", verdict, err)
				}
			})
		}
	}
}

// otherVendor has the right keys to read with and wrong ones to write with.
type otherVendor struct{ cardio.Keys }

func (o otherVendor) Card(version uint8, uid [8]byte) (sam.Card, error) {
	return sam.Generate().Card(1, uid)
}

func TestWrongKeyIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip := b.issued(1)
	o := after(b.read().Purse, 10)
	b.Keys, b.Spared = otherVendor{b.Keys}, &cardio.Spared{}
	load := func() (cardio.Verdict, int, error) {
		before := len(b.slot.Log())
		c := b.present()
		defer b.close(c)
		v, err := c.Load(o)
		if v2, err2 := c.Load(o); v2 != v || err2 == nil {
			t.Errorf("the second time: %v, %v", v2, err2)
		}
		tries := 0
		for _, e := range b.slot.Log()[before:] {
			if e.INS == 0x82 {
				tries++
			}
		}
		return v, tries, err
	}
	v, tries, err := load()
	var refused *apdu.StatusError
	if v != cardio.Untouched || !errors.Is(err, cardio.ErrCardRefused) || errors.Is(err, cardio.ErrAuthTriesLow) || tries != 1 {
		t.Errorf("%v, %v, %d tries", v, err, tries)
	}
	if !errors.As(err, &refused) || refused.Tries != 9 || refused.Policy() != apdu.Stop {
		t.Errorf("refused: %+v", refused)
	}
	chip.SpendTries(0x39, vendorKey, 2)
	if v, tries, err := load(); v != cardio.Untouched || !errors.Is(err, cardio.ErrAuthTriesLow) || tries != 1 {
		t.Errorf("two tries left: %v, %v, %d tries", v, err, tries)
	}
	image := chip.Image()
	b.Terminal = &cardio.Terminal{Reader: b.slot, Keys: b.Keys, Utility: utility, Spared: b.Spared} // at the next counter
	if v, tries, err := load(); v != cardio.Untouched || !errors.Is(err, cardio.ErrAuthTriesLow) || tries != 0 {
		t.Errorf("one try left: %v, %v, %d tries", v, err, tries)
	}
	if !bytes.Equal(image, chip.Image()) {
		t.Error("the last try was spent")
	}
}

// otherMessages has the right key to open a card with, and another to MAC its commands.
type otherMessages struct{ cardio.Keys }

func (o otherMessages) Card(version uint8, uid [8]byte) (sam.Card, error) {
	card, err := o.Keys.Card(version, uid)
	if err != nil {
		return card, err
	}
	other, err := sam.Generate().Card(1, uid)
	card.Vendor.Message = other.Vendor.Message
	return card, err
}

// TestWrongMessageKeyIsNotTriedAgain: the card counts the MACs that it took for wrong, and does not say how many are left.
func TestWrongMessageKeyIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.issued(1)
	o := after(b.read().Purse, 10)
	b.Keys = otherMessages{b.Keys}
	for i, want := range []error{cardio.ErrCardRefused, cardio.ErrAuthTriesLow, cardio.ErrAuthTriesLow} {
		c := b.present()
		if v, err := c.Load(o); v != cardio.Untouched || !errors.Is(err, want) {
			t.Errorf("%d: %v, %v", i, v, err)
		}
		b.close(c)
	}
	sent := 0
	for _, e := range b.slot.Log() {
		if e.CLA == 0x04 && e.INS == 0xD6 && e.SW == 0x6988 {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("a MAC of the wrong key was sent %d times", sent)
	}
}

// TestIssueKeepsTheLastTry: the maker's key of a blank card is not presented again once it has one try left.
func TestIssueKeepsTheLastTry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.slot.Insert(cardsim.NewBlank(uid(1)))
	b.slot.Inject(cardsim.OnINS(0x82), cardsim.Refuse(0x63C1))
	for range 3 {
		if _, err := b.Issue(context.Background(), newCard); !errors.Is(err, cardio.ErrAuthTriesLow) {
			t.Error(err)
		}
	}
	sent := 0
	for _, e := range b.slot.Log() {
		if e.INS == 0x82 {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("the key was presented %d times", sent)
	}
	b.issued(2) // another card is another matter
}

// deafLink answers every UPDATE BINARY with done and does not pass it on.
type deafLink struct{ cardio.Link }

func (l deafLink) Transmit(command []byte) ([]byte, error) {
	if command[1] == 0xD6 {
		return []byte{0x90, 0x00}, nil
	}
	return l.Link.Transmit(command)
}

type deafReader struct{ cardio.Reader }

func (r deafReader) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Reader.Connect(ctx)
	return deafLink{l}, err
}

func TestDoneIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.issued(1)
	o := after(b.read().Purse, 10)
	b.Reader = deafReader{b.slot}
	c := b.present()
	defer b.close(c)
	if v, err := c.Load(o); v != cardio.Untouched || !errors.Is(err, cardio.ErrCardRefused) {
		t.Errorf("%v, %v", v, err)
	}
}

// crossedReader connects to two cards and crosses over from the first to the
// second after UPDATE BINARY, with the second one's application selected: what a
// terminal link that mixes up two counters would do.
type crossedReader struct {
	cardio.Reader
	second cardio.Reader
}

type crossedLink struct {
	cardio.Link
	second cardio.Link
}

func (r crossedReader) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Reader.Connect(ctx)
	if err != nil {
		return nil, err
	}
	second, err := r.second.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, err = second.Transmit(append([]byte{0, 0xA4, 4, 0, byte(len(application))}, application...))
	return &crossedLink{l, second}, err
}

func (l *crossedLink) Transmit(command []byte) ([]byte, error) {
	answer, err := l.Link.Transmit(command)
	if command[1] == 0xD6 {
		l.Link = l.second
	}
	return answer, err
}

func TestReadBackOfAnotherIssuedCard(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other, chip := b.issued(2), b.issued(1)
	aside := cardsim.NewSlot("aside")
	aside.Insert(other)
	o := after(b.read().Purse, 10)
	b.Reader = crossedReader{b.slot, aside}
	c := b.present()
	if v, err := c.Load(o); v != cardio.InDoubt || !errors.Is(err, cardio.ErrOtherCard) {
		t.Errorf("%v, %v", v, err)
	}
	b.Reader = cardsim.NewSlot("fresh")
	b.slot = b.Reader.(*cardsim.Slot)
	b.slot.Insert(chip)
	if p := b.read().Purse; cardio.Judge(p, o) != cardio.Loaded {
		t.Errorf("the first card holds %+v", p)
	}
}
