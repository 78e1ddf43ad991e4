package main

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

// fixedPlaces is vg1 with both slots of the purse in fixed places: it is written with a journal only.
func fixedPlaces(t *testing.T) []*cardfile.Layout {
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

// A card whose write can be torn is sold at any station of the hall: its loads are journaled. A torn one is settled by what
// the books hold when the card comes back.
func TestStationsJournal(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), books.New(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.AddCustomer(t.Context(), vending.Customer{No: customerNo, Name: "王芳", Status: vending.InService, Tariff: "gas-residential"},
		vending.Meter{No: meterNumber, Commodity: ledger.Litre, MaxCredit: 2_000_000}, opening)
	if err != nil {
		t.Fatal(err)
	}
	keys, layouts := sam.Generate(), fixedPlaces(t)
	hall := &stations{desk: &counter.Desk{Store: db, Now: time.Now, Log: slog.New(slog.DiscardHandler), By: clerk},
		keyed: func(r cardio.Reader) counter.Terminal {
			return counter.At(&cardio.Terminal{Reader: r, Keys: keys, Codes: keys, Utility: 1, Layouts: layouts, Chips: []driver.Chip{driver.SLE4428}})
		}}
	slot, chip := cardsim.NewSlot("counter"), cardsim.NewSLE4428()
	slot.Insert(chip)
	card, _, err := hall.desk.IssueCard(t.Context(), counter.Journaled(hall.keyed(slot), db), customerNo, meterNumber)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := hall.desk.OpenShift(t.Context(), vending.Deed{By: clerk}, counter.ShiftOpening{Till: "2", Safe: "main"}); err != nil {
		t.Fatal(err)
	}
	station := hall.station(slot)
	slot.Inject(cardsim.OnINS(0xD0), cardsim.Tear(7, cardsim.ErasedBytes))
	torn, err := station.TopUp(t.Context(), counter.TopUpRequest{ID: uuid.New(), MoneyFen: 20000,
		Payment: vending.Payment{Means: vending.Cash}, Till: "2", Card: card.No})
	if err != nil || torn.Purchase.State != vending.Pending {
		t.Fatalf("torn: %v, %v", torn.Purchase.State, err)
	}
	slot.Insert(chip)
	if done, err := station.Resume(t.Context()); err != nil || done.Purchase.ID != torn.Purchase.ID || done.Purchase.State != vending.Loaded {
		t.Errorf("resumed: %v, %v", done.Purchase.State, err)
	}
	if broken, err := db.CheckBooks(t.Context()); err != nil || len(broken) > 0 {
		t.Errorf("books: %v, %v", broken, err)
	}
}
