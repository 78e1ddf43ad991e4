package counter_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

var hers = vending.Papers{Kind: "id_card", Tail: "123X", Contract: "GS-2026-001"}

// bearer is a household whose papers are on file, and the card that it loses.
type bearer struct {
	*household
	w    *world
	t    testing.TB
	lost *cardsim.Card
}

// bears files a household's papers.
func (w *world) bears(t testing.TB, h *household) *bearer {
	t.Helper()
	if _, err := w.desk(w.store).FilePapers(t.Context(), deed(clerk), h.no, hers); err != nil {
		t.Fatal(err)
	}
	return &bearer{household: h, w: w, t: t}
}

// loses reports the card lost; a blank one is ready.
func (b *bearer) loses() {
	b.t.Helper()
	card, done, err := b.w.desk(b.w.store).ReportCard(b.t.Context(), deed(clerk), counter.CardReport{Card: b.card, Shown: hers})
	if err != nil || !done || card.State != vending.CardLost {
		b.t.Fatal(card.State, done, err)
	}
	b.lost, b.chip = b.chip, cardsim.NewBlank(uid(b.w.last.Add(1)))
}

func (b *bearer) request() counter.ReissueRequest {
	return counter.ReissueRequest{Customer: b.no, Meter: b.number(), Shown: hers}
}

func (b *bearer) reissued() counter.Reissued {
	b.t.Helper()
	r, err := b.w.desk(b.w.store).Reissue(b.t.Context(), b.w.terminal(slotWith(b.household)), deed(clerk), b.request())
	if err != nil || r.Card.State != vending.CardActive {
		b.t.Fatal(r.Card.State, err)
	}
	b.card = r.Card.No
	return r
}

// inserts takes one card to the meter and returns what the meter has taken then.
func (b *bearer) inserts(chip *cardsim.Card) int64 {
	b.t.Helper()
	home := &household{meter: b.meter, chip: chip}
	if err := home.toMeter(cardsim.NewSlot("hall")); err != nil {
		b.t.Fatal(err)
	}
	return b.meter.Snapshot().Loaded
}

// both takes both cards to the meter, and then both again: what is paid for is taken once.
func (b *bearer) both(oldFirst bool) {
	b.t.Helper()
	first, second := b.chip, b.lost
	if oldFirst {
		first, second = second, first
	}
	for _, chip := range []*cardsim.Card{first, second, first, second} {
		b.inserts(chip)
	}
	b.meter.Burn(1234)
	if err := b.w.read(b.t.Context(), b.household); err != nil {
		b.t.Fatal(err)
	}
}

// ends holds money, cards and meter against what was sold, sells once more, and asks all
// that proves the books.
func (b *bearer) ends(costFen int64) {
	b.t.Helper()
	a := &aftermath{world: b.w, home: b.household}
	a.sit(slotWith(b.household), honest)
	list, err := b.w.store.Purchases(b.t.Context(), b.no, false, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	var sold int64
	for _, p := range list {
		if p.State == vending.Loaded {
			sold += p.Quote.Credit.N
		}
	}
	if m := b.meter.Snapshot(); m.Loaded != sold {
		b.t.Errorf("sold and paid for: %d, taken by the meter: %d", sold, m.Loaded)
	}
	if n := b.w.balance(b.t, b.household, ledger.ClassDebt); n != -costFen {
		b.t.Errorf("owed for the card: %d, want %d", -n, costFen)
	}
	a.goesOn(b.t.Context())
	a.books(b.t.Context())
	for _, f := range a.faults {
		b.t.Error(f)
	}
}

// cardCost is the shipped price of a card (RULES B2).
const cardCost = 2000

// TestLostCard (RULES C2): dead from the moment that it is reported; the new one carries
// what was paid and not taken, and the old one gains nothing, whichever comes first.
func TestLostCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, oldFirst := range []bool{false, true} {
		h, p := w.sold(t, topUpFen)
		b := w.bears(t, h)
		desk := w.desk(w.store)
		b.loses()
		old := &household{no: b.no, chip: b.lost}
		image := string(b.lost.Image())
		_, err := desk.TopUp(t.Context(), w.terminal(slotWith(old)), request(firstFen))
		wantErr(t, err, vending.ErrCardLost)
		view, err := desk.Look(t.Context(), w.terminal(slotWith(old)))
		if err != nil || view.File.State != vending.CardLost {
			t.Error(view.File.State, err)
		}
		r := b.reissued()
		if r.Credit != p.Quote.Credit || r.InDoubt || r.CostFen != cardCost || r.Follows != p.Card || r.Card.No == p.Card {
			t.Errorf("%+v", r)
		}
		if n := w.balances(t, b.household)["card:"+p.Card+" L"]; n != 0 {
			t.Errorf("still on the dead card: %d", n)
		}
		if string(b.lost.Image()) != image {
			t.Error("the dead card was written")
		}
		b.both(oldFirst)
		_, err = desk.TopUp(t.Context(), w.terminal(slotWith(old)), request(firstFen))
		wantErr(t, err, vending.ErrCardLost)
		b.ends(cardCost)
	}
}

