package counter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// lineBaud and impatient keep a test from waiting for what will not come. patience is how often a meter is asked that must
// answer in the end: one that is late keeps whoever is impatient waiting for ten questions, and may be late again.
const (
	lineBaud = 115_200
	patience = 300
)

func impatient() gateway.CJT188 {
	d := gateway.Gas()
	d.Timing.Idle, d.Timing.Answer, d.Timing.Retries = time.Millisecond, 30*time.Millisecond, 1
	return d
}

// spoken is what a household's meter speaks on its line, and what it counts.
type spoken struct {
	model  string
	line   metersim.Protocol
	counts ledger.Commodity
	tariff string
	slave  func(*metersim.Meter, string) metersim.Slave
	driver gateway.Driver
	least  int64 // fen that buy its smallest order
}

// gasOnLine is a gas meter of CJ/T 188 that counts volume.
func gasOnLine() spoken {
	return spoken{"cjt188-gas", metersim.CJT188Line{}, ledger.Litre, "gas-residential",
		func(m *metersim.Meter, _ string) metersim.Slave {
			return &metersim.CJT188{Type: metersim.Gas, Meter: m}
		}, impatient(), 100}
}

// electricOnLine is an electricity meter of DL/T 645 that counts money; meter and gateway share keys.
func electricOnLine() spoken {
	keys := &metersim.ESAM{Root: [16]byte([]byte("a root for tests"))}
	d := gateway.Electricity()
	d.Keys, d.Timing.Idle, d.Timing.Answer, d.Timing.Retries = keys, time.Millisecond, 30*time.Millisecond, 1
	return spoken{"dlt645-money", metersim.DLT645Line{}, ledger.CNY, "gas-money",
		func(m *metersim.Meter, holder string) metersim.Slave {
			return &metersim.DLT645{Meter: m, Customer: holder, Hoard: maxCredit, ESAM: keys}
		}, d, 100}
}

// metered is a household whose meter hangs on a line.
type metered struct {
	no    int64
	meter *metersim.Meter
	asked vending.LineMeter
	least int64 // fen that buy its smallest order
	world *world
	wire  *intake.Wire
}

// onLine puts a new household's meter on a line that does to answers what the plan says.
func (w *world) onLine(t testing.TB, speaks spoken, plan metersim.FaultPlan, seed uint64) *metered {
	t.Helper()
	no := w.last.Add(1)
	number, holder := fmt.Sprintf("%014d", no), fmt.Sprintf("%012d", no)
	h := &metered{no: no, world: w, least: speaks.least, asked: vending.LineMeter{Customer: no, Meter: number, Model: speaks.model, Line: "cable",
		Baud: lineBaud, Parity: "even", Address: number}}
	if speaks.model == "dlt645-money" {
		h.asked.Address = holder
	}
	_, err := w.store.AddCustomer(t.Context(), vending.Customer{No: no, Name: "张三", Status: vending.InService, Tariff: speaks.tariff},
		vending.Meter{No: number, Commodity: speaks.counts, MaxCredit: maxCredit}, opening)
	if err != nil {
		t.Fatal(err)
	}
	if h.meter, err = metersim.New(metersim.Config{Number: h.asked.Address, Start: time.Now()}); err != nil {
		t.Fatal(err)
	}
	bus := metersim.NewBus(metersim.Line{Baud: lineBaud, Think: time.Millisecond, Faults: plan, Seed: seed, Log: io.Discard, Protocol: speaks.line})
	bus.Join(speaks.slave(h.meter, holder))
	h.wire = &intake.Wire{Store: w.store, Line: cabled(t, bus), Driver: speaks.driver, Meter: number, Address: h.asked.Address, Holder: holder, Rolls: true, Now: time.Now}
	return h
}

