package counter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// story is one customer with cards of a layout on a kind of chip, a reader of the real
// pcscd, and a meter of that layout's maker.
type story struct {
	*testing.T
	w       *world
	layout  *cardfile.Layout
	kind    string
	seat    *seat
	in      counter.Terminal
	meter   *metersim.AnyMaker
	left    int64 // on a purse that was lost: no other may carry it
	unheard int64 // taken by the meter from such a purse
	home    *household
	chip    cardsim.Chip // in the customer's hand
	lost    cardsim.Chip
	steps   *atomic.Int32
}

// TestStoryOfEveryCard plays each layout that has a load rule, on each chip that it lies on, through pcscd: top-up,
// a second one before the first was taken, write-back, refund, two losses with their reissues, and each old card in the
// meter, after the new one and before it. What a layout has no place for is seen to be refused, or not there.
func TestStoryOfEveryCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chiefPays(t, 10_000_000)
	w.heats(t)
	w.lists(t, moneyList(t, "gas-money"))
	hall, err := theHall()
	if err != nil {
		t.Fatal(err)
	}
	layouts, err := cardfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var steps atomic.Int32
	chips, stories := map[string]bool{}, 0
	var all sync.WaitGroup // as many at once as there are readers, however few processors: they wait for pcscd
	for _, l := range layouts {
		for _, kind := range l.Chips() {
			if l.Rule() == "" {
				t.Logf("%s on %s: no story, for it is read only", l.Name(), kind)
				continue
			}
			chips[kind] = true
			for _, of := range counted(l) {
				stories++
				all.Go(func() {
					t.Run(fmt.Sprintf("%s in %s on %s", l.Name(), of, kind), func(t *testing.T) { w.story(t, hall, l, kind, of, &steps).play() })
				})
			}
		}
	}
	all.Wait()
	violations, err := w.store.CheckBooks(t.Context())
	if err != nil || len(violations) > 0 {
		t.Errorf("books: %v, %v", violations, err)
	}
	t.Logf("%d layouts and chips, %d kinds of chip, %d steps", stories, len(chips), steps.Load())
}

// heats lists a price of heat.
func (w *world) heats(t *testing.T) {
	t.Helper()
	v := flatList(t, "heat-residential", "2020-01-01", 26)
	v.Commodity = ledger.WattHour
	w.lists(t, v)
}

// lists adds a price list.
func (w *world) lists(t *testing.T, v vending.Tariff) {
	t.Helper()
	d := deed(finance)
	d.Kind, d.Request = "tariff added", v
	if err := w.store.AddTariff(t.Context(), d, v); err != nil {
		t.Fatal(err)
	}
}

// counted is what cards of a layout can count, as far as a price list here sells it.
func counted(l *cardfile.Layout) []ledger.Commodity {
	switch l.Unit() {
	case "litre":
		return []ledger.Commodity{ledger.Litre}
	case "watt-hour":
		return []ledger.Commodity{ledger.WattHour}
	case "fen":
		return []ledger.Commodity{ledger.CNY}
	}
	return []ledger.Commodity{ledger.Litre, ledger.CNY} // its cards say it
}

func (w *world) story(t *testing.T, hall *hall, l *cardfile.Layout, kind string, of ledger.Commodity, steps *atomic.Int32) *story {
	no := w.last.Add(1)
	s := &story{T: t, w: w, layout: l, kind: kind, steps: steps, home: &household{no: no}}
	s.seat = hall.sit(cardsim.NewSlot(kind))
	t.Cleanup(s.seat.leave)
	s.in = counter.Journaled(counter.At(&cardio.Terminal{Reader: awaiting{s.reader()}, Keys: w.keys, Codes: w.keys, Purses: w.keys, Utility: utility,
		Layouts: []*cardfile.Layout{l}, Chips: []driver.Chip{driver.Chip(kind)}}), w.store)
	tariff := map[ledger.Commodity]string{ledger.Litre: "gas-residential", ledger.WattHour: "heat-residential", ledger.CNY: "gas-money"}[of]
	number := fmt.Sprintf("%014d", no)
	_, err := w.store.AddCustomer(t.Context(), vending.Customer{No: no, Name: "张三", Status: vending.InService, Tariff: tariff},
		vending.Meter{No: number, Commodity: of, MaxCredit: maxCredit}, opening)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk(w.store).FilePapers(t.Context(), deed(clerk), no, hers); err != nil {
		t.Fatal(err)
	}
	s.meter = metersim.NewAnyMaker(metersim.Config{Number: number, Keys: w.keys, Utility: utility,
		Start: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}, l)
	return s
}

func (s *story) reader() cardio.Reader {
	return reader.New(s.seat.name, reader.Options{Transmit: waiting, Connect: waiting})
}

