package store_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// same compares purchases whose times came back in another zone.
func same(a, b vending.Purchase) bool {
	ok := a.Opened.Equal(b.Opened) && a.Settled.Equal(b.Settled)
	a.Opened, a.Settled, b.Opened, b.Settled = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return ok && reflect.DeepEqual(a, b)
}

func TestPurchaseReadsBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	p := h.sale(1)
	p.Till = "柜台 2"
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for name, find := range map[string]func() (vending.Purchase, error){
		"by id": func() (vending.Purchase, error) { return d.Purchase(t.Context(), p.ID) },
		"pending on": func() (vending.Purchase, error) {
			facts, err := d.Facts(t.Context(), store.Asked{UID: h.card.UID})
			if err != nil || facts.Pending == nil {
				return vending.Purchase{}, err
			}
			return *facts.Pending, nil
		},
		"in a tx": func() (q vending.Purchase, err error) {
			err = h.do(t.Context(), func(tx *store.Tx) (err error) { q, err = tx.Purchase(t.Context(), p.ID); return err })
			return q, err
		},
		"of the meter": func() (q vending.Purchase, err error) {
			err = h.do(t.Context(), func(tx *store.Tx) (err error) { q, err = tx.Pending(t.Context(), h.meter.No); return err })
			return q, err
		},
	} {
		if got, err := find(); err != nil || !same(got, p) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, p)
		}
	}
	_, err := d.Purchase(t.Context(), uuid.New())
	wantErr(t, err, vending.ErrNoPurchase)
	other.must(t, func(tx *store.Tx) error {
		_, err := tx.Purchase(t.Context(), p.ID)
		wantErr(t, err, vending.ErrNoPurchase)
		_, err = tx.Settle(t.Context(), p, vending.ProvedLoaded, vending.ByCard, "", noon)
		wantErr(t, err, vending.ErrNoPurchase)
		return nil
	})
	d.wantClean(t)
}

func TestPurchasesListed(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	if oldest, err := d.OldestPending(t.Context()); err != nil || !oldest.IsZero() {
		t.Error(oldest, err)
	}
	done := h.sold(t, 1)
	open1, open2 := h.sale(2), other.sale(1)
	open1.Opened, open2.Opened = noon.Add(2*time.Hour), noon.Add(time.Hour)
	if err := errors.Join(h.add(t.Context(), open1), other.add(t.Context(), open2)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		customer int64
		inDoubt  bool
		limit    int
		want     []uuid.UUID
	}{
		{0, false, 10, []uuid.UUID{done.ID, open2.ID, open1.ID}},
		{0, true, 10, []uuid.UUID{open2.ID, open1.ID}},
		{1001, false, 10, []uuid.UUID{done.ID, open1.ID}},
		{1001, true, 10, []uuid.UUID{open1.ID}},
		{0, false, 1, []uuid.UUID{done.ID}},
		{7, false, 10, nil},
	} {
		list, err := d.Purchases(t.Context(), c.customer, c.inDoubt, c.limit)
		if err != nil || len(list) != len(c.want) {
			t.Errorf("%+v: %v, %v", c, list, err)
			continue
		}
		for i, p := range list {
			if p.ID != c.want[i] {
				t.Errorf("%+v: %s at %d", c, p.ID, i)
			}
		}
	}
	if oldest, err := d.OldestPending(t.Context()); err != nil || !oldest.Equal(open2.Opened) {
		t.Error(oldest, err)
	}
}

// The card that is in doubt sells nothing more, and the refused sale leaves nothing.
func TestSecondPendingIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	if err := h.add(t.Context(), h.sale(1)); err != nil {
		t.Fatal(err)
	}
	second := h.sale(2)
	wantErr(t, h.add(t.Context(), second), vending.ErrUnresolved)
	_, err := h.Purchase(t.Context(), second.ID)
	wantErr(t, err, vending.ErrNoPurchase)
	h.wantClean(t)
}

func TestOnePendingOfMany(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	var turn sync.Mutex
	ended := map[bool]int{}
	atOnce(func(int) {
		err := h.add(t.Context(), h.sale(1))
		if err != nil {
			wantErr(t, err, vending.ErrUnresolved)
		}
		turn.Lock()
		defer turn.Unlock()
		ended[err == nil]++
	})
	if ended[true] != 1 {
		t.Errorf("%d pending purchases were taken", ended[true])
	}
	h.wantClean(t)
}

func TestSameIDTwice(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	p := h.sold(t, 1)
	again := h.sale(2)
	again.ID = p.ID
	wantErr(t, h.add(t.Context(), again), vending.ErrIDReused)
	h.wantClean(t)
}

// A purchase count is used once; that of a voided purchase is used again.
func TestCountOnce(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	h.sold(t, 1)
	if err := h.add(t.Context(), h.sale(1)); err == nil {
		t.Error("count 1 was sold twice")
	}
	void := h.sale(2)
	if err := h.add(t.Context(), void); err != nil {
		t.Fatal(err)
	}
	h.settle(t, void, vending.ProvedUntouched, "")
	h.sold(t, 2)
	h.must(t, func(tx *store.Tx) error {
		count, total, err := tx.LastLoaded(t.Context(), h.meter.No)
		if count != 2 || total != 2*76040 {
			t.Errorf("count %d, total %d", count, total)
		}
		return err
	})
	h.wantClean(t)
}

