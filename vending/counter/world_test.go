package counter_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

const (
	utility  = 1
	till     = "7"
	firstFen = 10_000 // a purchase that each household has made before the test begins
	topUpFen = 20_000
	// maxCredit is what card and meter may hold together, in litres: enough for a benchmark.
	maxCredit = 1_000_000_000
)

var books = pgtest.Template(func(ctx context.Context, dsn string) error {
	s, err := store.Open(ctx, dsn)
	if err == nil {
		s.Close()
	}
	return err
})

// world is one utility: its database, its keys, and households that have a real
// card in their hand and a meter on the wall.
type world struct {
	dsn   string
	keys  *sam.File
	store *store.Store // one that nobody cuts
	last  atomic.Int64 // customer number
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOn(t, books.New(t))
}

func worldOn(t testing.TB, dsn string) *world {
	t.Helper()
	w := &world{dsn: dsn, keys: sam.Generate()}
	w.last.Store(1000)
	w.reopen(t)
	w.by(t, `insert into shift (till, no, cashier, state, opened_at) values ('`+till+`', 1, 'clerk', 'open', now()) on conflict do nothing`)
	return w
}

// reopen is a new process of the service, on the same database.
func (w *world) reopen(t testing.TB) {
	t.Helper()
	s, err := store.Open(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	if w.store != nil {
		w.store.Close()
	}
	w.store = s
	t.Cleanup(s.Close)
}

// by runs SQL past the store.
func (w *world) by(t testing.TB, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// open opens the database through connections that can be cut.
func (w *world) open(ctx context.Context, wire *wire) (*store.Store, error) {
	config, err := pgxpool.ParseConfig(w.dsn)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.DialFunc = wire.dial
	return store.OpenConfig(ctx, config)
}

func (w *world) desk(s *store.Store) *counter.Desk {
	return &counter.Desk{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler), By: clerk}
}

func (w *world) terminal(r cardio.Reader) counter.Terminal {
	return counter.At(&cardio.Terminal{Reader: r, Keys: w.keys, Utility: utility})
}

// household is one customer with one meter and one card.
type household struct {
	no    int64
	meter *metersim.Meter
	chip  *cardsim.Card
	card  string
}

// household opens a customer, issues a card, sells once and lets the meter take it.
func (w *world) household(t testing.TB) *household {
	t.Helper()
	h := w.opened(t)
	slot := cardsim.NewSlot("hall")
	slot.Insert(h.chip)
	req := request(firstFen)
	out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), req)
	if err != nil || out.Purchase.State != vending.Loaded {
		t.Fatalf("first purchase: %v, %v", out.Purchase.State, err)
	}
	h.card = out.Purchase.Card
	if err := h.toMeter(slot); err != nil {
		t.Fatal(err)
	}
	return h
}

// opened is a customer with an issued card and nothing sold.
func (w *world) opened(t testing.TB) *household {
	t.Helper()
	h := w.registered(t)
	card, _, err := w.desk(w.store).IssueCard(t.Context(), w.terminal(slotWith(h)), h.no, h.number())
	if err != nil {
		t.Fatalf("issue: %v", err)
	}
	h.card = card.No
	return h
}

// registered is a customer with a meter and a blank card.
func (w *world) registered(t testing.TB) *household {
	t.Helper()
	no := w.last.Add(1)
	number := fmt.Sprintf("%014d", no)
	meter, err := metersim.New(metersim.Config{Number: number, Keys: w.keys, Utility: utility, Unit: cardio.Litre,
		Start: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.store.AddCustomer(t.Context(),
		vending.Customer{No: no, Name: "张三", Status: vending.InService, Tariff: "gas-residential"},
		vending.Meter{No: number, Commodity: ledger.Litre, MaxCredit: maxCredit}, opening)
	if err != nil {
		t.Fatal(err)
	}
	return &household{no: no, meter: meter, chip: cardsim.NewBlank(uid(no))}
}

func (h *household) number() string { return h.meter.Snapshot().Number }

func uid(no int64) (u [8]byte) {
	copy(u[:], fmt.Sprintf("C%07d", no))
	return u
}

func request(fen int64) counter.TopUpRequest {
	return counter.TopUpRequest{ID: uuid.Must(uuid.NewV7()), MoneyFen: fen, Payment: vending.Payment{Means: vending.Cash}, Till: till}
}

// toMeter takes the card out of the reader, to the meter and back.
func (h *household) toMeter(from *cardsim.Slot) error {
	from.Pull()
	defer from.Insert(h.chip)
	wall := cardsim.NewSlot("meter")
	wall.Insert(h.chip)
	defer wall.Pull()
	l, err := wall.Connect(context.Background())
	if err != nil {
		return err
	}
	defer l.Close()
	return h.meter.Insert(l)
}

// read reads the household's meter over a line and takes the report in.
func (w *world) read(ctx context.Context, h *household) error { return w.readAt(ctx, h, time.Now) }

// readAt is read by another clock.
func (w *world) readAt(ctx context.Context, h *household, now func() time.Time) error {
	cable := metersim.NewCable()
	defer cable.Cut()
	bus := metersim.NewBus(metersim.Line{Baud: 115200, Think: time.Millisecond, Faults: metersim.Friendly(), Log: io.Discard, Seed: 1})
	if err := bus.Add(h.meter); err != nil {
		return err
	}
	go bus.Serve(cable.Meters())
	line, err := link.New("cable", link.Mode{Baud: 115200}, func() (link.Wire, error) { return cable, nil })
	if err != nil {
		return err
	}
	defer line.Close()
	number := h.meter.Snapshot().Number
	wire := &intake.Wire{Store: w.store, Line: line, Driver: gateway.Gas(), Meter: number, Address: number, Rolls: true, Now: now}
	heard, err := wire.Hear(ctx)
	if err != nil {
		return err
	}
	heard.Report.Agreed = true // this driver asks once
	_, err = intake.Take(ctx, w.store, heard.Report, now())
	return err
}

func newKeys() *sam.File { return sam.Generate() }

var clerk = vending.Actor{Staff: "clerk", Role: vending.RoleCashier, From: "test"}

var opening = vending.Deed{Kind: "customer opened", By: clerk}
