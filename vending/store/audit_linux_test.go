package store_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func (d *database) wantVerified(t testing.TB, unsealed int64, printed ...ledger.Hash) store.Verified {
	t.Helper()
	v, err := d.Verify(t.Context(), printed, nil)
	if err != nil || !v.Clean() || v.Unsealed != unsealed {
		t.Errorf("%+v, %v, want %d unsealed", v, err, unsealed)
	}
	return v
}

// What is done at a counter is chained at once, sealed later, and proved by the head
// that was printed.
func TestSealAndVerify(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	if s, err := h.LastSeal(t.Context()); err != nil || s.No != 0 {
		t.Error(s, err)
	}
	h.sold(t, 1)
	v := h.wantVerified(t, 4)
	if v.Links != 4 || v.Transfers == 0 {
		t.Errorf("%+v", v)
	}
	sealed, ok, err := h.Seal(t.Context())
	if err != nil || !ok || sealed.Links != 4 {
		t.Fatal(sealed, ok, err)
	}
	if last, err := h.LastSeal(t.Context()); err != nil || last != sealed {
		t.Error(last, err)
	}
	if again, ok, err := h.Seal(t.Context()); err != nil || ok || again != sealed {
		t.Error(again, ok, err)
	}
	h.sold(t, 2)
	h.wantVerified(t, 2, sealed.Hash)
	other := ledger.Hash{7}
	if v, err := h.Verify(t.Context(), []ledger.Hash{sealed.Hash, other}, nil); err != nil || v.Clean() || !slices.Equal(v.Unknown, []ledger.Hash{other}) {
		t.Errorf("a head that was never printed: %+v, %v", v, err)
	}
}

// The chain may hold, and a purchase beside it be changed: Verify sees that too, and
// where the chain is broken it says so and nothing else.
func TestVerifyLooksBesideTheChain(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	h.sold(t, 1)
	h.by(t, `update purchase set money_fen = money_fen + 1`)
	v, err := h.Verify(t.Context(), nil, nil)
	if err != nil || v.Clean() || v.Broken != 0 || len(v.Violations) == 0 {
		t.Errorf("%+v, %v", v, err)
	}
	h.by(t, `alter table ledger_transfer disable trigger transfer_never_changed`)
	h.by(t, `update ledger_transfer set debit = 'nobody:1' where debit like 'till:%'`)
	v, err = h.Verify(t.Context(), nil, nil)
	if err != nil || v.Broken != 1 || v.Breaks[0].Book != 1001 {
		t.Errorf("%+v, %v", v, err)
	}
}

// The service seals when it starts and then every interval, and says so in the log.
func TestKeepSealing(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	ctx, stop := context.WithCancel(t.Context())
	said, ended := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(ended)
		h.KeepSealing(ctx, time.Millisecond, slog.New(slog.NewTextHandler(lines(said), nil)))
	}()
	<-said
	h.wantVerified(t, 0)
	h.sold(t, 1)
	for unsealed := int64(2); unsealed > 0; {
		<-said
		v, err := h.Verify(t.Context(), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		unsealed = v.Unsealed
	}
	stop()
	<-ended
	h.wantVerified(t, 0)
	h.by(t, `alter table ledger_leaf rename to gone`)
	ctx, stop = context.WithCancel(t.Context())
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		h.KeepSealing(ctx, time.Hour, slog.New(slog.NewTextHandler(lines(said), nil)))
	}()
	if got := <-said; got == "" {
		t.Error("nothing is said of what went wrong")
	}
	stop()
	<-ended
}

// lines hands every line of a log on.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// Every look-up is kept: who, from where, what (RULES B12). Nobody can change it.
func TestLooks(t *testing.T) {
	t.Parallel()
	d := open(t)
	chief := vending.Actor{Staff: "chief", Role: vending.RoleSupervisor, From: "back office"}
	for _, look := range []struct {
		by   vending.Actor
		what string
		at   []int64
	}{{clerk, "card", []int64{1001}}, {chief, "purchases", []int64{1002, 1001, 1002}}} {
		if err := d.LookedAll(t.Context(), look.at, look.by, look.what); err != nil {
			t.Fatal(err)
		}
	}
	for customer, want := range map[int64][]store.Look{
		1001: {{1001, "chief", "back office", "purchases", time.Time{}}, {1001, "clerk", "test", "card", time.Time{}}},
		1002: {{1002, "chief", "back office", "purchases", time.Time{}}},
		1003: nil,
	} {
		got, err := d.Looks(t.Context(), customer, 10)
		for i := range got {
			if time.Since(got[i].At).Abs() > time.Hour {
				t.Error(got[i])
			}
			got[i].At = time.Time{}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d: got %v, %v, want %v", customer, got, err, want)
		}
	}
	if got, err := d.Looks(t.Context(), 1001, 1); err != nil || len(got) != 1 || got[0].Who != "chief" {
		t.Error(got, err)
	}
	for _, sql := range []string{`update look set who = 'x'`, `delete from look`, `truncate look`} {
		if _, err := d.sql.Exec(t.Context(), `set role vendgate_service; `+sql); err == nil {
			t.Errorf("the service may %s", sql)
		}
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	got, err := h.Records(t.Context(), 1001, 1, 10)
	if err != nil || len(got) != 1 || got[0].Seq != 2 || got[0].Kind != "test" || got[0].Who != "clerk" || got[0].From != "test" {
		t.Error(got, err)
	}
	if got, err := h.Records(t.Context(), 0, 0, 10); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	_, err = h.Records(t.Context(), 1002, 0, 10)
	wantErr(t, err, vending.ErrNoCustomer)
}
