package vending_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// What stands of the last purchases, and what the meter has not taken of it.
func TestUntaken(t *testing.T) {
	t.Parallel()
	sale := func(total, credit int64) vending.Purchase {
		p := vending.Purchase{ID: uuid.New(), Total: total}
		p.Quote.Credit.N = credit
		return p
	}
	undone, back := sale(500, 200), sale(300, -200)
	undone.Undone, back.Undone, back.Reverses = time.Now(), time.Now(), undone.ID
	for _, c := range []struct {
		last  []vending.Purchase
		taken int64
		want  int
	}{
		{nil, 0, 0},
		{[]vending.Purchase{sale(300, 100), sale(200, 100), sale(100, 100)}, 0, 3},
		{[]vending.Purchase{sale(300, 100), sale(200, 100), sale(100, 100)}, 100, 2},
		{[]vending.Purchase{sale(300, 100), sale(200, 100), sale(100, 100)}, 299, 1},
		{[]vending.Purchase{sale(300, 100), sale(200, 100), sale(100, 100)}, 300, 0},
		{[]vending.Purchase{back, undone, sale(300, 300)}, 0, 3}, // two counts further the card has place for no more
		{[]vending.Purchase{back, undone, sale(300, 300)}, 300, 0},
	} {
		if n := vending.Untaken(c.last, c.taken); n != c.want {
			t.Errorf("of %v, with %d taken, %d are not, want %d", c.last, c.taken, n, c.want)
		}
	}
}

// A card gainsays only what it has a place for.
func TestShownAgrees(t *testing.T) {
	t.Parallel()
	books := vending.Shown{Count: 3, Total: 500, Commodity: "L"}
	for shown, want := range map[vending.Shown]bool{
		books:                                       true,
		{Count: 2, Total: 500, Commodity: "L"}:      false,
		{Count: 3, Total: 400, Commodity: "L"}:      false,
		{Count: 3, Total: 500, Commodity: "Wh"}:     false,
		{Total: 500, Commodity: "L", NoCount: true}: true,
		{Total: 400, Commodity: "L", NoCount: true}: false,
		{Count: 3, Commodity: "L", NoTotal: true}:   true,
		{Count: 2, Commodity: "L", NoTotal: true}:   false,
	} {
		if shown.Agrees(books) != want {
			t.Errorf("%+v: %v", shown, !want)
		}
	}
}
