package counter_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// TestVoidedMoneyBuysAgain: a card that refuses the write leaves the money as
// the customer's advance, and from there it buys the same credit, once.
func TestVoidedMoneyBuysAgain(t *testing.T) {
	w := newWorld(t)
	voided := w.opened(t)
	slot := slotWith(voided)
	slot.Inject(cardsim.Nth(3), cardsim.Short(2)) // the challenge is no challenge: nothing was handed over to be written
	out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), request(topUpFen))
	if err != nil || out.Purchase.State != vending.Voided {
		t.Fatalf("%s, %v: want it voided", out.Purchase.State, err)
	}
	again := request(topUpFen)
	again.Means = vending.FromAdvance
	out, err = w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(voided)), again)
	if err != nil || out.Purchase.State != vending.Loaded || out.Purchase.Count != 1 {
		t.Fatalf("from the advance: %+v, %v", out.Purchase, err)
	}
	if free := w.balance(t, voided, ledger.ClassAdvance); free != out.Purchase.Quote.Change {
		t.Errorf("%d fen of advance are left, want %d", free, out.Purchase.Quote.Change)
	}
	if till := w.balance(t, voided, ledger.ClassPrepaid); till != out.Purchase.Quote.Cost {
		t.Errorf("%d fen are prepaid, want %d", till, out.Purchase.Quote.Cost)
	}
}

func (w *world) balance(t testing.TB, h *household, class ledger.Class) int64 {
	t.Helper()
	list, err := w.store.Balances(t.Context(), h.no)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		if b.Account.Class == class {
			return b.Posted
		}
	}
	return 0
}

// TestMeterSettles: the customer goes home with a card in doubt; the meter's
// report over the wire proves the purchase, without the card.
func TestMeterSettles(t *testing.T) {
	w := newWorld(t)
	h := w.household(t)
	w.leavePending(t, h)
	if err := h.toMeter(slotWith(h)); err != nil {
		t.Fatal(err)
	}
	if err := w.read(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	list, err := w.store.Purchases(t.Context(), h.no, false, 10)
	if err != nil || len(list) != 2 || list[1].State != vending.Loaded || list[1].Proof != vending.ByMeter {
		t.Fatalf("%+v, %v: want the second purchase loaded, by the meter", list, err)
	}
	a := &aftermath{world: w, home: h}
	a.books(t.Context())
	failAll(t, "settled by the meter, card not seen since", a.faults)
}

// TestIssueIsRepeatable: cut at every command, the same call with the same chip
// finishes it. Where that chip is dead, another one takes its place, once.
func TestIssueIsRepeatable(t *testing.T) {
	w := newWorld(t)
	whole := w.opened(t)
	probe := cardsim.NewSlot("probe")
	probe.Insert(cardsim.NewBlank(uid(997)))
	if _, err := (&cardio.Terminal{Reader: probe, Keys: w.keys, Utility: utility}).Issue(t.Context(),
		cardio.NewCard{Number: whole.card, Meter: "10000000000001", Unit: cardio.Litre}); err != nil {
		t.Fatal(err)
	}
	commands := len(probe.Log())
	for i := 1; i <= commands; i++ { // command 0 asks whether the card is blank: no number is taken yet
		h := w.cutIssue(t, i)
		first, repeated, err := w.issue(t, h, h.chip)
		if err != nil || repeated {
			t.Fatalf("command %d: again: repeated %t, %v", i, repeated, err)
		}
		second, repeated, err := w.issue(t, h, h.chip)
		if err != nil || !repeated || second.No != first.No {
			t.Errorf("command %d: once more: card %s, repeated %t, %v", i, second.No, repeated, err)
		}

		h = w.cutIssue(t, i)
		another := cardsim.NewBlank(uid(h.no + 500_000))
		if _, _, err := w.issue(t, h, another); err != nil {
			t.Errorf("command %d: another chip: %v", i, err)
		}
		if _, _, err := w.issue(t, h, h.chip); !errors.Is(err, vending.ErrCardTaken) {
			t.Errorf("command %d: the first chip came to life again: %v", i, err)
		}
		if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(topUpFen)); err == nil {
			t.Errorf("command %d: something was sold on the first chip", i)
		}
	}
	t.Logf("issue cut at each of %d commands", commands)
}

// cutIssue is a household whose card's issue was cut after a command.
func (w *world) cutIssue(t *testing.T, command int) *household {
	t.Helper()
	h := w.registered(t)
	slot := slotWith(h)
	slot.Inject(cardsim.Nth(command), cardsim.PullAfter())
	if _, _, err := w.desk(w.store).IssueCard(t.Context(), w.terminal(slot), h.no, h.number()); err == nil {
		t.Fatalf("command %d: the cut went unnoticed", command)
	}
	return h
}

func (w *world) issue(t *testing.T, h *household, chip *cardsim.Card) (vending.Card, bool, error) {
	slot := cardsim.NewSlot("issue")
	slot.Insert(chip)
	return w.desk(w.store).IssueCard(t.Context(), w.terminal(slot), h.no, h.number())
}
