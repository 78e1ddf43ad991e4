package cardio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

var newCard = cardio.NewCard{Number: "0012345678", Meter: meter, Unit: cardio.WattHour, Count: 7, Total: 700}

// A replacement shows the last purchase, and says of it and of the next what the lost
// card would say.
func TestIssueReplacement(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	last := cardio.Order{Purchase: uuid.New(), Count: 7, Credit: 300, Total: 700}
	for i, o := range []cardio.Order{last, {Purchase: last.Purchase, Count: 7, Credit: -300, Total: 700}} {
		b.slot.Insert(cardsim.NewBlank(uid(uint64(i + 1))))
		lost := newCard
		lost.Last = []cardio.Order{o, {Purchase: uuid.New(), Count: 6, Credit: 400, Total: 400}}
		c, err := b.Issue(context.Background(), lost)
		if err != nil {
			t.Fatal(err)
		}
		want := cardio.Purse{Generation: 1, Count: 7, Credit: max(0, o.Credit), Total: 700, Purchase: o.Purchase}
		if got := c.Contents().Purse; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		for _, o := range []cardio.Order{o, after(want, 5)} {
			if v, err := c.Load(o); v != cardio.Loaded {
				t.Errorf("%+v: %v, %v", o, v, err)
			}
		}
		b.close(c)
	}
}

func TestIssue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.slot.Insert(cardsim.NewBlank(uid(1)))
	c, err := b.Issue(context.Background(), newCard)
	if err != nil {
		t.Fatal(err)
	}
	want := cardio.Contents{
		Rule:     cardio.Cumulative,
		Identity: cardio.Identity{UID: uid(1), Utility: utility, Number: "0012345678", Meter: meter, KeyVersion: 1, Unit: cardio.WattHour},
		Purse:    cardio.Purse{Generation: 1, Count: 7, Total: 700},
		OneCopy:  true,
	}
	if c.Contents() != want {
		t.Errorf("%+v", c.Contents())
	}
	if v, err := c.Load(after(want.Purse, 5)); v != cardio.Loaded { // a card just issued needs no second presentation
		t.Errorf("%v, %v", v, err)
	}
	b.close(c)
	if _, err := b.Issue(context.Background(), newCard); !errors.Is(err, cardio.ErrNotBlank) {
		t.Errorf("again: %v", err)
	}
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*bench, *cardio.NewCard)
		want    error
	}{
		"issued":        {func(b *bench, _ *cardio.NewCard) { b.issued(2) }, cardio.ErrNotBlank},
		"damaged":       {func(b *bench, _ *cardio.NewCard) { flip(b.issued(2), 60) }, cardio.ErrNotBlank},
		"other utility": {func(b *bench, _ *cardio.NewCard) { b.issued(2); b.Utility++ }, cardio.ErrForeignCard},
		"other chip":    {func(_ *bench, n *cardio.NewCard) { n.UID = uid(5) }, cardio.ErrOtherCard},
		"no number":     {func(_ *bench, n *cardio.NewCard) { n.Number = "" }, cardio.ErrOrderNotValid},
		"long number":   {func(_ *bench, n *cardio.NewCard) { n.Number = "12345678901234567" }, cardio.ErrOrderNotValid},
		"letters":       {func(_ *bench, n *cardio.NewCard) { n.Number = "12A" }, cardio.ErrOrderNotValid},
		"short meter":   {func(_ *bench, n *cardio.NewCard) { n.Meter = "123" }, cardio.ErrOrderNotValid},
		"no unit":       {func(_ *bench, n *cardio.NewCard) { n.Unit = 0 }, cardio.ErrOrderNotValid},
		"negative":      {func(_ *bench, n *cardio.NewCard) { n.Total = -1 }, cardio.ErrOrderNotValid},
		"too large":     {func(_ *bench, n *cardio.NewCard) { n.Total = cardio.MaxTotal + 1 }, cardio.ErrOrderNotValid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.slot.Insert(cardsim.NewBlank(uid(1)))
			n := newCard
			test.prepare(b, &n)
			before := len(b.slot.Log())
			if _, err := b.Issue(context.Background(), n); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			for _, e := range b.slot.Log()[before:] {
				if e.INS != 0xA4 && e.INS != 0xB0 {
					t.Errorf("command %02X was sent", e.INS)
				}
			}
		})
	}
}

