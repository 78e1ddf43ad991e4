package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// holds takes the customer's row, and what the next link of their book would be, as a transaction whose commit hangs does.
func (h *household) holds(t *testing.T) (release func()) {
	t.Helper()
	tx, err := h.sql.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `select from customer where no = $1 for update`, h.customer.No)
	must(t, err)
	return func() { must(t, tx.Rollback(t.Context())) }
}

// Who waits for a row that is held is told so within a bound, and nothing was done.
func TestHeldRow(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	d.slowly(t, "lock_timeout=100")
	release := h.holds(t)
	begun := time.Now()
	wantErr(t, h.see(t.Context()), vending.ErrHeld)
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it waited %v", took)
	}
	release()
	must(t, h.see(t.Context()))
}

// A stage of a sale waits shorter than a commit: it is refused and not in doubt, whatever the settings say.
func TestHeldRowOfASale(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	d.slowly(t, "commit_timeout=10s lock_timeout=200ms")
	release := h.holds(t)
	wait := &pgx.Batch{}
	wait.Queue(`select from customer where no = $1 for update`, h.customer.No)
	wantErr(t, store.Pipeline(d.Store, t.Context(), wait), vending.ErrHeld)
	release()
	again := &pgx.Batch{}
	again.Queue(`select from customer where no = $1 for update`, h.customer.No)
	must(t, store.Pipeline(d.Store, t.Context(), again))
}

// The bounds that the server keeps for us are set on every connection, and can be set otherwise in the address.
func TestBoundsOfTheServer(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, c := range []struct{ address, check, lock, stages string }{
		{"", "10s", "30s", "4s"},
		{"client_connection_check_interval=3s lock_timeout=2500 commit_timeout=20s", "3s", "2500ms", "2500ms"},
		{"client_connection_check_interval=0 lock_timeout=1m", "0", "1min", "4s"},
	} {
		d.slowly(t, c.address)
		got := func(name string, ask func(b *pgx.Batch) error) (value string) {
			b := &pgx.Batch{}
			b.Queue(`select current_setting($1)`, name).QueryRow(func(row pgx.Row) error { return row.Scan(&value) })
			must(t, ask(b))
			return value
		}
		stage := func(b *pgx.Batch) error { return store.Pipeline(d.Store, t.Context(), b) }
		if check, lock := got("client_connection_check_interval", stage), got("lock_timeout", stage); check != c.check || lock != c.stages {
			t.Errorf("%q: a stage has %s and %s, want %s and %s", c.address, check, lock, c.check, c.stages)
		}
		plain := func(b *pgx.Batch) error { return store.Batch(d.Store, t.Context(), b) }
		if check, lock := got("client_connection_check_interval", plain), got("lock_timeout", plain); check != c.check || lock != c.lock {
			t.Errorf("%q: %s and %s, want %s and %s", c.address, check, lock, c.check, c.lock)
		}
	}
	for _, bad := range []string{"lock_timeout=0", "lock_timeout=soon"} {
		_, err := store.Open(t.Context(), d.dsn+" "+bad)
		wantErr(t, err, vending.ErrDatabase)
	}
}
