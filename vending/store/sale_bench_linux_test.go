package store_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// households of the benchmark; each client has its own share of them.
const households = 20_000

// spell is how long each figure is measured.
const spell = 5 * time.Second

// clients at the same time.
var clients = []int{1, 8, 32}

// halls fills a new database with households that have a card, and with the shifts
// of 32 tills. Every balance has its row: the shops have been open for a while.
func halls(b *testing.B) *database {
	d := open(b)
	hallsIn(b, d)
	// They have sold for a while: plans are made for tables that hold something.
	d.pgbench(b, strings.NewReplacer("HOT", "", "TILL", "'t0-1'").Replace(floor), 8)
	d.by(b, `vacuum analyze`)
	d.Store.Close()
	var err error
	if d.Store, err = store.Open(b.Context(), d.dsn); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(d.Store.Close)
	return d
}

func hallsIn(b *testing.B, d *database) {
	d.by(b, fmt.Sprintf(`insert into customer (no, name, address, status, tariff, opened_at)
		select i, '王芳', '和平里 ' || i, 'in_service', 'gas-residential', now() from generate_series(1, %d) i`, households))
	d.by(b, `insert into meter_owner select 'm' || no, no from customer`)
	d.by(b, `insert into card_owner select int8send(no), no from customer`)
	d.by(b, `insert into meter (customer_no, no, commodity, max_credit) select no, 'm' || no, 'L', 1000000000000 from customer`)
	d.by(b, `insert into card (customer_no, no, uid, meter_no, state, key_version, issued_at)
		select no, 'k' || no, int8send(no), 'm' || no, 'active', 1, now() from customer`)
	d.by(b, `insert into card_seen select no, 'k' || no, 0, 0, 0, now() from customer`)
	d.by(b, `insert into ledger_balance select no, account, commodity, true, 0, 0, 0, 0, false from customer,
		lateral (values ('advance:' || no, 'CNY'), ('prepaid:' || no, 'CNY'), ('card:k' || no, 'L')) a (account, commodity)`)
	d.by(b, `insert into staff (code, name, role) select 'k' || i, '收费员', 'cashier' from generate_series(0, 31) i`)
	d.by(b, `insert into shift (till, no, cashier, state, opened_at) select 't' || i, 1, 'k' || i, 'open', now() from generate_series(0, 31) i`)
	d.by(b, `create table plain (id uuid primary key, fen bigint not null)`)
	d.by(b, `create table till_total (till text primary key, fen bigint not null)`)
	d.by(b, `insert into till_total select 't' || i, 0 from generate_series(0, 31) i`)
}

// load is some clients that sell, each to its own households.
type load struct {
	*database
	clients int
	hot     bool
}

func (l load) till(client int) (till, cashier string) {
	if l.hot {
		client = 0
	}
	return fmt.Sprintf("t%d", client), fmt.Sprintf("k%d", client)
}

// took is how long the parts of one purchase took: facts and intent, which are its first
// stage, and its end.
type took struct{ facts, intent, end time.Duration }