// TestLostInDoubt: a purchase was cut, and nobody knows whether it is on the card that is
// lost. The new card carries it, and is where it is proved. Or the meter has proved it.
func TestLostInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cuts := map[string]cardsim.Effect{"written": cardsim.PullAfter(), "not written": cardsim.PullBefore(), "torn": cardsim.Tear(20, cardsim.ErasedBytes)}
	for name, effect := range cuts {
		for _, before := range []bool{false, true} { // the lost card is taken to the meter before the new one is made
			for _, oldFirst := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, first to the meter %t, then old first %t", name, before, oldFirst), func(t *testing.T) {
					t.Parallel()
					h, earlier := w.sold(t, firstFen)
					b := w.bears(t, h)
					slot := slotWith(h)
					slot.Inject(cardsim.OnINS(updateBinary), effect)
					if name == "torn" {
						slot.Inject(cardsim.OnINS(updateBinary), cardsim.PullAfter())
					}
					out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), request(topUpFen))
					if err != nil || out.Purchase.State != vending.Pending {
						t.Fatal(out.Purchase.State, err)
					}
					b.loses()
					proved := false
					if before {
						proved = b.inserts(b.lost) == out.Purchase.Total
						if err := w.read(t.Context(), h); err != nil {
							t.Fatal(err)
						}
					}
					_, err = w.desk(w.store).Resume(t.Context(), w.terminal(slotWith(&household{chip: b.lost})))
					if proved {
						wantErr(t, err, vending.ErrNoPurchase)
					} else {
						wantErr(t, err, vending.ErrCardLost)
					}
					r := b.reissued()
					want := int64(0)
					if !before {
						want = earlier.Quote.Credit.N
					}
					if r.InDoubt == proved || r.Credit.N != want {
						t.Errorf("proved %t: %+v, want %d", proved, r, want)
					}
					p, err := w.store.Purchase(t.Context(), out.Purchase.ID)
					if err != nil || p.State != vending.Loaded || p.Proof != map[bool]vending.Proof{true: vending.ByMeter, false: vending.ByCard}[proved] {
						t.Errorf("%s by %s, %v", p.State, p.Proof, err)
					}
					b.both(oldFirst)
					b.ends(cardCost)
				})
			}
		}
	}
}

// TestLostCardIsNobodys: what a new card is refused for, and that nothing changes then.
func TestLostCardRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desk := w.desk(w.store)
	stranger := w.opened(t)
	h, _ := w.sold(t, topUpFen)
	report := counter.CardReport{Card: h.card, Shown: hers}
	_, _, err := desk.ReportCard(t.Context(), deed(clerk), report)
	wantErr(t, err, vending.ErrPapers)
	b := w.bears(t, h)
	for name, c := range map[string]struct {
		report counter.CardReport
		by     vending.Actor
		want   error
	}{
		"other papers": {counter.CardReport{Card: h.card, Shown: vending.Papers{Kind: "id_card", Tail: "0000"}}, clerk, vending.ErrPapersDiffer},
		"no papers":    {counter.CardReport{Card: h.card}, clerk, vending.ErrPapersDiffer},
		"no such card": {counter.CardReport{Card: "1", Shown: hers}, clerk, vending.ErrCardNotOurs},
		"no right":     {report, finance, vending.ErrNotPermitted},
	} {
		if _, _, err := desk.ReportCard(t.Context(), deed(c.by), c.report); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	reissue := func(name string, chip *cardsim.Card, act vending.Deed, req counter.ReissueRequest, want error) {
		t.Helper()
		_, err := desk.Reissue(t.Context(), w.terminal(slotWith(&household{chip: chip})), act, req)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	blank := cardsim.NewBlank(uid(w.last.Add(1)))
	reissue("the card lives", blank, deed(clerk), b.request(), vending.ErrCardTaken)
	b.loses()
	again := report
	_, _, err = desk.ReportCard(t.Context(), deed(clerk), again)
	wantErr(t, err, vending.ErrCardLost)
	_, _, err = desk.IssueCard(t.Context(), w.terminal(slotWith(b.household)), b.no, b.number())
	wantErr(t, err, vending.ErrReissue)
	noPapers, waived := b.request(), b.request()
	noPapers.Shown, waived.Waived = vending.Papers{}, true
	reissue("no papers", b.chip, deed(clerk), noPapers, vending.ErrPapersDiffer)
	reissue("the lost card itself", b.lost, deed(clerk), b.request(), vending.ErrCardLost)
	reissue("another customer's card", stranger.chip, deed(clerk), b.request(), vending.ErrCardTaken)
	reissue("waived by a cashier", b.chip, deed(clerk), waived, vending.ErrNotPermitted)
	reissue("waived without a reason", b.chip, deed(chief), waived, vending.ErrReasonMissing)
	cards, err := w.store.Cards(t.Context(), b.no)
	if err != nil || len(cards) != 1 || w.balance(t, b.household, ledger.ClassDebt) != 0 {
		t.Error(cards, err)
	}
	never := w.bears(t, w.registered(t))
	reissue("there never was one", never.chip, deed(clerk), never.request(), vending.ErrFirstCard)
	act := deed(chief)
	act.Why = "我方质量问题"
	if r, err := w.desk(w.store).As(chief).Reissue(t.Context(), w.terminal(slotWith(b.household)), act, waived); err != nil || r.CostFen != 0 {
		t.Error(r, err)
	}
	b.both(true)
	b.ends(0)
}

// TestReissueAgain: the same deed again charges nothing and changes nothing; paid at once
// the card cost is in the till.
func TestReissueAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, _ := w.sold(t, topUpFen)
	b := w.bears(t, h)
	b.loses()
	act, req, drawer := deed(clerk), b.request(), w.held(t)
	req.Payment = &vending.Payment{Means: vending.Cash}
	desk := w.desk(w.store)
	if r, err := desk.Rehearsal().Reissue(t.Context(), w.terminal(slotWith(h)), act, req); err != nil || r.CostFen != cardCost || w.held(t) != drawer {
		t.Fatal(r, err)
	}
	slot := slotWith(h)
	slot.Inject(cardsim.OnINS(updateBinary), cardsim.FailBefore()) // this chip dies
	if r, err := desk.Reissue(t.Context(), w.terminal(slot), act, req); err == nil {
		t.Fatal(r)
	}
	b.chip = cardsim.NewBlank(uid(w.last.Add(1)))
	for i := range 3 {
		if i == 2 {
			act = deed(clerk)
		}
		r, err := desk.Reissue(t.Context(), w.terminal(slotWith(h)), act, req)
		if want := map[bool]error{true: vending.ErrCardTaken}[i == 2]; !errors.Is(err, want) || r.Repeated != (i == 1) {
			t.Errorf("%d: %+v, %v", i, r, err)
		}
	}
	if now := w.held(t); now-drawer != cardCost {
		t.Errorf("%d fen more in the till", now-drawer)
	}
	b.both(false)
	b.ends(0)
}

