package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

const otherNumber = "10000000000002"

// spooled is a field with readings in its spool, and open books that know two customers.
func spooled(t *testing.T, heard ...gateway.Heard) (*gatewayField, *store.Store) {
	t.Helper()
	s := &street{T: t, dsn: books.New(t)}
	dir := t.TempDir()
	s.env = append(os.Environ(), "DATABASE_URL="+s.dsn, "DATA_DIR="+dir)
	s.vendgate("customer", "open", "--no", "1001", "--name", "王芳", "--meter", meterNumber)
	s.vendgate("customer", "open", "--no", "1002", "--name", "李强", "--meter", otherNumber)
	line := lineConfig{TCP: "127.0.0.1:1", Meters: []meterConfig{{Number: meterNumber, Model: "cjt188-gas"}}} // nobody is there
	f, err := openField(gatewayConfig{Lines: []lineConfig{line}}, dir, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	for _, h := range heard {
		h.At = time.Now()
		if err := f.Keep(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Open(t.Context(), s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return f, db
}

func litresOf(meter string, n int64) gateway.Heard {
	return gateway.Heard{Meter: meter, Reading: meterproto.Reading{Meter: "7", Consumed: meterproto.Volume{Litres: n, Resolution: 1, Valid: true}}}
}

// No reading waits for another that the books do not take, whatever is wrong with that; and each of those is kept, with the reason.
func TestBadReadingsHoldUpNoOther(t *testing.T) {
	t.Parallel()
	credit := func(n int64) meterproto.Credit {
		return meterproto.Credit{N: n, Unit: meterproto.CreditLitres, Resolution: 1, Valid: true}
	}
	owes, foreign, unset := litresOf(meterNumber, 1), litresOf(meterNumber, 1), litresOf(meterNumber, 2)
	owes.Taken = &meterproto.Taken{Meter: "7", Modulus: 256, Total: credit(5), Remaining: credit(-5)}
	foreign.Taken = &meterproto.Taken{Meter: "8", Modulus: 256, Total: credit(5), Remaining: credit(4)}
	unset.Reading.Time = time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
	unfit := litresOf("1\x00", 1) // the database itself refuses
	bad := []gateway.Heard{litresOf(meterNumber, -5), owes, foreign, litresOf("99999999999999", 1), unfit}
	f, db := spooled(t, append(bad, unset, litresOf(otherNumber, 1230))...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- f.deliver(ctx, func(_ context.Context, do func(*store.Store) error) error { return do(db) })
	}()
	for f.spool.Depth() > 0 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatalf("%d records wait", f.spool.Depth())
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	consumed := map[string]int64{}
	for _, meter := range []string{meterNumber, otherNumber} {
		if err := db.Statements(t.Context(), meter, func(st store.Statement) error {
			consumed[meter] = st.Books.Consumed.N
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if consumed[otherNumber] != 1230 || consumed[meterNumber] != 2 {
		t.Errorf("the books have %v", consumed)
	}
	kept, err := os.ReadFile(f.refused)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(kept)), "\n")
	if len(lines) != len(bad) {
		t.Fatalf("%d are kept:\n%s", len(lines), kept)
	}
	for i, reason := range []string{"reading_incomplete", "reading_incomplete", "meter_not_agreed", "no_meter", "value_unfit"} {
		var line struct {
			Error string
			Heard gateway.Heard
		}
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil || !strings.Contains(line.Error, reason) || line.Heard.Reading.Consumed != bad[i].Reading.Consumed {
			t.Errorf("%s, %v: want %s", lines[i], err, reason)
		}
	}
}

// Trouble of the books or of locks is never a reading's fault; what fails for another reason is, when it has failed three times
// while the books answer.
func TestWhatIsHopeless(t *testing.T) {
	t.Parallel()
	f, db := spooled(t)
	odd := errors.New("nobody knows")
	for _, c := range []struct {
		err  error
		want []bool // of one try after the other
	}{
		{vending.ErrDatabase, []bool{false, false, false, false}},
		{fmt.Errorf("%w: 40P01", vending.ErrHeld), []bool{false, false, false, false}},
		{vending.ErrCommitInDoubt, []bool{false, false, false, false}},
		{fmt.Errorf("%w: %w", vending.ErrNoMeter, ledger.ErrStale), []bool{false, false, false, false}},
		{vending.ErrNoMeter, []bool{true}},
		{vending.ErrUnfit, []bool{true}},
		{odd, []bool{false, false, true}},
	} {
		d := &delivery{gatewayField: f, store: db}
		for i, want := range c.want {
			if got := d.hopeless(t.Context(), c.err); got != want {
				t.Errorf("%v, try %d: %v", c.err, i+1, got)
			}
		}
	}
	db.Close()
	d := &delivery{gatewayField: f, store: db, failed: mostFailures}
	if d.hopeless(t.Context(), odd) {
		t.Error("set aside though the books are away")
	}
}

// A chore goes on while readings cannot be stored.
func TestFailedDeliveryEndsNoChore(t *testing.T) {
	t.Parallel()
	f, db := spooled(t, litresOf(otherNumber, 1))
	db.Close() // it answers nothing any more
	said, to := io.Pipe()
	defer said.Close()
	f.log = slog.New(slog.NewTextHandler(to, nil))
	begun := make(chan context.Context, 1)
	f.chores.since = func(_ *store.Store, ctx context.Context) (store.WaitingSince, error) {
		begun <- ctx
		return store.WaitingSince{}, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- f.deliver(ctx, func(_ context.Context, do func(*store.Store) error) error { return do(db) })
		_ = to.Close()
	}()
	chore := <-begun
	var log bytes.Buffer
	for room := make([]byte, 4096); strings.Count(log.String(), "readings wait on disk") < 2; {
		n, err := said.Read(room)
		if log.Write(room[:n]); err != nil {
			t.Fatal(err)
		}
	}
	if chore.Err() != nil {
		t.Error("a chore was ended by a delivery that failed")
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	cancel()
	if err := <-ended; err != nil || chore.Err() == nil || f.spool.Depth() != 1 {
		t.Errorf("%v, %v; %d wait", err, chore.Err(), f.spool.Depth())
	}
	if _, err := os.Stat(filepath.Clean(f.refused)); !os.IsNotExist(err) {
		t.Errorf("something was set aside: %v", err)
	}
}
