package intake_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

var chief = vending.Actor{Staff: "chief", Role: vending.RoleSupervisor}

// One answer on a line proves no purchase: its eight bits of checksum let a wrong total through that may be the right
// one by chance. A second one does, in the same visit or in the next.
func TestOneAnswerProvesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, second := range map[string]func(*vending.Report){
		"the next reading":       func(r *vending.Report) { r.MeterTime = r.MeterTime.Add(time.Minute); r.Agreed = false },
		"two answers that agree": func(*vending.Report) {},
	} {
		h := newHousehold(t, s, int64(1000+len(name)))
		h.sell(t, 1)
		p := h.pend(t, 2)
		first := h.report(0, 2*bought, 500)
		first.Agreed = false
		for range 2 { // the same again is the same word
			if res := h.take(t, first); res.Settled != nil {
				t.Errorf("%s: one answer settled it", name)
			}
		}
		again := h.report(0, 2*bought, 500)
		second(&again)
		if res := h.take(t, again); res.Settled == nil || res.Settled.ID != p.ID {
			t.Errorf("%s: %+v", name, res)
		}
		h.wantBooks(t, 0, 2*bought-500, 500)
	}
}

// An answer from before the purchase is no second one.
func TestOldAnswerAgreesWithNone(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	old := h.report(0, bought, 0)
	old.Agreed = false
	h.take(t, old) // a meter that lies, or a line that does
	h.pend(t, 1)
	again := h.report(1, bought, 0)
	again.Agreed = false
	if res := h.take(t, again); res.Settled != nil {
		t.Errorf("%+v", res)
	}
}

// A use that jumps is held: nothing of it is in the books until somebody has looked, who says why.
func TestJumpIsHeld(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	const day = 24 * 60
	h.take(t, h.report(0, bought, 100))
	h.take(t, h.report(30*day, bought, 9_000))
	h.take(t, h.report(61*day, bought, 18_000))
	jump := h.report(62*day, bought, 75_000)
	for range 2 {
		if res := h.take(t, jump); res.New || res.Settled != nil {
			t.Errorf("%+v", res)
		}
	}
	h.wantBooks(t, 0, bought-18_000, 18_000)
	held, err := h.HeldReports(t.Context(), 10)
	if err != nil || len(held) != 1 || held[0].ID != jump.ID() || held[0].Reason != vending.HeldJump || held[0].Consumed != 75_000 {
		t.Fatalf("%+v, %v", held, err)
	}
	deed := vending.Deed{ID: uuid.New(), By: chief}
	if _, err := intake.EndHeld(t.Context(), h.Store, deed, held[0], true, noon); !errors.Is(err, vending.ErrReasonMissing) {
		t.Error(err)
	}
	deed.Why, deed.By.Role = "seen on site", vending.RoleCashier
	if _, err := intake.EndHeld(t.Context(), h.Store, deed, held[0], true, noon); !errors.Is(err, vending.ErrNotPermitted) {
		t.Error(err)
	}
	h.wantBooks(t, 0, bought-18_000, 18_000)
	deed.By = chief
	for _, want := range []bool{true, false} {
		if done, err := intake.EndHeld(t.Context(), h.Store, deed, held[0], true, noon); done != want || err != nil {
			t.Error(done, err)
		}
	}
	h.wantBooks(t, 0, bought-75_000, 75_000)
	deed.ID = uuid.New()
	if _, err := intake.EndHeld(t.Context(), h.Store, deed, held[0], false, noon); !errors.Is(err, vending.ErrHeldEnded) {
		t.Error(err)
	}
}

// What a jump is, the company says: the same report is held by the limits as shipped, and believed by others.
func TestSettingsSayWhatAJumpIs(t *testing.T) {
	t.Parallel()
	const day = 24 * 60
	for name, held := range map[string]bool{"": true, "jump_percent": false, "jump_floor": false, "jump_known_days": false} {
		h := newHousehold(t, open(t), 1001)
		h.sell(t, 1)
		h.take(t, h.report(0, bought, 100))
		h.take(t, h.report(30*day, bought, 9_000))
		h.take(t, h.report(61*day, bought, 18_000))
		if name != "" {
			h.set(t, name)
		}
		if res := h.take(t, h.report(62*day, bought, 40_000)); (res.Held != "") != held {
			t.Errorf("%q set to the most: %+v", name, res)
		}
	}
}

// set gives a setting of the company its highest value.
func (h *household) set(t *testing.T, name string) {
	t.Helper()
	s, err := vending.SettingNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	err = h.ForCompany(t.Context(), vending.Deed{ID: uuid.New(), Kind: vending.DeedSetting, By: chief}, func(tx *store.Tx) error {
		return tx.Set(t.Context(), s, s.Default(), vending.SettingValue{N: s.Max})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is dropped is never in the books, and a purchase that it would have proved stays pending.
func TestDroppedReportProvesNothing(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	const day = 24 * 60
	h.take(t, h.report(0, bought, 100))
	h.take(t, h.report(40*day, bought, 900))
	h.pend(t, 2)
	jump := h.report(41*day, 2*bought, 75_000)
	if res := h.take(t, jump); res.Held != vending.HeldJump || res.Settled != nil {
		t.Errorf("%+v", res)
	}
	held, err := h.HeldReport(t.Context(), jump.ID())
	if err != nil {
		t.Fatal(err)
	}
	deed := vending.Deed{ID: uuid.New(), By: chief, Why: "misread"}
	if done, err := intake.EndHeld(t.Context(), h.Store, deed, held, false, noon); !done || err != nil {
		t.Error(done, err)
	}
	h.wantBooks(t, 0, bought-900, 900)
	if _, err := h.HeldReport(t.Context(), uuid.New()); !errors.Is(err, vending.ErrNoHeld) {
		t.Error(err)
	}
}

// A meter that says nothing of credit burns it all the same, and proves nothing of a purchase.
func TestRegisterOnly(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	h.pend(t, 2)
	r := h.report(0, 0, 1200)
	r.Source, r.Remaining, r.Agreed = vending.RegisterOnly, 0, false
	for _, fresh := range []bool{true, false} {
		if res := h.take(t, r); res.New != fresh || res.Settled != nil {
			t.Errorf("%+v", res)
		}
	}
	h.wantBooks(t, bought, -1200, 1200)
}
