package counter_test

import (
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

const (
	creditForLoad = 0x52
	getProof      = 0x5A
	wallet        = 2
)

// purseHome is a customer with an e-purse, in a slot without pcscd.
type purseHome struct {
	*world
	*counter.Desk
	no   int64
	slot *cardsim.Slot
	chip *cardsim.Card
	in   counter.Terminal
	card string
}

func newPurseHome(t *testing.T) *purseHome {
	t.Helper()
	w := newWorld(t)
	w.lists(t, moneyList(t, "gas-money"))
	w.chiefPays(t, 1_000_000)
	h := &purseHome{world: w, Desk: w.desk(w.store), no: w.last.Add(1)}
	_, err := w.store.AddCustomer(t.Context(), vending.Customer{No: h.no, Name: "张三", Status: vending.InService, Tariff: "gas-money"},
		vending.Meter{No: h.number(), Commodity: ledger.CNY, MaxCredit: maxCredit}, opening)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.FilePapers(t.Context(), deed(clerk), h.no, hers); err != nil {
		t.Fatal(err)
	}
	h.blank(1)
	h.issues(t)
	return h
}

func (h *purseHome) number() string { return fmt.Sprintf("%014d", h.no) }

// blank puts a new chip into the reader.
func (h *purseHome) blank(n int64) {
	h.slot, h.chip = cardsim.NewSlot("counter"), cardsim.NewBlank(uid(h.no+1000*n))
	h.slot.Insert(h.chip)
	h.in = counter.Journaled(counter.At(&cardio.Terminal{Reader: h.slot, Keys: h.keys, Purses: h.keys, Utility: utility, Issues: "pboc-purse"}), h.store)
}

func (h *purseHome) issues(t *testing.T) {
	t.Helper()
	card, _, err := h.IssueCard(t.Context(), h.in, h.no, h.number())
	if err != nil {
		t.Fatal(err)
	}
	h.card = card.No
}

// tops up, and ends so.
func (h *purseHome) tops(t *testing.T, fen int64, want vending.State) vending.Purchase {
	t.Helper()
	out, err := h.TopUp(t.Context(), h.in, request(fen))
	if err != nil || out.Purchase.State != want {
		t.Fatalf("%s, %v; want %s", out.Purchase.State, err, want)
	}
	return out.Purchase
}

// holds is what the chip and the books hold on the card.
func (h *purseHome) holds(t *testing.T, chip uint32, books, inMeter int64) {
	t.Helper()
	if have, _ := h.chip.Balance(wallet); have != chip {
		t.Errorf("the chip holds %d, not %d", have, chip)
	}
	list, err := h.store.Balances(t.Context(), h.no)
	if err != nil {
		t.Fatal(err)
	}
	held := map[ledger.Class]int64{}
	for _, b := range list {
		held[b.Account.Class] += b.Posted
	}
	if held[ledger.ClassCard] != books || held[ledger.ClassMeter] != inMeter {
		t.Errorf("the books have %d on the card and %d in the meter, not %d and %d", held[ledger.ClassCard], held[ledger.ClassMeter], books, inMeter)
	}
	if found, err := h.store.CheckBooks(t.Context()); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

func sentTo(s *cardsim.Slot, ins byte) (n int) {
	for _, e := range s.Log() {
		if e.INS == ins {
			n++
		}
	}
	return n
}

// A load that is torn at CREDIT is in doubt, sells nothing more, and is decided at the next sight by the chip's proof:
// done, it is not sent again; not done, it is.
func TestTornPurseIsDecided(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cut   cardsim.Effect
		again int
	}{"before": {cardsim.PullBefore(), 1}, "after": {cardsim.PullAfter(), 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newPurseHome(t)
			h.tops(t, 10_000, vending.Loaded)
			h.slot.Inject(cardsim.OnINS(creditForLoad), c.cut)
			p := h.tops(t, 2_500, vending.Pending)
			h.slot.Insert(h.chip)
			before, proofs := sentTo(h.slot, creditForLoad), sentTo(h.slot, getProof)
			_, err := h.Quote(t.Context(), h.in, request(100))
			wantErr(t, err, vending.ErrUnresolved)
			out, err := h.Resume(t.Context(), h.in)
			if err != nil || out.Purchase.ID != p.ID || out.Purchase.State != vending.Loaded {
				t.Fatal(out.Purchase.State, err)
			}
			if sent := sentTo(h.slot, creditForLoad) - before; sent != c.again || sentTo(h.slot, getProof) == proofs {
				t.Errorf("%d CREDIT sent, not %d; %d proofs asked for", sent, c.again, sentTo(h.slot, getProof)-proofs)
			}
			h.holds(t, 12_500, 12_500, 0)
			h.tops(t, 100, vending.Loaded)
		})
	}
}

