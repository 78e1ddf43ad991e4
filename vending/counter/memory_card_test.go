package counter_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// mainAndBackup is vg1 with both slots of the purse in fixed places: a torn write needs the journal in the books.
func mainAndBackup(t *testing.T) []*cardfile.Layout {
	t.Helper()
	text, err := os.ReadFile("../../cardio/cardfile/layouts/vg1.json")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(`"copies": "older"`, `"copies": "same"`, `"mark": "42"`, `"mark": "41"`).Replace(string(text))
	l, err := cardfile.Parse([]byte(changed))
	if err != nil {
		t.Fatal(err)
	}
	return []*cardfile.Layout{l}
}

// TestCounterDoesNotNoticeChips sells on memory cards as on a CPU card: issue, top-up, a second top-up before the first was
// taken, one that is torn in the middle of its write and settled when the card is seen again. The books agree.
func TestCounterDoesNotNoticeChips(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		chip    driver.Chip
		card    cardsim.Chip
		ins     byte
		layouts []*cardfile.Layout
	}{
		"SLE4428":                  {driver.SLE4428, cardsim.NewSLE4428(), 0xD0, nil},
		"AT24C16":                  {driver.AT24C16, cardsim.NewAT24C(11), 0xD0, nil},
		"MIFARE Classic":           {driver.Mifare1K, cardsim.NewClassic1K([4]byte{1, 2, 3, 4}), 0xD6, nil},
		"SLE4428, main and backup": {driver.SLE4428, cardsim.NewSLE4428(), 0xD0, mainAndBackup(t)},
	} {
		t.Run(name, func(t *testing.T) {
			h, slot := w.registered(t), cardsim.NewSlot("counter")
			desk := w.desk(w.store)
			terminal := counter.Journaled(counter.At(&cardio.Terminal{Reader: slot, Keys: w.keys, Codes: w.keys, Utility: utility,
				Layouts: c.layouts, Chips: []driver.Chip{c.chip}}), w.store)
			slot.Insert(c.card)
			card, _, err := desk.IssueCard(t.Context(), terminal, h.no, h.number())
			if err != nil || card.State != vending.CardActive {
				t.Fatalf("issue: %v, %v", card.State, err)
			}
			for range 2 {
				if out, err := desk.TopUp(t.Context(), terminal, request(topUpFen)); err != nil || out.Purchase.State != vending.Loaded {
					t.Fatalf("top-up: %v, %v", out.Purchase.State, err)
				}
			}
			slot.Inject(cardsim.OnINS(c.ins), cardsim.Tear(7, cardsim.ErasedBytes))
			torn, err := desk.TopUp(t.Context(), terminal, request(topUpFen))
			if err != nil || torn.Purchase.State != vending.Pending {
				t.Fatalf("torn: %v, %v", torn.Purchase.State, err)
			}
			slot.Insert(c.card)
			done, err := desk.Resume(t.Context(), terminal)
			if err != nil || done.Purchase.ID != torn.Purchase.ID || done.Purchase.State != vending.Loaded {
				t.Errorf("resumed: %v, %v", done.Purchase.State, err)
			}
			p, err := terminal.Present(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if now := p.Contents().Purse; now.Count != 3 || now.Total != done.Purchase.Total || now.Purchase != uuid.UUID(done.Purchase.ID) {
				t.Errorf("the card holds %+v", now)
			}
			if _, found, err := w.store.FindCardDraft(t.Context(), card.UID); err != nil || found {
				t.Errorf("a draft is left: %v, %v", found, err)
			}
		})
	}
	violations, err := w.store.CheckBooks(t.Context())
	if err != nil || len(violations) > 0 {
		t.Errorf("books: %v, %v", violations, err)
	}
}
