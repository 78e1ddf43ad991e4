package counter_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// TestFound: a lost card lives again as long as none has taken its place, and what was in
// doubt on it is settled.
func TestFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desk := w.desk(w.store)
	for name, effect := range map[string]cardsim.Effect{"nothing in doubt": nil, "written": cardsim.PullAfter(), "not written": cardsim.PullBefore()} {
		h := w.household(t)
		b := w.bears(t, h)
		slot := slotWith(h)
		if effect != nil {
			slot.Inject(cardsim.OnINS(updateBinary), effect)
		}
		out, err := desk.TopUp(t.Context(), w.terminal(slot), request(topUpFen))
		if err != nil {
			t.Fatal(err)
		}
		b.loses()
		b.chip = b.lost
		act := deed(clerk)
		_, _, err = desk.FoundCard(t.Context(), w.terminal(slotWith(h)), deed(clerk), vending.Papers{})
		wantErr(t, err, vending.ErrPapersDiffer)
		for i := range 2 {
			card, done, err := desk.FoundCard(t.Context(), w.terminal(slotWith(h)), act, hers)
			if err != nil || done != (i == 0) || card.State != vending.CardActive {
				t.Errorf("%s: %s, %t, %v", name, card.State, done, err)
			}
		}
		if p, err := w.store.Purchase(t.Context(), out.Purchase.ID); err != nil || p.State != vending.Loaded {
			t.Errorf("%s: %s, %v", name, p.State, err)
		}
		_, _, err = desk.FoundCard(t.Context(), w.terminal(slotWith(h)), deed(clerk), hers)
		wantErr(t, err, vending.ErrCardLives)
		b.both(true)
		b.ends(0)
	}
}

// TestFoundTooLate: never do two cards of a meter live; the old one is taken back.
func TestFoundTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desk := w.desk(w.store)
	h, _ := w.sold(t, topUpFen)
	b := w.bears(t, h)
	b.loses()
	b.reissued()
	old := &household{no: b.no, chip: b.lost}
	_, _, err := desk.FoundCard(t.Context(), w.terminal(slotWith(old)), deed(clerk), hers)
	wantErr(t, err, vending.ErrCardReplaced)
	act := deed(clerk)
	for i := range 2 {
		card, done, err := desk.ReturnCard(t.Context(), w.terminal(slotWith(old)), act, false)
		if err != nil || done != (i == 0) || card.State != vending.CardReturned {
			t.Errorf("%s, %t, %v", card.State, done, err)
		}
	}
	_, err = desk.TopUp(t.Context(), w.terminal(slotWith(old)), request(firstFen))
	wantErr(t, err, vending.ErrCardReturned)
	_, _, err = desk.FoundCard(t.Context(), w.terminal(slotWith(old)), deed(clerk), hers)
	wantErr(t, err, vending.ErrCardReturned)
	b.both(true)
	b.ends(cardCost)
}

// TestFoundOtherwise: a card that does not show what the books hold stays dead, and so does
// one whose meter was replaced.
func TestFoundOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desk := w.desk(w.store)
	h, _ := w.sold(t, topUpFen)
	b := w.bears(t, h)
	before := b.chip.File(vendorFile)
	if _, err := desk.TopUp(t.Context(), w.terminal(slotWith(h)), request(firstFen)); err != nil {
		t.Fatal(err)
	}
	now := b.chip.File(vendorFile)
	b.loses()
	b.lost.Poke(vendorFile, 0, before)
	old := w.terminal(slotWith(&household{no: b.no, chip: b.lost}))
	_, _, err := desk.FoundCard(t.Context(), old, deed(clerk), hers)
	wantErr(t, err, vending.ErrCardDisagrees)
	_, _, err = desk.ReturnCard(t.Context(), old, deed(clerk), true)
	wantErr(t, err, vending.ErrCardDisagrees)
	b.lost.Poke(vendorFile, 0, now)
	w.by(t, `update meter set removed_at = now() where no = '`+b.number()+`'`)
	_, _, err = desk.FoundCard(t.Context(), old, deed(clerk), hers)
	wantErr(t, err, vending.ErrMeterRemoved)
}

// TestReplaced: a card that works is handed in, and another one, perhaps of another type,
// takes its place with all that is on it.
func TestReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desk := w.desk(w.store)
	h, p := w.sold(t, topUpFen)
	b := w.bears(t, h)
	_, _, err := desk.ReturnCard(t.Context(), w.terminal(slotWith(h)), deed(clerk), false)
	wantErr(t, err, vending.ErrCreditOnCard)
	_, _, err = desk.ReturnCard(t.Context(), w.terminal(slotWith(h)), deed(finance), true)
	wantErr(t, err, vending.ErrNotPermitted)
	if card, done, err := desk.ReturnCard(t.Context(), w.terminal(slotWith(h)), deed(clerk), true); err != nil || !done || card.State != vending.CardReturned {
		t.Fatal(card.State, done, err)
	}
	b.lost, b.chip = b.chip, cardsim.NewBlank(uid(w.last.Add(1)))
	if r := b.reissued(); r.Credit != p.Quote.Credit {
		t.Errorf("%+v", r)
	}
	b.both(true)
	b.ends(cardCost)
}

