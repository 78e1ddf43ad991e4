package counter_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// refusal is a sale that must not be: what is wrong, and with which words it is
// refused.
type refusal struct {
	name string
	want error
	// spoil makes it wrong; it may change the household, the request and the reader.
	spoil func(t *testing.T, w *world, s *sale)
}

// sale is one attempt: who, where and what.
type sale struct {
	home     *household
	slot     *cardsim.Slot
	terminal counter.Terminal
	req      counter.TopUpRequest
}

func sqlOn(sql string) func(*testing.T, *world, *sale) {
	return func(t *testing.T, w *world, s *sale) { w.exec(t, sql, s.home.no) }
}

func (w *world) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func asking(change func(*counter.TopUpRequest)) func(*testing.T, *world, *sale) {
	return func(_ *testing.T, _ *world, s *sale) { change(&s.req) }
}

func (s *sale) putIn(w *world, chip *cardsim.Card) {
	s.slot.Insert(chip)
	s.home.chip = chip
}

var refusals = []refusal{
	{"no money", vending.ErrAmountInvalid, asking(func(r *counter.TopUpRequest) { r.MoneyFen = 0 })},
	{"less than no money", vending.ErrAmountInvalid, asking(func(r *counter.TopUpRequest) { r.MoneyFen = -1 })},
	{"too little for a step", vending.ErrAmountTooSmall, asking(func(r *counter.TopUpRequest) { r.MoneyFen = 1 })},
	{"more than one sale may be", vending.ErrAmountTooLarge, asking(func(r *counter.TopUpRequest) { r.MoneyFen = vending.MaxSaleFen + 1 })},
	{"more than the meter holds", vending.ErrMeterFull, sqlOn(`update meter set max_credit = 100000 where customer_no = $1`)},
	{"an advance that is not there", vending.ErrAdvanceShort, asking(func(r *counter.TopUpRequest) { r.Means = vending.FromAdvance })},
	{"another card than the clerk saw", vending.ErrWrongCard, asking(func(r *counter.TopUpRequest) { r.Card = "8100099999" })},
	{"customer sealed", vending.ErrCustomerClosed, sqlOn(`update customer set status = 'sealed' where no = $1`)},
	{"customer closed", vending.ErrCustomerClosed, sqlOn(`update customer set status = 'closed' where no = $1`)},
	{"card reported lost", vending.ErrCardLost, sqlOn(`update card set state = 'lost' where customer_no = $1`)},
	{"card not issued to the end", vending.ErrCardNotActive, sqlOn(`update card set state = 'issuing' where customer_no = $1`)},
	{"no card", cardio.ErrNoCard, func(_ *testing.T, _ *world, s *sale) { s.slot.Pull() }},
	{"blank card", cardio.ErrBlankCard, func(_ *testing.T, w *world, s *sale) { s.putIn(w, cardsim.NewBlank(uid(999))) }},
	{"card that the books do not know", vending.ErrCardNotOurs, func(t *testing.T, w *world, s *sale) {
		s.putIn(w, issuedElsewhere(t, &cardio.Terminal{Keys: w.keys, Utility: utility}))
	}},
	{"card of another utility", cardio.ErrForeignCard, func(t *testing.T, w *world, s *sale) {
		s.putIn(w, issuedElsewhere(t, &cardio.Terminal{Keys: newKeys(), Utility: utility + 1}))
	}},
	{"card of another utility with our number", cardio.ErrForeignCard, func(t *testing.T, w *world, s *sale) {
		s.putIn(w, forged(t))
	}},
	{"card with an unresolved purchase", vending.ErrUnresolved, func(t *testing.T, w *world, s *sale) {
		w.leavePending(t, s.home)
	}},
	{"card ahead of the books", vending.ErrCardDisagrees, func(t *testing.T, w *world, s *sale) {
		loadBehindTheBooks(t, w, s.home)
	}},
	{"an id that was another sale", vending.ErrIDReused, func(t *testing.T, w *world, s *sale) {
		first := request(topUpFen + 100)
		if _, err := w.desk(w.store).TopUp(t.Context(), s.terminal, first); err != nil {
			t.Fatal(err)
		}
		s.req.ID = first.ID
	}},
	{"an id that was another customer's sale", vending.ErrIDReused, func(t *testing.T, w *world, s *sale) {
		other := w.household(t)
		if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(other)), s.req); err != nil {
			t.Fatal(err)
		}
	}},
}

// TestRefused: each of these sales is refused with its own error, not one byte
// is written to the card, and the books say nothing of it.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h := w.household(t)
			slot := slotWith(h)
			s := &sale{home: h, slot: slot, terminal: w.terminal(slot), req: request(topUpFen)}
			r.spoil(t, w, s)
			image, sales := s.home.chip.Image(), w.sales(t, h)
			_, err := w.desk(w.store).TopUp(t.Context(), s.terminal, s.req)
			if !errors.Is(err, r.want) {
				t.Errorf("got %v, want %v", err, r.want)
			}
			if !bytes.Equal(image, s.home.chip.Image()) {
				t.Error("the card was written")
			}
			if n := w.sales(t, h); n != sales {
				t.Errorf("%d sales in the books, %d before", n, sales)
			}
			violations, err := w.store.CheckBooks(t.Context())
			if err != nil || len(violations) > 0 {
				t.Errorf("books: %v, %v", violations, err)
			}
		})
	}
}

func (w *world) sales(t *testing.T, h *household) int {
	t.Helper()
	list, err := w.store.Purchases(t.Context(), h.no, false, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// issuedElsewhere is a card that another terminal made.
func issuedElsewhere(t *testing.T, at *cardio.Terminal) *cardsim.Card {
	t.Helper()
	chip := cardsim.NewBlank(uid(998))
	slot := cardsim.NewSlot("elsewhere")
	slot.Insert(chip)
	at.Reader = slot
	card, err := at.Issue(t.Context(), cardio.NewCard{Number: "8100000001", Meter: "10000000000001", Unit: cardio.Litre})
	if err != nil {
		t.Fatal(err)
	}
	card.Close()
	return chip
}

// forged is a card of our utility that was not made with our keys, nor looks to us like one whose issue was cut: one seal in
// 128 ends like that.
func forged(t *testing.T) *cardsim.Card {
	t.Helper()
	const last = 47
	for {
		chip := issuedElsewhere(t, &cardio.Terminal{Keys: newKeys(), Utility: utility})
		if chip.File(vendorFile)[last]%0xFF != 0 {
			return chip
		}
	}
}

// leavePending cuts a top-up so that it is in doubt.
func (w *world) leavePending(t *testing.T, h *household) {
	t.Helper()
	slot := slotWith(h)
	slot.Inject(cardsim.OnINS(updateBinary), cardsim.PullAfter())
	out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), request(topUpFen))
	if err != nil || out.Purchase.State != vending.Pending {
		t.Fatalf("%s, %v: want it pending", out.Purchase.State, err)
	}
}

// loadBehindTheBooks puts a purchase on the card that was never sold.
func loadBehindTheBooks(t *testing.T, w *world, h *household) {
	t.Helper()
	card, err := w.terminal(slotWith(h)).Present(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	now := card.Contents().Purse
	order := cardio.Order{Purchase: uuid.New(), Count: now.Count + 1, Credit: 1000, Total: now.Total + 1000}
	if v, err := card.Load(order); v != cardio.Loaded {
		t.Fatal(v, err)
	}
}
