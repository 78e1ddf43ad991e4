package counter_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

// strange is a gas meter whose register began elsewhere than its purchases, and which burns between any two questions.
type strange struct {
	gateway.CJT188
	meter    *metersim.Meter
	register int64 // what it shows beyond what it burnt
	flow     int64
}

func (s *strange) Read(ctx context.Context, l gateway.Line, meter string) (meterproto.Reading, error) {
	r, err := s.CJT188.Read(ctx, l, meter)
	r.Consumed.Litres += s.register
	return r, err
}

func (s *strange) Taken(ctx context.Context, l gateway.Line, meter string) (meterproto.Taken, error) {
	if _, err := s.meter.Burn(s.flow); err != nil {
		return meterproto.Taken{}, err
	}
	return s.CJT188.Taken(ctx, l, meter)
}

// served makes the household's meter one that another program has run.
func (h *metered) served(t testing.TB, count uint32, loaded, consumed int64) {
	t.Helper()
	if err := h.meter.Change(func(s *metersim.State) {
		s.Count, s.Loaded, s.Consumed, s.LastCredit, s.ValveOpen = count, loaded, consumed, min(loaded, 1000), loaded > consumed
	}); err != nil {
		t.Fatal(err)
	}
}

// strangely gives its gas meter a register and a flow of its own.
func (h *metered) strangely(register, flow int64) {
	h.wire.Driver = &strange{impatient(), h.meter, register, flow}
}

// approved is a deed of the clerk that somebody else approves.
func approved() vending.Deed {
	d := deed(clerk)
	d.Approved = chief
	return d
}

// seen is what a rehearsal shows, confirmed.
func (h *metered) seen(t testing.TB, d *counter.Desk) (vending.MeterOpening, counter.MeterTakeOver) {
	t.Helper()
	for try := 1; ; try++ {
		o, _, err := d.Rehearsal().TakeOverMeter(t.Context(), deed(clerk), h.asked, h.wire, counter.MeterTakeOver{})
		if err != nil && try < patience {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		req := counter.MeterTakeOver{Count: o.Report.Count, Total: vending.FormatCredit(ledger.Amount{N: o.Report.Loaded, Commodity: o.Meter.Commodity})}
		if cost := int64(firstFen); o.Fresh() > 0 && o.Meter.Commodity != ledger.CNY {
			req.CostFen = &cost
		}
		return o, req
	}
}

// isTakenOver puts the meter on its line and takes it over, twice by the same deed.
func (h *metered) isTakenOver(t testing.TB, d *counter.Desk) vending.MeterOpening {
	t.Helper()
	if _, err := d.PutOnLine(t.Context(), deed(clerk), h.asked, alone); err != nil {
		t.Fatal(err)
	}
	_, req := h.seen(t, d)
	act := approved()
	var o vending.MeterOpening
	for want, try := true, 1; ; try++ {
		said, done, err := d.TakeOverMeter(t.Context(), act, h.asked, h.wire, req)
		switch {
		case err != nil && try < patience:
			continue
		case err != nil || done != want:
			t.Fatalf("%+v, %v, %v", said, done, err)
		case !want:
			h.joins(t)
			return o
		}
		o, want = said, false
	}
}

// wantRuns holds the meter, which had taken count purchases and loaded, against the purchases of the books since.
func (h *metered) wantRuns(t testing.TB, count uint32, loaded int64) {
	t.Helper()
	list, err := h.world.store.Purchases(t.Context(), h.no, false, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.State != vending.Loaded {
			t.Errorf("purchase %s: %s", p.ID, p.State)
		}
		if count++; p.Count%256 != count%256 {
			t.Errorf("purchase %s has count %d, the meter %d", p.ID, p.Count, count)
		}
		loaded += p.Quote.Credit.N
	}
	if s := h.meter.Snapshot(); s.Count != count || s.Loaded != loaded {
		t.Errorf("the meter has %d × %d, not %d × %d", s.Count, s.Loaded, count, loaded)
	}
}

// wantSound checks every invariant of the world.
func (w *world) wantSound(t testing.TB) {
	t.Helper()
	found, err := w.store.CheckBooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// A meter that has counted purchases is not sold to, and nothing of it is in the books, before it is taken over as it stands;
// then the next order has the next count.
func TestMeterIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, speaks := range map[string]spoken{"volume": gasOnLine(), "money": moneyOnLine()} {
		w := newWorld(t)
		w.lists(t, moneyList(t, "gas-money"))
		h := w.onLine(t, speaks, metersim.Friendly(), 1)
		h.served(t, 37, 900_000, 850_000)
		d := w.desk(w.store)
		if _, err := d.PutOnLine(t.Context(), deed(clerk), h.asked, alone); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.IssueCard(t.Context(), h.terminal(d, h.wire), h.no, h.number()); !errors.Is(err, vending.ErrMeterStranger) {
			t.Errorf("%s: %v", name, err)
		}
		cards, err := w.store.Cards(t.Context(), h.no)
		if err != nil || len(cards) != 0 {
			t.Errorf("%s: %v, %v", name, cards, err)
		}
		o := h.isTakenOver(t, d)
		if o.Fresh() != 50_000 || o.Total != 900_000 || o.Offset() != 0 || (o.CostFen == 50_000) != (name == "money") {
			t.Errorf("%s: %+v", name, o)
		}
		h.wantDifferences(t, 0)
		if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); err != nil || out.Purchase.Count != 38 || out.Purchase.State != vending.Loaded {
			t.Errorf("%s: %+v, %v", name, out.Purchase, err)
		}
		h.wantRuns(t, 37, 900_000)
		h.wantDifferences(t, 0)
		h.wantBooks(t)
	}
}