// cabled is the line to the meters on a bus.
func cabled(t testing.TB, bus *metersim.Bus) *link.Line {
	t.Helper()
	cable := metersim.NewCable()
	go bus.Serve(cable.Meters())
	t.Cleanup(cable.Cut)
	l, err := link.New("cable", link.Mode{Baud: lineBaud}, func() (link.Wire, error) { return cable, nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (h *metered) number() string { return h.asked.Meter }

// terminal is the meter as a terminal of a desk, through a wire that may be one that fails.
func (h *metered) terminal(d *counter.Desk, w counter.Wire) counter.Terminal {
	return d.OnLine(h.asked, w)
}

// alone is for meters that have a line of their own.
func alone([]vending.LineMeter) error { return nil }

// joins gives the meter its number in the books.
func (h *metered) joins(t testing.TB) {
	t.Helper()
	d := h.world.desk(h.world.store)
	if _, err := d.PutOnLine(t.Context(), vending.Deed{By: clerk}, h.asked, alone); err != nil {
		t.Fatal(err)
	}
	for try := 1; ; try++ {
		_, _, err := d.IssueCard(t.Context(), h.terminal(d, h.wire), h.no, h.number())
		if err == nil {
			return
		}
		if try == patience {
			t.Fatal(err)
		}
	}
}

// wantOnce holds the meter against the purchases of the books: each that is loaded is in it once, and no other.
func (h *metered) wantOnce(t testing.TB) {
	t.Helper()
	list, err := h.world.store.Purchases(t.Context(), h.no, false, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var loaded int64
	var count uint32
	for _, p := range list {
		switch p.State {
		case vending.Pending:
			t.Errorf("purchase %s is pending still: %s", p.ID, p.Doubt)
		case vending.Loaded:
			if p.Proof != vending.ByMeter {
				t.Errorf("purchase %s is proved by %q", p.ID, p.Proof)
			}
			loaded, count = loaded+p.Quote.Credit.N, count+1
		}
	}
	if s := h.meter.Snapshot(); s.Loaded != loaded || s.Count != count {
		t.Errorf("the meter has taken %d purchases, %d litres; the books %d, %d", s.Count, s.Loaded, count, loaded)
	}
}

// wantBooks checks every invariant, and that all credit is in the meter's account.
func (h *metered) wantBooks(t testing.TB) {
	t.Helper()
	err := h.world.store.Statements(t.Context(), h.number(), func(st store.Statement) error {
		if b := st.Books; b.OnCard.N != 0 || b.InMeter.N+b.Consumed.N != h.meter.Snapshot().Loaded {
			t.Errorf("%+v, the meter has taken %d", b, h.meter.Snapshot().Loaded)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := h.world.store.CheckBooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

func TestTopUpOverTheWire(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.joins(t)
	d := h.world.desk(h.world.store)
	req := request(topUpFen)
	for _, repeated := range []bool{false, true} {
		out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), req)
		if err != nil || out.Purchase.State != vending.Loaded || out.Repeated != repeated {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	h.wantOnce(t)
	h.wantBooks(t)
	h.wantDifferences(t, 0)
	// Somebody else's purchase: it has its credit, and one purchase more than the books.
	if err := h.meter.Change(func(s *metersim.State) { s.Count, s.Loaded = s.Count+1, s.Loaded+1000 }); err != nil {
		t.Fatal(err)
	}
	h.report(t)
	h.wantDifferences(t, 3) // loaded, purchases, remaining
	if _, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); !errors.Is(err, vending.ErrCardDisagrees) {
		t.Errorf("sold on top of what nobody can explain: %v", err)
	}
}

// wantDifferences holds what the meter says against the books.
func (h *metered) wantDifferences(t *testing.T, n int) {
	t.Helper()
	if err := h.world.desk(h.world.store).Reconcile(t.Context(), h.number(), func(r counter.Reconciled) error {
		if len(r.Discrepancies) != n {
			t.Errorf("%+v", r.Discrepancies)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// cutWire is a wire that is cut at one of its calls.
type cutWire struct {
	counter.Wire
	at   int // which call, from 0
	how  string
	done bool
}

var errCutLine = errors.New("the line is cut")

func (c *cutWire) due() bool {
	c.at--
	c.done = c.done || c.at == -1
	return c.at == -1
}

func (c *cutWire) Hear(ctx context.Context) (intake.Heard, error) {
	if c.due() {
		return intake.Heard{}, errCutLine
	}
	return c.Wire.Hear(ctx)
}

func (c *cutWire) Send(ctx context.Context, count uint32, credit ledger.Amount) error {
	if !c.due() {
		return c.Wire.Send(ctx, count, credit)
	}
	if c.how == "done" {
		_ = c.Wire.Send(ctx, count, credit)
	}
	c.at = -2
	if c.how != "done" && c.how != "lost" {
		return vending.ErrMeterDeclined
	}
	return errCutLine
}

// lineCuts are how a call on the line can end.
func lineCuts() []string { return []string{"lost", "done", "declined"} }

// Cut anywhere on the line, and at every commit, in every way: the same sale, asked for again by another process, or
// the next report, finds out what became of it, and it is in the meter once.
func TestTopUpOverTheWireIsCut(t *testing.T) {
	t.Parallel()
	for name, speaks := range map[string]spoken{"gas": gasOnLine(), "heat": heatInGJ()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.heats(t)
			w.lineIsCut(t, speaks)
			w.commitIsCut(t, speaks)
		})
	}
}

func (w *world) lineIsCut(t *testing.T, speaks spoken) {
	for _, how := range lineCuts() {
		for at, cut := 0, true; cut; at++ {
			h := w.onLine(t, speaks, metersim.Friendly(), 1)
			h.joins(t)
			broken := &cutWire{Wire: h.wire, at: at, how: how}
			req, d := request(topUpFen), w.desk(w.store)
			_, _ = d.TopUpOnLine(t.Context(), h.terminal(d, broken), req)
			cut = broken.done
			h.endsWell(t, fmt.Sprintf("call %d, %s", at, how), req, at%2 == 0)
		}
	}
}

func (w *world) commitIsCut(t *testing.T, speaks spoken) {
	for name, do := range map[string]func(*cutConn, []byte) error{
		"not sent": commitNotSent, "answer lost": commitAnswerLost, "on its way": commitOnItsWay,
	} {
		for at := range 6 {
			h := w.onLine(t, speaks, metersim.Friendly(), 1)
			h.joins(t)
			link := &wire{at: -1}
			s, err := w.open(t.Context(), link)
			if err != nil {
				t.Fatal(err)
			}
			link.arm(at, do)
			req, d := request(topUpFen), w.desk(s)
			line := *h.wire
			line.Store = s
			_, _ = d.TopUpOnLine(t.Context(), h.terminal(d, &line), req)
			s.Close()
			h.endsWell(t, fmt.Sprintf("commit %d, %s", at, name), req, at%2 == 0)
		}
	}
}

// endsWell asks for the sale again, or reads the meter first, and holds everything against each other.
func (h *metered) endsWell(t *testing.T, name string, req counter.TopUpRequest, read bool) {
	t.Helper()
	d := h.world.desk(h.world.store)
	if read {
		h.report(t)
	}
	out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), req)
	// Only a meter that declined gives the money back: one that was not heard may take the order yet.
	if err != nil || out.Purchase.State != vending.Loaded && (out.Purchase.State != vending.Voided || !strings.HasSuffix(name, "declined")) {
		t.Fatalf("%s: again: %v, %v", name, out.Purchase.State, err)
	}
	h.report(t)
	h.wantOnce(t)
	h.wantBooks(t)
	if t.Failed() {
		t.Fatal(name)
	}
}

// report reads the meter and takes in what it says.
func (h *metered) report(t testing.TB) {
	t.Helper()
	for try := 1; ; try++ {
		heard, err := h.wire.Hear(t.Context())
		if err == nil {
			if _, err = intake.Take(t.Context(), h.world.store, heard.Report, time.Now()); err != nil {
				t.Fatal(err)
			}
			return
		}
		if try == patience {
			t.Fatal(err)
		}
	}
}

// A thousand top-ups a protocol over lines on which one answer in four goes wrong, meters that lose their power between
// deed and answer among them: each is credited once. What was in doubt is settled by the next report, or by asking again.
// Without SOAK it is twenty.
func TestSoakTopUpsOverTheWire(t *testing.T) {
	t.Parallel()
	for name, speaks := range map[string]func() spoken{"CJ/T 188": gasOnLine, "DL/T 645": electricOnLine, "heat": heatInGJ} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.lists(t, moneyList(t, "gas-money"))
			w.heats(t)
			w.soakLines(t, speaks())
		})
	}
}

// soakLines buys on four lines at once.
func (w *world) soakLines(t *testing.T, speaks spoken) {
	const lines = 4
	each := 5
	if os.Getenv("SOAK") != "" {
		each = 250
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	doubts := make(chan int, lines)
	for n := range lines {
		h := w.onLine(t, speaks, metersim.OneInOf(4, metersim.HardFaults()), seed+uint64(n))
		h.joins(t)
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		go func() {
			var doubtful int
			for range each {
				doubtful += h.buy(t, random)
			}
			doubts <- doubtful
		}()
		defer func() { h.report(t); h.wantOnce(t); h.wantBooks(t) }()
	}
	var doubtful int
	for range lines {
		doubtful += <-doubts
	}
	t.Logf("%d top-ups, %d times in doubt", lines*each, doubtful)
}

// buy tops up once, however often it must be asked, and says how often it was in doubt.
func (h *metered) buy(t *testing.T, random *rand.Rand) (doubtful int) {
	req, d := request(h.least+random.Int64N(5_000)), h.world.desk(h.world.store)
	for try := 1; try < patience; try++ {
		out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), req)
		switch {
		case err != nil: // it was not heard: nothing was sold, or it is in doubt still
		case out.Purchase.State != vending.Pending:
			if out.Purchase.State != vending.Loaded {
				t.Errorf("%s: %s", req.ID, out.Purchase.State)
			}
			if _, err := h.meter.Burn(int64(random.IntN(1000))); err != nil {
				t.Error(err)
			}
			return doubtful
		default:
			doubtful++
		}
		if random.IntN(2) == 0 && h.reported() && h.settled(t, req.ID) {
			return doubtful
		}
	}
	t.Errorf("%s: not settled by hundreds of tries", req.ID)
	return doubtful
}

// reported reads the meter once.
func (h *metered) reported() bool {
	heard, err := h.wire.Hear(context.Background())
	if err == nil {
		_, err = intake.Take(context.Background(), h.world.store, heard.Report, time.Now())
	}
	return err == nil
}

// settled says whether a purchase that a report may have settled is.
func (h *metered) settled(t *testing.T, id uuid.UUID) bool {
	p, err := h.world.store.Purchase(t.Context(), id)
	return err == nil && p.State == vending.Loaded
}