func (s *story) desk() *counter.Desk { return s.w.desk(s.w.store) }

// must ends the story at a step that fails.
func (s *story) must(step string, err error) {
	s.Helper()
	s.steps.Add(1)
	if err != nil {
		s.Fatalf("%s: %v", step, err)
	}
}

// hands puts a chip into the reader, after the one that was there is seen to be gone.
func (s *story) hands(chip cardsim.Chip) {
	s.Helper()
	s.takes()
	s.chip = chip
	s.seat.Insert(chip)
}

// takes takes the card out of the reader.
func (s *story) takes() {
	s.Helper()
	s.seat.Pull()
	ctx, cancel := context.WithTimeout(s.Context(), waiting)
	defer cancel()
	for {
		link, err := s.reader().Connect(ctx)
		switch {
		case err == nil:
			_ = link.Close()
		case errors.Is(err, cardio.ErrNoCard):
			return
		case ctx.Err() != nil:
			s.Fatalf("the card is still there: %v", err)
		}
	}
}

func (s *story) blank() cardsim.Chip {
	s.Helper()
	return cardsim.Fresh(s.kind, uint64(s.w.last.Add(1)), func(label string, size int) []byte {
		secret, err := s.w.keys.Secret(s.w.keys.Current(), label, make([]byte, 8), size)
		if err != nil {
			s.Fatal(err)
		}
		return secret.Expose()
	})
}

// play is the story.
func (s *story) play() {
	s.hands(s.blank())
	card, _, err := s.desk().IssueCard(s.Context(), s.in, s.home.no, s.number())
	s.must("issue", err)
	s.home.card = card.No
	first := s.buys(10_000)
	s.buysMore()
	s.visits(s.chip, s.sold())
	s.visits(s.chip, 0)
	s.wroteBack()
	s.heardPrice()
	s.meter.Burn(1230)
	third := s.buys(5_000)
	if s.refunded(third) {
		s.loses()
		s.visits(s.lost, 0)
		s.visits(s.chip, 0)
	} else {
		s.visits(s.chip, third.Quote.Credit.N)
	}
	s.follows(s.buys(10_000), false)
	s.follows(s.buys(20_000), true)
	s.visits(s.chip, s.buys(10_000).Quote.Credit.N)
	s.wroteBack()
	if m := s.meter.Snapshot(); m.Loaded != s.sold()-s.left || m.Loaded < first.Quote.Credit.N {
		s.Errorf("paid for and not refunded: %d, left on a lost purse: %d, taken by the meter: %d", s.sold(), s.left, m.Loaded)
	}
	if s.isPurse() {
		s.closesPurse()
	}
}

func (s *story) number() string { return s.meter.Snapshot().Number }

// buys tops the card in the reader up.
func (s *story) buys(fen int64) vending.Purchase {
	s.Helper()
	out, err := s.desk().TopUp(s.Context(), s.in, request(fen))
	if err == nil && out.Purchase.State != vending.Loaded {
		err = errors.New(string(out.Purchase.State) + ": " + out.Purchase.Doubt)
	}
	s.must("top-up", err)
	return out.Purchase
}

// buysMore is a top-up on a card whose credit the meter has not taken: as many as the load rule lets a card carry.
func (s *story) buysMore() {
	s.Helper()
	most := vending.LoadRule(s.layout.Rule()).Carries()
	for n := 1; n < most || most == 0 && n < 3; n++ {
		s.buys(10_000)
	}
	if most == 0 {
		return
	}
	before := s.chip.Image()
	_, err := s.desk().TopUp(s.Context(), s.in, request(10_000))
	s.steps.Add(1)
	wantErr(s.T, err, vending.ErrCardUnloaded)
	if !slices.Equal(before, s.chip.Image()) {
		s.Error("a card that is full was written")
	}
}

// visits puts a card into the meter, which takes so much.
func (s *story) visits(chip cardsim.Chip, gains int64) {
	s.Helper()
	before := s.meter.Snapshot().Loaded
	if chip == s.chip && s.seat.Chip() != nil {
		s.takes()
		defer s.seat.Insert(chip)
	}
	s.must("meter", s.meter.Insert(s.kind, chip))
	if got := s.meter.Snapshot().Loaded - before; got != gains {
		s.Errorf("the meter took %d, not %d", got, gains)
	}
}