// Whoever takes a meter over says what it shows, and is not alone.
func TestMeterIsNotTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.served(t, 37, 900_000, 850_000)
	d, cost := w.desk(w.store), int64(firstFen)
	for name, c := range map[string]struct {
		deed vending.Deed
		req  counter.MeterTakeOver
		want error
	}{
		"alone":          {deed(clerk), counter.MeterTakeOver{Count: 37, Total: "900", CostFen: &cost}, vending.ErrFourEyes},
		"nothing seen":   {approved(), counter.MeterTakeOver{}, vending.ErrOpeningUnseen},
		"another count":  {approved(), counter.MeterTakeOver{Count: 38, Total: "900", CostFen: &cost}, vending.ErrOpeningUnseen},
		"another total":  {approved(), counter.MeterTakeOver{Count: 37, Total: "90", CostFen: &cost}, vending.ErrOpeningUnseen},
		"no cost":        {approved(), counter.MeterTakeOver{Count: 37, Total: "900"}, vending.ErrOpeningCost},
		"finance serves": {vending.Deed{ID: uuid.New(), By: finance, Approved: chief}, counter.MeterTakeOver{}, vending.ErrNotPermitted},
	} {
		if _, done, err := d.TakeOverMeter(t.Context(), c.deed, h.asked, h.wire, c.req); done || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, done, err)
		}
	}
	h.wantEmpty(t)
	if _, done, err := d.Rehearsal().TakeOverMeter(t.Context(), deed(clerk), h.asked, h.wire, counter.MeterTakeOver{}); done || err != nil {
		t.Error(done, err)
	}
	h.wantEmpty(t)
}