// What is gone from the purse the meter has taken, once; what is on it beyond the books nobody paid for.
func TestPurseAgainstTheBooks(t *testing.T) {
	t.Parallel()
	h := newPurseHome(t)
	h.tops(t, 10_000, vending.Loaded)
	h.chip.Spend(wallet, 4_000)
	for range 2 {
		if _, err := h.Look(t.Context(), h.in); err != nil {
			t.Fatal(err)
		}
		h.holds(t, 6_000, 6_000, 4_000)
	}
	h.tops(t, 1_000, vending.Loaded)
	h.chip.Spend(wallet, 7_000)
	h.holds(t, 0, 7_000, 4_000)
	h.tops(t, 500, vending.Loaded)
	h.holds(t, 500, 500, 11_000)
	h.by(t, fmt.Sprintf(`update card set counts_from = 1 where no = '%s'`, h.card)) // a count that is not the books'
	_, err := h.Quote(t.Context(), h.in, request(100))
	wantErr(t, err, vending.ErrCardDisagrees)
	h.by(t, fmt.Sprintf(`update card set counts_from = 0 where no = '%s'`, h.card))

	// The meter's own report is ahead of the purse: then it says less than the purse, and one of them lies.
	h.hears(t, 12_000)
	h.holds(t, 500, 0, 11_500)
	_, err = h.Quote(t.Context(), h.in, request(100))
	wantErr(t, err, vending.ErrCardDisagrees)
}

// hears takes a report of the meter in.
func (h *purseHome) hears(t *testing.T, loaded int64) {
	t.Helper()
	report := vending.Report{Customer: h.no, Meter: h.number(), Source: vending.OverWire, MeterTime: h.Now().UTC(), Loaded: loaded, Remaining: loaded, Resolution: 1}
	report.Agreed = true
	if _, err := intake.Take(t.Context(), h.store, report, h.Now()); err != nil {
		t.Fatal(err)
	}
}

// What is in doubt on a purse that was lost stays so: no next card is made before its meter has said what became of it.
func TestDoubtOnALostPurse(t *testing.T) {
	t.Parallel()
	h := newPurseHome(t)
	h.tops(t, 10_000, vending.Loaded)
	h.slot.Inject(cardsim.OnINS(creditForLoad), cardsim.PullAfter())
	h.tops(t, 2_500, vending.Pending)
	if _, _, err := h.ReportCard(t.Context(), deed(clerk), counter.CardReport{Card: h.card, Shown: hers}); err != nil {
		t.Fatal(err)
	}
	h.blank(2)
	req := counter.ReissueRequest{Customer: h.no, Meter: h.number(), Shown: hers}
	_, err := h.Reissue(t.Context(), h.in, deed(clerk), req)
	wantErr(t, err, vending.ErrUnresolved)
	h.hears(t, 12_500) // the old card was in the meter
	if r, err := h.Reissue(t.Context(), h.in, deed(clerk), req); err != nil || r.Credit.N != 0 || r.InDoubt {
		t.Fatalf("%+v, %v", r, err)
	}
	h.holds(t, 0, 0, 12_500)
	h.tops(t, 300, vending.Loaded)
	h.holds(t, 300, 300, 12_500)
}