// run has every client sell for a spell. It returns purchases a second, and what each took.
func (l load) run(b *testing.B, sell func(client int, customer int64) (took, error)) (float64, []took) {
	var mu sync.Mutex
	var all []took
	var work sync.WaitGroup
	start := time.Now()
	for c := range l.clients {
		work.Go(func() {
			var mine []took
			for i := 0; time.Since(start) < spell; i++ {
				// A stride that is prime to the share visits its households in no order.
				customer := int64(c + l.clients*(i*7919%(households/l.clients)) + 1)
				t, err := sell(c, customer)
				if err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, t)
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	work.Wait()
	return float64(len(all)) / time.Since(start).Seconds(), all
}

// stages says how long both stages took.
func stages(all []took) string {
	var times []time.Duration
	for _, t := range all {
		times = append(times, t.facts+t.intent, t.end)
	}
	return spread(times) + " a stage"
}

func spread(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("p50 %v p99 %v", at(times, 50), at(times, 99))
}

func each[T, S any](list []T, of func(T) S) []S {
	var out []S
	for _, item := range list {
		out = append(out, of(item))
	}
	return out
}

func uidOf(customer int64) []byte {
	return []byte{byte(customer >> 56), byte(customer >> 48), byte(customer >> 40), byte(customer >> 32),
		byte(customer >> 24), byte(customer >> 16), byte(customer >> 8), byte(customer)}
}

// sale is the finished stages: facts with limits, rights and shift; intent; end.
type sale struct {
	Facts    vending.Facts
	Purchase vending.Purchase
	known    time.Time // when the facts were
}

func (l load) begin(ctx context.Context, client int, customer int64) (s sale, err error) {
	till, cashier := l.till(client)
	id := uuid.Must(uuid.NewV7())
	if s.Facts, err = l.Facts(ctx, store.Asked{UID: uidOf(customer), ID: id, Till: till, Staff: cashier}); err != nil {
		return s, err
	}
	s.known = time.Now()
	shows := vending.Shown{Count: s.Facts.Count, Total: s.Facts.Total, Commodity: ledger.Litre}
	s.Purchase, err = s.Facts.Sell(vending.Sale{ID: id, MoneyFen: 10_000, Payment: vending.Payment{Means: vending.Cash}, Shows: shows},
		1<<47)
	if err != nil {
		return s, err
	}
	s.Facts.Head, err = l.Open(ctx, s.Facts, s.Purchase, vending.Deed{Kind: "purchase opened", By: s.Facts.Seller})
	return s, err
}

func (l load) finish(ctx context.Context, s sale) error {
	seen := store.Seen{Generation: s.Purchase.Count, Count: s.Purchase.Count, Total: s.Purchase.Total, At: s.Purchase.Opened}
	_, err := l.End(ctx, s.Facts, s.Purchase, vending.ProvedLoaded, seen, vending.Deed{Kind: "purchase settled", By: s.Facts.Seller})
	return err
}

func (l load) direct(client int, customer int64) (t took, err error) {
	ctx := context.Background()
	start := time.Now()
	s, err := l.begin(ctx, client, customer)
	middle := time.Now()
	if err == nil {
		err = l.finish(ctx, s)
	}
	return took{s.known.Sub(start), middle.Sub(s.known), time.Since(middle)}, err
}

// asked is a stage as JSON.
type asked struct {
	Client   int
	Customer int64
	ID       uuid.UUID
}

// served serves both stages over HTTP; between them the sale waits for its card.
func (l load) served(b *testing.B) (sell func(int, int64) (took, error), stop func()) {
	var waiting sync.Map
	stage := func(do func(context.Context, asked) (uuid.UUID, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var a asked
			err := json.NewDecoder(r.Body).Decode(&a)
			if err == nil {
				a.ID, err = do(r.Context(), a)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			json.NewEncoder(w).Encode(a)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /open", stage(func(ctx context.Context, a asked) (uuid.UUID, error) {
		s, err := l.begin(ctx, a.Client, a.Customer)
		waiting.Store(s.Purchase.ID, s)
		return s.Purchase.ID, err
	}))
	mux.HandleFunc("POST /end", stage(func(ctx context.Context, a asked) (uuid.UUID, error) {
		s, ok := waiting.LoadAndDelete(a.ID)
		if !ok {
			return a.ID, vending.ErrNoPurchase
		}
		return a.ID, l.finish(ctx, s.(sale))
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: mux}
	go server.Serve(listener) // ends with stop
	callers := make([]*caller, l.clients)
	for i := range callers {
		if callers[i], err = call(listener.Addr().String()); err != nil {
			b.Fatal(err)
		}
	}
	return func(c int, customer int64) (took, error) {
		start := time.Now()
		a := asked{Client: c, Customer: customer}
		err := callers[c].post("/open", &a)
		middle := time.Now()
		if err == nil {
			err = callers[c].post("/end", &a)
		}
		return took{intent: middle.Sub(start), end: time.Since(middle)}, err
	}, func() { server.Close() }
}

// caller is one connection of a client, which is as cheap as it can be: it is not what is
// measured, and computes on the same processors.
type caller struct {
	net.Conn
	*bufio.Reader
	body bytes.Buffer
}

func call(address string) (*caller, error) {
	conn, err := net.Dial("tcp", address)
	return &caller{Conn: conn, Reader: bufio.NewReader(conn)}, err
}

func (c *caller) post(path string, a *asked) error {
	c.body.Reset()
	if err := json.NewEncoder(&c.body).Encode(a); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.Conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, c.body.Len(), c.body.Bytes()); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(a)
}

// BenchmarkSale measures the stages of a purchase against a floor on the same server,
// durable, one after the other: purchases a second and how many times the floor's.
func BenchmarkSale(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the service does
	d := halls(b)
	for _, till := range []string{"uniform", "hot"} {
		for _, n := range clients {
			b.Run(fmt.Sprintf("%s/%d", till, n), func(b *testing.B) {
				for range b.N {
					measure(b, load{d, n, till == "hot"})
				}
			})
		}
	}
	// Rows of balances that nobody has moved yet were made by hand, above.
	d.by(b, `delete from ledger_balance where credits_posted + debits_posted + credits_pending + debits_pending = 0`)
	if found, err := ledger.Check(b.Context(), d.sql); err != nil || len(found) > 0 {
		b.Fatal(found[:min(3, len(found))], err)
	}
}

// measure says how fast a load sells, and what a purchase takes of any processor.
func measure(b *testing.B, l load) {
	row, till := "", "('t' || :client_id::text || '-1')"
	if l.hot {
		row, till = hotRow, "'t0-1'"
	}
	script := strings.NewReplacer("HOT", row, "TILL", till).Replace(floor)
	plain := l.pgbench(b, "insert into plain values (gen_random_uuid(), 1);\n", l.clients)
	start := l.spent(b)
	base := l.pgbench(b, script, l.clients)
	floors := l.spent(b).since(start).each(base * spell.Seconds())
	start = l.spent(b)
	direct, times := l.run(b, l.direct)
	ours := l.spent(b).since(start).each(direct * spell.Seconds())
	sell, stop := l.served(b)
	start = l.spent(b)
	served, httpTimes := l.run(b, sell)
	https := l.spent(b).since(start).each(served * spell.Seconds())
	stop()
	parts := fmt.Sprintf("facts %s, intent %s, end %s", spread(each(times, func(t took) time.Duration { return t.facts })),
		spread(each(times, func(t took) time.Duration { return t.intent })), spread(each(times, func(t took) time.Duration { return t.end })))
	b.Logf("floor %.0f/s (plain inserts %.0f/s), a purchase takes %s\n Go API %.0f/s = %.2f × floor, %s (%s), a purchase takes %s\n HTTP   %.0f/s = %.2f × floor, %s, a purchase takes %s",
		base, plain, floors, direct, direct/base, stages(times), parts, ours, served, served/base, stages(httpTimes), https)
	b.ReportMetric(direct/base, "×floor")
	b.ReportMetric(served/base, "http×floor")
}

func at(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*percent/100].Round(10 * time.Microsecond)
}

// thousand is how many go together in BenchmarkSalesTogether.
const thousand = 1000

// BenchmarkSalesTogether stores intents by the thousand on one connection, against the
// floor of one client. SALES says how many in all; memory must not grow with them.
func BenchmarkSalesTogether(b *testing.B) {
	d := halls(b)
	sales := 20 * thousand
	if s := os.Getenv("SALES"); s != "" {
		sales, _ = strconv.Atoi(s)
	}
	base := d.pgbench(b, strings.NewReplacer("HOT", "", "TILL", "'t0-1'").Replace(floor), 1)
	ctx := b.Context()
	for range b.N {
		var spent time.Duration
		var before, after uint64
		for done := 0; done < sales; done += thousand {
			list := make([]store.Sold, thousand)
			asks := make([]store.Asked, thousand)
			for i := range asks {
				asks[i] = store.Asked{UID: uidOf(int64((done+i)%households + 1)), ID: uuid.Must(uuid.NewV7()), Till: "t0", Staff: "k0"}
			}
			start := time.Now()
			facts, err := d.FactsOf(ctx, asks)
			if err != nil {
				b.Fatal(err)
			}
			for i, f := range facts {
				p, err := f.Sell(vending.Sale{ID: asks[i].ID, MoneyFen: 10_000, Payment: vending.Payment{Means: vending.Cash},
					Shows: vending.Shown{Count: f.Count, Total: f.Total, Commodity: ledger.Litre}}, 1<<47)
				if err != nil {
					b.Fatal(err)
				}
				list[i] = store.Sold{Facts: f, Purchase: p}
			}
			if err := d.OpenTogether(ctx, list, vending.Deed{Kind: "purchase opened", By: facts[0].Seller}); err != nil {
				b.Fatal(err)
			}
			if err := d.EndTogether(ctx, list, vending.Deed{Kind: "purchase settled", By: facts[0].Seller}); err != nil {
				b.Fatal(err)
			}
			spent += time.Since(start)
			after = heap()
			if done == 0 {
				before = after
			}
		}
		rate := float64(sales) / spent.Seconds()
		b.Logf("floor %.0f/s with one client; by the thousand %.0f purchases/s (both stages) = %.2f × floor; heap %d KiB after the first thousand, %d KiB after %d",
			base, rate, rate/base, before>>10, after>>10, sales)
		b.ReportMetric(rate/base, "×floor")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
