package cardio_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// oldKeys knows no key version that a card has.
type oldKeys struct{ cardio.Keys }

func (o oldKeys) Meter(uint8, string) (sam.Meter, error) { return sam.Meter{}, sam.ErrVersion }

// otherATR is a reader in which the card has some other answer to reset.
type otherATR struct{ cardio.Reader }

func (r otherATR) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Reader.Connect(ctx)
	return otherATRLink{l}, err
}

type otherATRLink struct{ cardio.Link }

func (otherATRLink) ATR() []byte { return []byte{0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91} }

// rooted is a key set with one root, of that version.
func rooted(t *testing.T, version uint8) cardio.Keys {
	t.Helper()
	only, err := new(sam.File).Add(version, nil)
	if err != nil {
		t.Fatal(err)
	}
	return only
}

// flip changes one bit in the vendor's file.
func flip(c *cardsim.Card, offset int) {
	c.Poke(vendorSFI, offset, []byte{c.File(vendorSFI)[offset] ^ 0x10})
}

func TestPresentRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*bench, *cardsim.Card)
		want    error
	}{
		"no card":       {func(b *bench, _ *cardsim.Card) { b.slot.Pull() }, cardio.ErrNoCard},
		"unknown chip":  {func(b *bench, _ *cardsim.Card) { b.Reader = otherATR{b.slot} }, cardio.ErrUnknownCard},
		"blank":         {func(b *bench, _ *cardsim.Card) { b.slot.Insert(cardsim.NewBlank(uid(9))) }, cardio.ErrBlankCard},
		"other utility": {func(b *bench, _ *cardsim.Card) { b.Utility++ }, cardio.ErrForeignCard},
		"other keys":    {func(b *bench, _ *cardsim.Card) { b.Keys = sam.Generate() }, cardio.ErrForeignCard},
		"key version":   {func(b *bench, _ *cardsim.Card) { b.Keys = oldKeys{b.Keys} }, cardio.ErrKeyVersion},
		"for trials":    {func(b *bench, _ *cardsim.Card) { b.Keys = rooted(b.t, 128) }, cardio.ErrTrialCard},
		"for production": {func(b *bench, _ *cardsim.Card) {
			trial := b.Keys
			b.Keys = rooted(b.t, 128)
			b.issued(2)
			b.Keys = trial
		}, cardio.ErrProductionCard},
		"copied": {func(b *bench, c *cardsim.Card) {
			twin := b.issued(200) // c is none of the first few
			twin.Poke(vendorSFI, 0, c.File(vendorSFI))
		}, cardio.ErrForeignCard},
		"forged number":     {func(b *bench, c *cardsim.Card) { flip(c, 20) }, cardio.ErrForeignCard},
		"forged MAC":        {func(b *bench, c *cardsim.Card) { flip(c, 40) }, cardio.ErrForeignCard},
		"misspelled":        {func(b *bench, c *cardsim.Card) { flip(c, 7) }, cardio.ErrDamagedCard},
		"only purse broken": {func(b *bench, c *cardsim.Card) { flip(c, 60) }, cardio.ErrDamagedCard},
		"link lost":         {func(b *bench, c *cardsim.Card) { b.slot.Inject(cardsim.Nth(1), cardsim.FailBefore()) }, cardio.ErrLinkDead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			chip := b.issued(1)
			for chip.File(vendorSFI)[47]%0xFF == 0 { // one MAC in 128 ends as an unfinished one does
				chip = b.issued(binary.BigEndian.Uint64(append(make([]byte, 7), chip.UID()[7]+1)))
			}
			test.prepare(b, chip)
			if c, err := b.Present(context.Background()); !errors.Is(err, test.want) || c != nil {
				t.Errorf("%v, want %v", err, test.want)
			}
			if b.slot.Name(); name != "no card" {
				if l, err := b.slot.Connect(context.Background()); err != nil {
					t.Errorf("the reader was not let go of: %v", err)
				} else {
					_ = l.Close()
				}
			}
		})
	}
}

func TestTornSlotIsPassedOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	chip := b.issued(1)
	c := b.present()
	first := after(c.Contents().Purse, 10)
	if v, _ := c.Load(first); v != cardio.Loaded {
		t.Fatal(v)
	}
	b.close(c)
	flip(chip, 48) // slot A, the older one
	if got := b.read(); got.Purse.Purchase != first.Purchase || !got.OneCopy {
		t.Errorf("%+v", got)
	}
}

func TestChip(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Chip(context.Background()); !errors.Is(err, cardio.ErrNoCard) {
		t.Error(err)
	}
	b.slot.Insert(cardsim.NewBlank(uid(3)))
	for range 2 {
		if got, err := b.Chip(context.Background()); got != uid(3) || err != nil {
			t.Errorf("%X, %v", got, err)
		}
	}
}

// resetting is a reader whose cards are reset before the nth command, as pcscd
// does for a program that died with the card in hand.
type resetting struct {
	*cardsim.Slot
	nth int
}

func (r *resetting) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Slot.Connect(ctx)
	return &resetLink{Link: l, reader: r}, err
}

type resetLink struct {
	cardio.Link
	reader *resetting
	sent   int
}

func (l *resetLink) Transmit(command []byte) ([]byte, error) {
	if l.sent++; l.sent-1 == l.reader.nth {
		l.reader.Swap(l.reader.Card()) // the same card, power off and on
	}
	return l.Link.Transmit(command)
}

// A card that is reset while it is read is not taken for a blank one.
func TestResetWhileRead(t *testing.T) {
	const commands = 3
	for nth := range commands {
		b := newBench(t)
		b.issued(1)
		b.Terminal.Reader = &resetting{Slot: b.slot, nth: nth}
		card, err := b.Present(t.Context())
		if err != nil {
			t.Errorf("reset before command %d: %v", nth, err)
			continue
		}
		b.close(card)
	}
}
