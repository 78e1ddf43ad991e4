package counter_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/vending/store"
)

// BenchmarkTopUp is one top-up, from the card in the reader to the receipt,
// through the real pcscd and the private PostgreSQL with durable settings. It
// reports where the time goes: waiting for the card, waiting for the database
// (with how many round trips and commits), and the rest; and what went to the
// card. The least possible is 8 APDUs: select, read what the vendor wrote, read
// what the meter wrote, two challenges (a challenge is good for one command), one
// authentication, one write, one read-back (cardio/DESIGN.md).
func BenchmarkTopUp(b *testing.B) {
	w := newWorld(b)
	hall, err := theHall()
	if err != nil {
		b.Fatal(err)
	}
	home := w.household(b)
	s := hall.seat(home)
	defer s.leave()
	card, database := new(meterOfTime), new(meterOfTime)
	config, err := pgxpool.ParseConfig(w.dsn)
	if err != nil {
		b.Fatal(err)
	}
	config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return timedConn{conn, database}, err
	}
	db, err := store.OpenConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	terminal := patient{w.terminal(timedReader{reader.New(s.name, reader.Options{}), card})}
	if _, err := contents(b.Context(), terminal); err != nil {
		b.Fatal(err)
	}
	card.reset()
	database.reset()
	for b.Loop() {
		if out, err := w.desk(db).TopUp(b.Context(), terminal, request(100)); err != nil || out.Purchase.State != "loaded" {
			b.Fatal(out.Purchase.State, err)
		}
	}
	n := float64(b.N)
	b.ReportMetric(float64(card.spent.Load())/1e6/n, "card-ms/op")
	b.ReportMetric(float64(database.spent.Load())/1e6/n, "db-ms/op")
	b.ReportMetric(float64(database.calls.Load())/n, "db-trips/op")
	b.ReportMetric(float64(card.calls.Load())/n, "APDUs/op")
	b.ReportMetric(8, "least-APDUs/op")
	b.ReportMetric(float64(card.written.Load())/n, "written-B/op")
}

// meterOfTime adds up how long somebody waited for an answer.
type meterOfTime struct{ spent, calls, written, sent atomic.Int64 }

func (m *meterOfTime) reset() {
	m.spent.Store(0)
	m.calls.Store(0)
	m.written.Store(0)
}

// timedReader counts connecting and closing as time at the card too.
type timedReader struct {
	cardio.Reader
	time *meterOfTime
}

func (r timedReader) Connect(ctx context.Context) (cardio.Link, error) {
	defer r.time.since(time.Now())
	l, err := r.Reader.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return timedLink{l, r.time}, nil
}

func (m *meterOfTime) since(start time.Time) { m.spent.Add(int64(time.Since(start))) }

type timedLink struct {
	cardio.Link
	time *meterOfTime
}

func (l timedLink) Transmit(command []byte) ([]byte, error) {
	defer l.time.since(time.Now())
	l.time.calls.Add(1)
	if command[1] == updateBinary {
		l.time.written.Add(int64(command[4]))
	}
	return l.Link.Transmit(command)
}

func (l timedLink) Close() error {
	defer l.time.since(time.Now())
	return l.Link.Close()
}

// timedConn measures from what is sent to the answer's first bytes.
type timedConn struct {
	net.Conn
	time *meterOfTime
}

func (c timedConn) Write(b []byte) (int, error) {
	c.time.sent.Store(time.Now().UnixNano())
	return c.Conn.Write(b)
}

func (c timedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if sent := c.time.sent.Swap(0); sent != 0 && n > 0 {
		c.time.spent.Add(time.Now().UnixNano() - sent)
		c.time.calls.Add(1)
	}
	return n, err
}