// wroteBack reads what the meter wrote back, where the layout has a place for it, and finds it in the books.
func (s *story) wroteBack() {
	s.Helper()
	view, err := s.desk().Look(s.Context(), s.in)
	s.must("write-back", err)
	w, m := view.Contents.WriteBack, s.meter.Snapshot()
	if !s.writesBack() {
		if w != nil {
			s.Errorf("a write-back out of nowhere: %+v", *w)
		}
		if s.isPurse() && s.taken() != m.Loaded-s.unheard { // its balance says it
			s.Errorf("the books know of %d taken, the meter took %d, %d of it from a lost purse", s.taken(), m.Loaded, s.unheard)
		}
		return
	}
	if w == nil {
		s.Fatal("no write-back")
	}
	if s.layout.Holds(cardfile.BackCount) && w.Count != m.Count || s.layout.Holds(cardfile.BackLoaded) && w.Loaded != m.Loaded {
		s.Errorf("written back: %+v, the meter has %+v", *w, m)
	}
	if n := s.taken(); n != m.Loaded {
		s.Errorf("the books know of %d taken, the meter took %d", n, m.Loaded)
	}
}

func (s *story) isPurse() bool { return s.layout.Rule() == cardfile.RuleBalance }

// heardPrice: the price went to the meter with a purchase, by a card that has room for it, and came back.
func (s *story) heardPrice() {
	s.Helper()
	if s.layout.PriceSteps() == 0 {
		return
	}
	c, err := s.w.store.Charged(s.Context(), s.home.no, s.number())
	if err != nil || c.Due || len(c.Version.Tiers) != 1 || c.Version.Tiers[0].PriceFen != 263 || len(c.Uncertain) > 0 {
		s.Errorf("the meter charges %+v, %v", c, err)
	}
}

// writesBack tells whether the layout has a place for what the meter took.
func (s *story) writesBack() bool {
	return s.layout.Holds(cardfile.BackCount) || s.layout.Holds(cardfile.BackLoaded)
}

// taken is what the books have in the meter and beyond it.
func (s *story) taken() (n int64) {
	s.Helper()
	list, err := s.w.store.Balances(s.Context(), s.home.no)
	if err != nil {
		s.Fatal(err)
	}
	for _, b := range list {
		if b.Account.Class == ledger.ClassMeter || b.Account.Class == ledger.ClassConsumed {
			n += b.Posted
		}
	}
	return n
}

// sold is what was paid for and not refunded.
func (s *story) sold() (n int64) {
	s.Helper()
	list, err := s.w.store.Purchases(s.Context(), s.home.no, false, 100)
	if err != nil {
		s.Fatal(err)
	}
	for _, p := range list {
		if p.State == vending.Loaded {
			n += p.Quote.Credit.N
		}
	}
	return n
}

// refunded gives back what was bought last. A meter that goes by the count would not take it back, and where it writes
// nothing back nobody knows whether it has taken it: then the sale stands.
func (s *story) refunded(p vending.Purchase) bool {
	s.Helper()
	act := deed(chief)
	act.Why = "销户"
	r, err := s.desk().As(chief).RefundCard(s.Context(), s.in, act, cash)
	s.steps.Add(1)
	switch {
	case s.layout.Rule() == cardfile.RuleCounter:
		wantErr(s.T, err, vending.ErrRuleCounts)
		return false
	case s.isPurse():
		wantErr(s.T, err, vending.ErrNoUnload)
		return false
	case !s.writesBack():
		if err != nil || len(r.Back) != 1 || r.Back[0].Purchase.State != vending.Voided || r.RefundFen != 0 {
			s.Errorf("refunded by a meter that says nothing: %+v, %v", r, err)
		}
		return false
	}
	if err != nil || len(r.Back) != 1 || r.RefundFen != p.Taken() {
		s.Fatalf("refund: %+v, %v", r, err)
	}
	return true
}

// loses loses the card and has another made.
func (s *story) loses() {
	s.Helper()
	card, _, err := s.desk().ReportCard(s.Context(), deed(clerk), counter.CardReport{Card: s.home.card, Shown: hers})
	if err == nil && card.State != vending.CardLost {
		err = errors.New(string(card.State))
	}
	s.must("loss", err)
	s.lost = s.chip
	s.hands(s.blank())
	r, err := s.desk().Reissue(s.Context(), s.in, deed(clerk), counter.ReissueRequest{Customer: s.home.no, Meter: s.number(), Shown: hers})
	s.must("reissue", err)
	if s.home.card = r.Card.No; r.Card.State != vending.CardActive {
		s.Errorf("reissued: %+v", r)
	}
}

// follows loses the card that holds a purchase which the meter has not taken, and has another made. Both go to the
// meter, one of them first and last: it takes the purchase once.
func (s *story) follows(p vending.Purchase, oldFirst bool) {
	s.Helper()
	s.loses()
	if s.isPurse() {
		s.followsPurse(p, oldFirst)
		return
	}
	first, second := s.chip, s.lost
	if oldFirst {
		first, second = second, first
	}
	s.visits(first, p.Quote.Credit.N)
	s.visits(second, 0)
	s.visits(first, 0)
	s.visits(s.chip, 0) // home with the new one, and what the meter says
}