func TestLastLoadedOfANewMeter(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	h.must(t, func(tx *store.Tx) error {
		if count, total, err := tx.LastLoaded(t.Context(), h.meter.No); count != 0 || total != 0 || err != nil {
			t.Error(count, total, err)
		}
		return nil
	})
}

// A voided purchase leaves the money as advance, and that buys once.
func TestSaleFromAdvance(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	p := h.sale(1)
	p.Means = vending.FromAdvance
	wantErr(t, h.add(t.Context(), p), vending.ErrAdvanceShort)
	void := h.sale(1)
	if err := h.add(t.Context(), void); err != nil {
		t.Fatal(err)
	}
	h.settle(t, void, vending.ProvedUntouched, "")
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	h.settle(t, p, vending.ProvedLoaded, "")
	h.must(t, func(tx *store.Tx) error {
		b, err := tx.Balance(t.Context(), ledger.Advance(1001), ledger.CNY)
		if b.Posted != 1 || b.Outgoing != 0 {
			t.Errorf("%+v", b)
		}
		return err
	})
	again := h.sale(2)
	again.Means = vending.FromAdvance
	wantErr(t, h.add(t.Context(), again), vending.ErrAdvanceShort)
	h.wantClean(t)
}

// How a purchase ended stays how it ended, whatever is learned later.
func TestSettleOnce(t *testing.T) {
	t.Parallel()
	for first, state := range map[vending.Event]vending.State{vending.ProvedLoaded: vending.Loaded, vending.ProvedUntouched: vending.Voided} {
		t.Run(string(first), func(t *testing.T) {
			t.Parallel()
			h := open(t).household(t, 1001)
			p := h.sale(1)
			if err := h.add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			for _, why := range []string{"card pulled", "card pulled again"} {
				if got := h.settle(t, p, vending.NothingProved, why); got.State != vending.Pending || got.Doubt != why || got.Proof != "" {
					t.Errorf("%+v", got)
				}
			}
			ended := h.settle(t, p, first, "")
			if ended.State != state || ended.Proof != vending.ByCard || !ended.Settled.Equal(noon.Add(time.Minute)) {
				t.Errorf("%+v", ended)
			}
			for _, e := range []vending.Event{vending.ProvedLoaded, vending.ProvedUntouched, vending.NothingProved} {
				var got vending.Purchase
				h.must(t, func(tx *store.Tx) (err error) {
					got, err = tx.Settle(t.Context(), p, e, vending.ByMeter, "later", noon.Add(time.Hour))
					return err
				})
				if !same(got, ended) {
					t.Errorf("%s changed it: %+v", e, got)
				}
			}
			if stored, err := h.Purchase(t.Context(), p.ID); err != nil || !same(stored, ended) {
				t.Errorf("%+v, %v", stored, err)
			}
			h.wantClean(t)
		})
	}
}

func (h *household) takeUp(t testing.TB, id uuid.UUID) (p vending.Purchase) {
	t.Helper()
	h.must(t, func(tx *store.Tx) (err error) {
		p, err = tx.TakeUp(t.Context(), id)
		return err
	})
	return p
}

// Who had it before somebody else took it up may still prove it loaded, but not
// untouched: it may be written at this moment.
func TestTakenUpByAnother(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	first := h.sale(1)
	if err := h.add(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := h.takeUp(t, first.ID)
	if second.Attempt != first.Attempt+1 || second.State != vending.Pending {
		t.Errorf("%+v", second)
	}
	if got := h.settle(t, first, vending.ProvedUntouched, "late"); got.State != vending.Pending || got.Doubt != "late" {
		t.Errorf("%+v", got)
	}
	h.wantClean(t)
	if got := h.settle(t, second, vending.ProvedUntouched, ""); got.State != vending.Voided {
		t.Errorf("%+v", got)
	}

	first = h.sale(1)
	if err := h.add(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	h.takeUp(t, first.ID)
	loaded := h.settle(t, first, vending.ProvedLoaded, "")
	if loaded.State != vending.Loaded {
		t.Errorf("%+v", loaded)
	}
	// One that has ended is not taken up.
	if got := h.takeUp(t, first.ID); !same(got, loaded) {
		t.Errorf("%+v", got)
	}
	h.wantClean(t)
}

// Witnesses who disagree, at the same time: the first counts, all are told the same.
func TestSettleAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	p := h.sale(1)
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	var told [racers]vending.State
	atOnce(func(i int) {
		e := []vending.Event{vending.ProvedLoaded, vending.ProvedUntouched}[i%2]
		err := h.do(t.Context(), func(tx *store.Tx) error {
			q, err := tx.Settle(t.Context(), p, e, vending.ByCard, "", noon)
			told[i] = q.State
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	for _, state := range told {
		if state != told[0] || state == vending.Pending {
			t.Errorf("told %v", told)
		}
	}
	h.wantClean(t)
}
