package cardio_test

import (
	"context"
	"encoding/binary"
	"os"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

const (
	utility = 4711
	meter   = "20240000000001"

	// vg1 on a CPU card.
	application  = "\xF0VENDGATE\x01"
	vendorSFI    = 1
	vendorKey    = 1
	identitySize = 48
	slotSize     = 48
)

// bench is a counter with one reader.
type bench struct {
	t    *testing.T
	slot *cardsim.Slot
	*cardio.Terminal
}

func newBench(t *testing.T) *bench {
	slot := cardsim.NewSlot("bench")
	return &bench{t, slot, &cardio.Terminal{Reader: slot, Keys: sam.Generate(), Utility: utility}}
}

func uid(n uint64) [8]byte { return [8]byte(binary.BigEndian.AppendUint64(nil, 0x5600000000000000|n)) }

// issued puts a new customer's card into the slot.
func (b *bench) issued(n uint64) *cardsim.Card {
	b.t.Helper()
	chip := cardsim.NewBlank(uid(n))
	b.slot.Insert(chip)
	c, err := b.Issue(context.Background(), cardio.NewCard{Number: "6001", Meter: meter, Unit: cardio.Litre})
	if err != nil {
		b.t.Fatal(err)
	}
	b.close(c)
	return chip
}

func (b *bench) present() *cardio.Card {
	b.t.Helper()
	c, err := b.Present(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) close(c *cardio.Card) {
	b.t.Helper()
	if err := c.Close(); err != nil {
		b.t.Error(err)
	}
}

// read gives the contents of the card in the slot.
func (b *bench) read() cardio.Contents {
	b.t.Helper()
	c := b.present()
	defer b.close(c)
	return c.Contents()
}

// after is the order that comes after what p holds.
func after(p cardio.Purse, credit int64) cardio.Order {
	return cardio.Order{Purchase: uuid.New(), Count: p.Count + 1, Credit: credit, Total: p.Total + credit}
}

func TestTopUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.issued(1)
	c := b.present()
	want := cardio.Contents{
		Rule:     cardio.Cumulative,
		Identity: cardio.Identity{UID: uid(1), Utility: utility, Number: "6001", Meter: meter, KeyVersion: 1, Unit: cardio.Litre},
		Purse:    cardio.Purse{Generation: 1},
		OneCopy:  true,
	}
	if got := c.Contents(); got != want {
		t.Errorf("new card: %+v", got)
	}
	o := after(c.Contents().Purse, 25_000)
	if v, err := c.Load(o); v != cardio.Loaded || err != nil {
		t.Fatalf("load: %v, %v", v, err)
	}
	if got := c.Traffic(); got.Commands != 8 || got.Written != 52 {
		t.Errorf("a top-up took %+v", got)
	}
	b.close(c)
	want.Purse = cardio.Purse{Generation: 2, Count: 1, Credit: 25_000, Total: 25_000, Purchase: o.Purchase}
	want.OneCopy = false
	if got := b.read(); got != want {
		t.Errorf("after the load: %+v", got)
	}
}

// vg1File is the layout file of vg1.
func vg1File(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("cardfile/layouts/vg1.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
