package store_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func TestAddCustomerOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	c, m := people(1001)
	if added, err := d.AddCustomer(t.Context(), c, m, opening); err != nil || !added {
		t.Fatal(added, err)
	}
	if added, err := d.AddCustomer(t.Context(), c, m, opening); err != nil || added {
		t.Error(added, err)
	}
	got, meters, err := d.Customer(t.Context(), 1001)
	if err != nil || got != c || len(meters) != 1 || meters[0] != m {
		t.Error(got, meters, err)
	}
	if owner, err := d.MeterOwner(t.Context(), m.No); err != nil || owner != 1001 {
		t.Error(owner, err)
	}
}

func TestAddCustomerConflicts(t *testing.T) {
	t.Parallel()
	d := open(t)
	c, m := people(1001)
	if _, err := d.AddCustomer(t.Context(), c, m, opening); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]struct {
		change func(*vending.Customer, *vending.Meter)
		want   error
	}{
		"name":             {func(c *vending.Customer, _ *vending.Meter) { c.Name = "李伟" }, vending.ErrCustomerTaken},
		"address":          {func(c *vending.Customer, _ *vending.Meter) { c.Address = "" }, vending.ErrCustomerTaken},
		"meter":            {func(_ *vending.Customer, m *vending.Meter) { m.No = "10000000009999" }, vending.ErrCustomerTaken},
		"maximum":          {func(_ *vending.Customer, m *vending.Meter) { m.MaxCredit++ }, vending.ErrCustomerTaken},
		"meter of another": {func(c *vending.Customer, _ *vending.Meter) { c.No = 1002 }, vending.ErrMeterTaken},
		"no such tariff": {func(c *vending.Customer, m *vending.Meter) {
			c.No, c.Tariff, m.No = 1002, "moon", "10000000001002"
		}, vending.ErrNoTariff},
	} {
		t.Run(name, func(t *testing.T) {
			c, m := people(1001)
			change.change(&c, &m)
			added, err := d.AddCustomer(t.Context(), c, m, opening)
			if !errors.Is(err, change.want) || added {
				t.Errorf("added %t, %v, want %v", added, err, change.want)
			}
			var told *vending.Error
			if errors.As(err, &told) && change.want == vending.ErrNoTariff && told.Args["Tariff"] != "moon" {
				t.Errorf("the clerk is not told which: %v", told)
			}
		})
	}
	_, _, err := d.Customer(t.Context(), 1002)
	wantErr(t, err, vending.ErrNoCustomer)
	_, err = d.MeterOwner(t.Context(), "10000000001002")
	wantErr(t, err, vending.ErrNoMeter)
}

// One program adds, the others find it done; those who want the number for someone
// else are refused.
func TestAddCustomerAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	var added, same, refused atomic.Int32
	atOnce(func(i int) {
		c, m := people(1001)
		if i == 0 {
			c.Name = "李伟"
		}
		ok, err := d.AddCustomer(t.Context(), c, m, opening)
		switch {
		case ok && err == nil:
			added.Add(1)
		case err == nil:
			same.Add(1)
		case errors.Is(err, vending.ErrCustomerTaken):
			refused.Add(1)
		default:
			t.Error(err)
		}
	})
	a, s, r := added.Load(), same.Load(), refused.Load()
	if a != 1 || !(s == racers-2 && r == 1 || s == 0 && r == racers-1) {
		t.Errorf("%d added, %d found it done, %d were refused", a, s, r)
	}
}

// Two terminals with one customer take turns; another customer does not wait.
func TestForCustomerTakesTurns(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	inside, leave := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(leave) })
	defer release()
	var left atomic.Bool
	ended := make(chan error, 2)
	go func() {
		ended <- h.do(t.Context(), func(*store.Tx) error {
			close(inside)
			<-leave
			left.Store(true)
			return nil
		})
	}()
	<-inside
	go func() {
		ended <- h.do(t.Context(), func(*store.Tx) error {
			if !left.Load() {
				return errors.New("two transactions hold one customer")
			}
			return nil
		})
	}()
	d.waitForWaiter(t)
	other.must(t, func(*store.Tx) error { return nil })
	release()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// waitForWaiter returns as soon as a session waits for a lock.
func (d *database) waitForWaiter(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for waiting := false; !waiting; {
		err := d.sql.QueryRow(ctx, `select exists (select 1 from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock')`).Scan(&waiting)
		if err != nil {
			t.Fatal("nobody waits: ", err)
		}
	}
}

// What do refuses is not stored, and an unknown customer is not served.
func TestForCustomerTakesBack(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	p := h.sale(1)
	refused := errors.New("changed my mind")
	err := h.do(t.Context(), func(tx *store.Tx) error {
		if err := tx.AddPurchase(t.Context(), p); err != nil {
			return err
		}
		return refused
	})
	wantErr(t, err, refused)
	_, err = h.Purchase(t.Context(), p.ID)
	wantErr(t, err, vending.ErrNoPurchase)
	err = h.ForCustomer(t.Context(), 7, opening, func(*store.Tx) error { panic("called for nobody") })
	wantErr(t, err, vending.ErrNoCustomer)
	h.wantClean(t)
}

func TestTariffAndMeterOfTheCustomer(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	h.must(t, func(tx *store.Tx) error {
		if tx.Customer != h.customer {
			t.Errorf("%+v", tx.Customer)
		}
		if tariff, err := tx.Tariff(t.Context()); err != nil || tariff.Code != gas.Code || !reflect.DeepEqual(tariff.Tiers, gas.Tiers) || tariff.Valid() != nil {
			t.Error(tariff, err)
		}
		if m, err := tx.Meter(t.Context(), h.meter.No); err != nil || m != h.meter {
			t.Error(m, err)
		}
		_, err := tx.Meter(t.Context(), other.meter.No)
		wantErr(t, err, vending.ErrNoMeter)
		return nil
	})
}
