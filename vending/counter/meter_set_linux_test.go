package counter_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// deafMeter says yes, or what said has, and does nothing.
type deafMeter struct {
	said   error
	clock  time.Time
	litres int64
	known  bool
	told   int
}

func (m *deafMeter) SetTime(context.Context, time.Time) error      { m.told++; return m.said }
func (m *deafMeter) Clock(context.Context) (time.Time, error)      { return m.clock, nil }
func (m *deafMeter) SetBase(context.Context, int64) error          { m.told++; return m.said }
func (m *deafMeter) Register(context.Context) (int64, bool, error) { return m.litres, m.known, nil }

// A meter is set when it shows it, whatever it said.
func TestMeterIsSet(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	d, m, chief := h.world.desk(h.world.store), h.asked, vending.Actor{Staff: "chief", Role: vending.RoleSupervisor}
	if err := h.meter.Change(func(s *metersim.State) { s.Time = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }); err != nil {
		t.Fatal(err)
	}
	base := counter.BaseOrder{Litres: 12_340, Seen: h.number(), SeenAgain: h.number()}
	deed := vending.Deed{ID: uuid.New(), By: chief, Why: "the register lags"}
	clock := vending.Deed{ID: uuid.New(), By: clerk}
	for name, c := range map[string]struct {
		meter deafMeter
		want  error
	}{
		"it says yes and stands still": {deafMeter{known: true}, vending.ErrSettingUnproved},
		"it shows no value":            {deafMeter{litres: 12_340}, vending.ErrSettingUnproved},
		"it declines":                  {deafMeter{said: vending.ErrMeterDeclined}, vending.ErrMeterDeclined},
		"it cannot":                    {deafMeter{said: vending.ErrNotSettable}, vending.ErrNotSettable},
	} {
		deed.ID, clock.ID = uuid.New(), uuid.New()
		if _, err := d.SetClock(t.Context(), clock, m, &c.meter); !errors.Is(err, c.want) {
			t.Errorf("%s: clock: %v", name, err)
		}
		if _, err := d.SetRegister(t.Context(), deed, m, base, &c.meter); !errors.Is(err, c.want) {
			t.Errorf("%s: register: %v", name, err)
		}
	}
	deed.ID, clock.ID = uuid.New(), uuid.New()
	if done, err := d.SetClock(t.Context(), clock, m, h.wire); !done || err != nil || time.Since(h.meter.Snapshot().Time) > time.Minute {
		t.Errorf("%v, %v: %v", done, err, h.meter.Snapshot().Time)
	}
	for _, want := range []bool{true, false} {
		if done, err := d.SetRegister(t.Context(), deed, m, base, h.wire); done != want || err != nil || h.meter.Snapshot().Consumed != 12_340 {
			t.Errorf("%v, %v: %d", done, err, h.meter.Snapshot().Consumed)
		}
	}
}

// A register is what is billed: nobody puts it without being asked twice which, and why.
func TestRegisterIsNotSet(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	chief := vending.Actor{Staff: "chief", Role: vending.RoleSupervisor}
	for name, c := range map[string]struct {
		by              vending.Actor
		why, seen, then string
		want            error
	}{
		"a clerk":   {clerk, "lags", h.number(), h.number(), vending.ErrNotPermitted},
		"seen once": {chief, "lags", h.number(), "", vending.ErrSeenTwice},
		"another":   {chief, "lags", "10000000000009", h.number(), vending.ErrSeenTwice},
		"no reason": {chief, "", h.number(), h.number(), vending.ErrReasonMissing},
	} {
		told := &deafMeter{}
		_, err := h.world.desk(h.world.store).SetRegister(t.Context(), vending.Deed{ID: uuid.New(), By: c.by, Why: c.why}, h.asked,
			counter.BaseOrder{Litres: 1, Seen: c.seen, SeenAgain: c.then}, told)
		if !errors.Is(err, c.want) || told.told > 0 {
			t.Errorf("%s: %v, told %d times", name, err, told.told)
		}
	}
}

// How far away a meter's clock may be, the company says.
func TestClockIsBelievedByTheSetting(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	ahead := time.Now().Add(30 * time.Hour).UTC().Truncate(time.Second)
	if err := h.meter.Change(func(s *metersim.State) { s.Time = ahead }); err != nil {
		t.Fatal(err)
	}
	d := h.world.desk(h.world.store)
	for _, hours := range []string{"24", "48"} {
		if _, _, err := change(t, d, "clock_slack_hours", hours); err != nil {
			t.Fatal(err)
		}
		heard, err := h.wire.Hear(t.Context())
		if err != nil || (heard.ClockOff == 0) != (hours == "48") || heard.Report.MeterTime.Equal(ahead) != (hours == "48") {
			t.Errorf("30 h ahead, %s h allowed: %+v, %v", hours, heard, err)
		}
	}
}
