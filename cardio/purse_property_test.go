package cardio_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// spender is the model of a customer with a money card: what was paid and proved, one pending order at most, and what
// the meter bought.
type spender struct {
	*till
	count   uint32
	paid    int64
	spent   int64
	pending *cardio.Order
}

// buy brings the pending order onto the card, or tries to, with a fault at one of its commands.
func (s *spender) buy(t *rapid.T) {
	if s.pending == nil {
		fen := rapid.Int64Range(1, 100_000).Draw(t, "fen")
		s.pending = &cardio.Order{Purchase: uuid.New(), Count: s.count + 1, Credit: fen, Total: s.paid + fen}
	}
	s.slot = cardsim.NewSlot("counter")
	s.slot.Insert(s.chip)
	s.Reader = s.slot
	if rapid.Bool().Draw(t, "cut") {
		s.slot.Inject(cardsim.Nth(rapid.IntRange(0, 12).Draw(t, "command")), effects(t))
	}
	verdict, err := load(s.Terminal, *s.pending)
	if verdict == cardio.Loaded && err == nil {
		s.count, s.paid, s.pending = s.count+1, s.paid+s.pending.Credit, nil
	}
}

// void gives an order up that the card proves untouched.
func (s *spender) void(t *rapid.T) {
	s.slot = cardsim.NewSlot("office")
	s.slot.Insert(s.chip)
	s.Reader = s.slot
	c, err := s.Present(t.Context())
	if err != nil {
		t.Fatalf("without a fault: %v", err)
	}
	switch now := c.Contents().Purse; {
	case s.pending == nil:
	case cardio.Judge(now, *s.pending) == cardio.Untouched:
		s.pending = nil
	case cardio.Judge(now, *s.pending) == cardio.Loaded:
		s.count, s.paid, s.pending = s.count+1, s.paid+s.pending.Credit, nil
	default:
		t.Fatalf("%+v is neither before nor after %+v", now, *s.pending)
	}
	if now := c.Contents().Purse; now.Count != s.count || now.Balance != s.paid-s.spent {
		t.Fatalf("the card shows %+v; paid %d in %d loads, spent %d", now, s.paid, s.count, s.spent)
	}
	_ = c.Close()
}

// spend is the meter's.
func (s *spender) spend(t *rapid.T) {
	fen := rapid.Uint32Range(1, 50_000).Draw(t, "spent")
	if s.chip.Spend(wallet, fen) {
		s.spent += int64(fen)
	}
}

// TestPurseConserves: whatever is cut, and whatever the meter buys in between, the card holds what was paid less what was
// spent, or the pending load too, and the next presentation without a fault says which.
func TestPurseConserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := &spender{till: newTill(t)}
		r.Repeat(map[string]func(*rapid.T){
			"buy": s.buy, "spend": s.spend, "void": s.void,
			"": func(r *rapid.T) {
				have, _ := s.chip.Balance(wallet)
				extra := int64(have) - (s.paid - s.spent)
				if extra != 0 && (s.pending == nil || extra != s.pending.Credit) {
					r.Fatalf("%d fen more than were paid; pending %+v", extra, s.pending)
				}
			},
		})
		s.void(r)
	})
}