// TestLostWhileTakenBack: a reversal was cut, and the card is lost. Nobody can prove that
// the credit is off it: the sale stands.
func TestLostWhileTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, effect := range []cardsim.Effect{cardsim.PullBefore(), cardsim.PullAfter()} {
		for _, oldFirst := range []bool{false, true} {
			h, p := w.sold(t, topUpFen)
			b := w.bears(t, h)
			slot, act := slotWith(h), deed(clerk)
			slot.Inject(cardsim.OnINS(updateBinary), effect)
			out, err := w.reverse(context.Background(), slot, act, p)
			if err != nil || out.Purchase.State != vending.Pending {
				t.Fatal(out.Purchase.State, err)
			}
			b.loses()
			if r := b.reissued(); r.InDoubt || r.Credit != p.Quote.Credit {
				t.Errorf("%+v", r)
			}
			out, err = w.reverse(context.Background(), slotWith(&household{chip: b.lost}), act, p)
			if err != nil || out.Purchase.State != vending.Voided || out.Purchase.Proof != vending.ByReissue || out.RefundFen != 0 {
				t.Errorf("%+v, %v", out, err)
			}
			// It cannot be taken back on the new card either: the old one may hold it.
			_, err = w.reverse(context.Background(), slotWith(b.household), deed(clerk), p)
			wantErr(t, err, vending.ErrCopyOut)
			b.both(oldFirst)
			b.ends(cardCost)
		}
	}
}

// TestLostWhileWritten: at one terminal the card is about to be written when it is reported
// lost at another, and the new one carries the purchase. Both hold it; it is taken once.
func TestLostWhileWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, effect := range []cardsim.Effect{nil, cardsim.PullBefore(), cardsim.PullAfter()} {
		for _, oldFirst := range []bool{false, true} {
			h, _ := w.sold(t, firstFen)
			b := w.bears(t, h)
			slot := slotWith(h)
			if effect != nil {
				slot.Inject(cardsim.OnINS(updateBinary), effect)
			}
			at := interrupted{w.terminal(slot), func() {
				b.loses()
				if r := b.reissued(); !r.InDoubt {
					t.Errorf("%+v", r)
				}
			}}
			req := request(topUpFen)
			out, err := w.desk(w.store).TopUp(t.Context(), at, req)
			if err != nil || out.Purchase.State != vending.Loaded || out.Purchase.Card != b.card {
				t.Errorf("%s on %s, %v", out.Purchase.State, out.Purchase.Card, err)
			}
			again, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(b.household)), req)
			if err != nil || !again.Repeated {
				t.Errorf("the same id again: %+v, %v", again, err)
			}
			b.both(oldFirst)
			b.ends(cardCost)
		}
	}
}