// TestIssueCutAnywhere cuts an issue at every command and tears its writes at
// every byte; the card is then blank or whole, and the issue can be run again.
func TestIssueCutAnywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.slot.Insert(cardsim.NewBlank(uid(1)))
	c, err := b.Issue(context.Background(), newCard)
	if err != nil {
		t.Fatal(err)
	}
	b.close(c)
	commands := len(b.slot.Log())
	for n := range commands {
		for name, do := range map[string]cardsim.Effect{
			"fail": cardsim.FailBefore(), "lose answer": cardsim.LoseAnswer(), "one byte": cardsim.Short(1),
			"pull before": cardsim.PullBefore(), "pull after": cardsim.PullAfter(), "torn": cardsim.Tear(3, cardsim.ErasedBytes),
		} {
			b.reissue(fmt.Sprintf("%s at command %d of %d", name, n, commands), cardsim.Nth(n), do)
		}
	}
	for k := range identitySize + 1 {
		for place, when := range map[string]cardsim.When{"purse": update(48), "identity": update(0)} {
			for _, rest := range []cardsim.Rest{cardsim.OldBytes, cardsim.ErasedBytes} {
				b.reissue(fmt.Sprintf("%s torn at byte %d, rest %v", place, k, rest), when, cardsim.Tear(k, rest))
			}
		}
	}
}

// update picks the UPDATE BINARY at that offset.
func update(offset byte) cardsim.When {
	return func(_ int, c []byte) bool { return len(c) > 3 && c[1] == 0xD6 && c[3] == offset }
}

// reissue cuts the issue of a blank card and runs it again from the start.
func (b *bench) reissue(name string, when cardsim.When, do cardsim.Effect) {
	b.t.Helper()
	chip := cardsim.NewBlank(uid(1))
	b.slot.Insert(chip)
	b.slot.Inject(when, do)
	if c, err := b.Issue(context.Background(), newCard); err == nil {
		b.close(c)
		b.t.Errorf("%s: no error", name)
	}
	b.slot.Insert(chip)
	c, err := b.Present(context.Background())
	if errors.Is(err, cardio.ErrBlankCard) {
		c, err = b.Issue(context.Background(), newCard)
	}
	if err != nil {
		b.t.Errorf("%s: %v", name, err)
		return
	}
	defer b.close(c)
	if v, err := c.Load(after(c.Contents().Purse, 1)); v != cardio.Loaded || c.Contents().Purse.Total != 701 {
		b.t.Errorf("%s: then %v, %v", name, v, err)
	}
}

func TestKeysRoll(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/keys"
	keys, err := sam.GenerateFile(path, "p", 4)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.Keys = keys
	old := b.issued(1)
	if b.Keys, err = sam.RollFile(path, "p", 4); err != nil {
		t.Fatal(err)
	}
	fresh := b.issued(2)
	for version, chip := range map[uint8]*cardsim.Card{1: old, 2: fresh} {
		b.slot.Insert(chip)
		c := b.present()
		if got := c.Contents().Identity.KeyVersion; got != version {
			t.Errorf("key version %d, want %d", got, version)
		}
		if v, err := c.Load(after(c.Contents().Purse, 1)); v != cardio.Loaded {
			t.Errorf("version %d: %v, %v", version, v, err)
		}
		b.close(c)
	}
	b.Keys = keys // a service that has not been given the new version yet
	image := fresh.Image()
	b.slot.Insert(fresh)
	if _, err := b.Present(context.Background()); !errors.Is(err, cardio.ErrKeyVersion) {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(image, fresh.Image()) {
		t.Error("the card changed")
	}
}