// TestRefundCard: all credit that the meter has not taken is taken back, sale by sale, and
// its money is paid out at once. Then the card can be handed in.
func TestRefundCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chiefPays(t, 100_000)
	h := w.household(t) // the meter has taken firstFen
	b := w.bears(t, h)
	desk := w.desk(w.store).As(chief)
	act, cash := deed(chief), vending.Payment{Means: vending.Cash}
	act.Why, act.Approved = "销户", manager
	_, err := desk.RefundCard(t.Context(), w.terminal(slotWith(h)), act, cash)
	wantErr(t, err, vending.ErrNothingOnCard)
	before := w.balances(t, h)
	for _, fen := range []int64{30_000, 20_000, 15_000} {
		if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(fen)); err != nil {
			t.Fatal(err)
		}
	}
	for want, spoil := range map[error]func(*vending.Deed){
		vending.ErrNotPermitted: func(d *vending.Deed) { d.By = clerk }, vending.ErrReasonMissing: func(d *vending.Deed) { d.Why = "" },
		vending.ErrFourEyes: func(d *vending.Deed) { d.Approved = vending.Actor{} },
	} {
		wrong := act
		spoil(&wrong)
		if _, err := desk.RefundCard(t.Context(), w.terminal(slotWith(h)), wrong, cash); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	slot, writes := slotWith(h), 0
	slot.Inject(func(_ int, command []byte) bool { // the second write
		if cardsim.OnINS(updateBinary)(0, command) {
			writes++
		}
		return writes == 2
	}, cardsim.PullBefore())
	r, err := desk.RefundCard(t.Context(), w.terminal(slot), act, cash)
	if err != nil || len(r.Back) != 2 || r.Back[0].Purchase.State != vending.Loaded || r.Back[1].Purchase.State != vending.Pending || r.RefundFen != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i := range 2 {
		r, err = desk.RefundCard(t.Context(), w.terminal(slotWith(h)), act, cash)
		if err != nil || len(r.Back) != 3 || r.RefundFen != 65_000 || r.Repeated != (i == 1) {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for name, n := range w.balances(t, h) {
		if n != before[name] {
			t.Errorf("%s is %d, was %d", name, n, before[name])
		}
	}
	// What is sold afterwards is none of that deed's business.
	if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(firstFen)); err != nil {
		t.Fatal(err)
	}
	if r, err = desk.RefundCard(t.Context(), w.terminal(slotWith(h)), act, cash); err != nil || !r.Repeated || len(r.Back) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	loaded := h.meter.Snapshot().Loaded
	if now := b.inserts(h.chip); now-loaded != w.balance(t, h, ledger.ClassCard) {
		t.Errorf("the meter took %d", now-loaded)
	}
	if _, done, err := w.desk(w.store).ReturnCard(t.Context(), w.terminal(slotWith(h)), deed(clerk), false); err != nil || !done {
		t.Error(done, err)
	}
	w.clean(t, h)
}

// TestRefundCardStops where the meter has taken a sale: what lies above it is paid out.
func TestRefundCardStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, _ := w.sold(t, firstFen)
	w.drives(t, h)
	if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(topUpFen)); err != nil {
		t.Fatal(err)
	}
	w.chiefPays(t, 100_000)
	act := deed(chief)
	act.Why = "销户"
	r, err := w.desk(w.store).As(chief).RefundCard(t.Context(), w.terminal(slotWith(h)), act, vending.Payment{Means: vending.Cash})
	if err != nil || len(r.Back) != 1 || r.RefundFen != topUpFen {
		t.Errorf("%+v, %v", r, err)
	}
	b := w.bears(t, h)
	b.lost = b.chip
	b.both(true)
	b.ends(0)
}

// TestRefundCardThatFollows: what a card that died may still hold is for the meter; what
// was sold since is refunded.
func TestRefundCardThatFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chiefPays(t, 10_000_000)
	b := w.inDoubt(t, true)
	b.reissued()
	act := deed(chief)
	act.Why = "销户"
	refund := func() (counter.CardRefunded, error) {
		return w.desk(w.store).As(chief).RefundCard(t.Context(), w.terminal(slotWith(b.household)), act, cash)
	}
	_, err := refund()
	wantErr(t, err, vending.ErrCreditOnCard)
	if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(b.household)), request(15_000)); err != nil {
		t.Fatal(err)
	}
	if r, err := refund(); err != nil || len(r.Back) != 1 || r.RefundFen != 15_000 {
		t.Errorf("%+v, %v", r, err)
	}
	b.both(true)
	b.ends(cardCost)
}