// wantEmpty is a meter of which nothing is in the books.
func (h *metered) wantEmpty(t testing.TB) {
	t.Helper()
	if err := h.world.store.Statements(t.Context(), h.number(), func(st store.Statement) error {
		if st.Books.InMeter.N != 0 || st.Books.Consumed.N != 0 || st.Count != 0 || len(st.Reports) != 0 {
			t.Errorf("%+v", st)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Whatever a meter has counted, and wherever its register began; read on its line for a while or not; over lines on which one
// answer in twelve goes wrong: the books agree with it from the takeover on, and each order is in it once. With SOAK it is 400 meters.
func TestAnyOpening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lists(t, moneyList(t, "gas-money"))
	meters, seed := 12, rand.Uint64()
	if os.Getenv("SOAK") != "" {
		meters = 400
	}
	t.Logf("seed %d", seed)
	for n := range meters {
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		h := w.onLine(t, []spoken{gasOnLine(), moneyOnLine(), electricOnLine()}[random.IntN(3)], metersim.OneInOf(12, metersim.HardFaults()), random.Uint64())
		h.opensAnyhow(t, random)
		if t.Failed() {
			t.Fatalf("meter %d: %+v", n, h.meter.Snapshot())
		}
	}
	w.wantSound(t)
}

// opensAnyhow takes a meter over that stands anywhere, and buys.
func (h *metered) opensAnyhow(t *testing.T, random *rand.Rand) {
	t.Helper()
	d := h.world.desk(h.world.store)
	count, loaded := uint32(random.IntN(700)), random.Int64N(1<<random.IntN(30))
	if loaded/10 == 0 {
		loaded += 10 // else there is nothing to take over
	}
	h.served(t, count, loaded, random.Int64N(loaded+1))
	if d, ok := h.wire.Driver.(gateway.CJT188); ok && d.Credit == gateway.Gas().Credit && random.IntN(2) == 0 {
		h.strangely(random.Int64N(1_000_000), 0)
	}
	if random.IntN(2) == 0 {
		h.report(t)
	}
	h.isTakenOver(t, d)
	h.wantDifferences(t, 0)
	for range random.IntN(3) {
		h.buy(t, random)
	}
	h.report(t)
	h.wantRuns(t, count, loaded)
	h.wantDifferences(t, 0)
}

// A meter under a big flow is taken over, read and sold to.
func TestMeterThatBurnsAllTheTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.served(t, 37, 900_000, 100_000)
	h.strangely(0, 170)
	d := w.desk(w.store)
	h.isTakenOver(t, d)
	if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); err != nil || out.Purchase.State != vending.Loaded {
		t.Errorf("%+v, %v", out, err)
	}
	h.strangely(0, 0)
	h.report(t)
	h.wantRuns(t, 37, 900_000)
	h.wantDifferences(t, 0)
	w.wantSound(t)
}

// What the meter had left is earned as it is burnt, and nothing of what it had burnt before (RULES C6).
func TestMonthOfAMeterThatWasTakenOver(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-10 10:00")
	h := s.world.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.wire.Now = s.Desk.Now
	h.served(t, 37, 900_000, 850_000)
	s.must(h.meter.Change(func(m *metersim.State) { m.Time = s.Desk.Now().UTC() }))
	h.isTakenOver(t, s.Desk)
	if _, err := h.meter.Burn(20_000); err != nil {
		t.Fatal(err)
	}
	s.on("2026-01-20 10:00")
	s.must(h.meter.Advance(10 * 24 * time.Hour))
	h.report(t)
	s.on("2026-02-02 10:00")
	prepaid, err := s.world.store.Balances(t.Context(), h.no)
	s.must(err)
	for _, b := range prepaid {
		if b.Account == ledger.Prepaid(h.no) && b.Posted != firstFen*3/5 {
			t.Errorf("20 of 50 m³ are burnt, and of %d fen are left %d", firstFen, b.Posted)
		}
	}
	h.wantDifferences(t, 0)
	s.world.wantSound(t)
}

// What a meter had burnt before it was taken over uses up no tier here; what it has left is burnt next.
func TestTiersBeginWithTheOpening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := burntList(t)
	w.lists(t, list)
	speaks := gasOnLine()
	speaks.tariff = list.Code
	h := w.onLine(t, speaks, metersim.Friendly(), 1)
	h.served(t, 37, 900_000, 850_000)
	d := w.desk(w.store)
	h.isTakenOver(t, d)
	out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(2_000))
	if err != nil || out.Purchase.Usage.Used != 50_000 || out.Purchase.Quote.Credit.N != 11_000 {
		t.Errorf("50 m³ are outstanding, 10 at 1.00 and 1 at 10.00 are bought: %+v, %v", out.Purchase, err)
	}
}

// A meter shows steps of ten litres: what it begins with is known to those, and no difference afterwards.
func TestOpeningIsKnownToAStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.served(t, 37, 1_004, 5) // it shows 0 burnt and 990 left
	h.strangely(7_000, 0)
	if o := h.isTakenOver(t, w.desk(w.store)); o.Total != 7_990 || o.Offset() != 6_990 {
		t.Errorf("%+v", o)
	}
	if _, err := h.meter.Burn(5); err != nil { // and now 10 and 990
		t.Fatal(err)
	}
	h.report(t)
	h.wantDifferences(t, 0)
}

// An imported customer's meter was known to the litre, and shows ten: what was imported stands, and what was sold since is new.
func TestImportedMeterJoinsItsLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ imported, loaded, fresh int64 }{
		"as imported": {50_006, 900_012, 0}, "another program went on selling": {50_006, 930_012, 30_000},
	} {
		w := newWorld(t)
		h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
		h.isImported(t, "gas-residential", 850_006, c.imported)
		h.served(t, 37, c.loaded, 850_006)
		d := w.desk(w.store)
		if got := h.isTakenOver(t, d); (got.Fresh()-c.fresh)/10 != 0 {
			t.Errorf("%s: %+v", name, got)
		}
		out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen))
		if err != nil || out.Purchase.Count != 38 || out.Purchase.State != vending.Loaded {
			t.Errorf("%s: %+v, %v", name, out.Purchase, err)
		}
		h.wantRuns(t, 37, c.loaded)
		h.wantDifferences(t, 0)
		w.wantSound(t)
	}
}

// holds holds what the books have of the meter against what they should.
func (h *metered) holds(t testing.TB, onCard, inMeter, consumed int64) {
	t.Helper()
	err := h.world.store.Statements(t.Context(), h.number(), func(st store.Statement) error {
		if b := st.Books; b.OnCard.N != onCard || b.InMeter.N != inMeter || b.Consumed.N != consumed {
			t.Errorf("%d to be taken, %d in the meter, %d consumed; want %d, %d, %d", b.OnCard.N, b.InMeter.N, b.Consumed.N, onCard, inMeter, consumed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
