package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/web"
)

const (
	customerNo   = 1001
	meterNumber  = "10000000000001"
	updateBinary = 0xD6
)

var books = pgtest.Template(func(ctx context.Context, dsn string) error {
	s, err := store.Open(ctx, dsn)
	if err == nil {
		s.Close()
	}
	return err
})

// hall is a counter with its page: a real database, a card in a slot, a server.
type hall struct {
	t     *testing.T
	url   string
	store *store.Store
	slot  *cardsim.Slot
	chip  *cardsim.Card
	card  string       // its number
	posts atomic.Int32 // forms that came in
}

// open opens a hall with one customer, whose card is in the reader.
func open(t *testing.T) *hall {
	t.Helper()
	s, err := store.Open(t.Context(), books.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h := &hall{t: t, store: s, slot: cardsim.NewSlot("counter"), chip: cardsim.NewBlank([8]byte{1, 2, 3, 4, 5, 6, 7, 8})}
	h.slot.Insert(h.chip)
	desk := &counter.Desk{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler), By: clerk}
	terminal := counter.At(&cardio.Terminal{Reader: h.slot, Keys: sam.Generate(), Utility: 1})
	_, err = s.AddCustomer(t.Context(), vending.Customer{No: customerNo, Name: "王芳", Status: vending.InService, Tariff: "gas-residential"},
		vending.Meter{No: meterNumber, Commodity: ledger.Litre, MaxCredit: 2_000_000}, opening)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := desk.OpenShift(t.Context(), vending.Deed{By: clerk}, counter.ShiftOpening{Till: "1", Safe: "main"}); err != nil {
		t.Fatal(err)
	}
	card, _, err := desk.IssueCard(t.Context(), terminal, customerNo, meterNumber)
	if err != nil {
		t.Fatal(err)
	}
	h.card = card.No
	pages := web.Handler(only{web.AtTerminal(desk, terminal)}, nil, slog.New(slog.DiscardHandler))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			h.posts.Add(1)
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	h.url = server.URL + "/"
	return h
}

// sold holds what was sold so far, each for 200 yuan, against the books and
// against what the card had to be written.
func (h *hall) sold(want ...vending.State) {
	h.t.Helper()
	list, err := h.store.Purchases(h.t.Context(), customerNo, false, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	var got []vending.State
	for _, p := range list {
		got = append(got, p.State)
		if p.Quote.Money != 20000 {
			h.t.Errorf("sold for %d fen", p.Quote.Money)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("sales %v, want %v", got, want)
	}
	if broken, err := h.store.CheckBooks(h.t.Context()); err != nil || len(broken) > 0 {
		h.t.Errorf("books: %v, %v", broken, err)
	}
}

var clerk = vending.Actor{Staff: "clerk", Role: vending.RoleCashier, From: "test"}

var opening = vending.Deed{Kind: "customer opened", By: clerk}
