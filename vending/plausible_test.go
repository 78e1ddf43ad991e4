package vending_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

func TestJumps(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(days int, n int64) *vending.Register {
		return &vending.Register{At: now.AddDate(0, 0, -days), N: n}
	}
	month := vending.Uses{Last: at(10, 30_000), MonthAgo: at(40, 0)} // 1,000 litres a day
	year := month
	year.YearAgo, year.YearAgoEnd = at(365, 0), at(335, 300_000) // 10,000 a day in last year's same month
	young := vending.Uses{Last: at(1, 3_000), MonthAgo: at(5, 0)}
	for _, c := range []struct {
		name     string
		uses     vending.Uses
		consumed int64
		want     bool
	}{
		{"the usual", month, 40_000, false},
		{"five times the usual", month, 80_000, false},
		{"more than that", month, 90_000, true},
		{"winter was as hard last year", year, 90_000, false},
		{"a digit too many", year, 900_000, true},
		{"little is never one", vending.Uses{Last: at(1, 10), MonthAgo: at(40, 9)}, 9_000, false},
		{"backwards is another matter", month, 20_000, false},
		{"nothing is usual yet", young, 900_000, false},
		{"the first word", vending.Uses{}, 900_000, false},
		{"beyond counting", month, 1<<63 - 1, true},
	} {
		r := vending.Report{MeterTime: now, Consumed: c.consumed}
		if got := r.Jumps(c.uses, vending.DefaultJumpLimits()); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Each limit decides: with another value of one of them the verdict is another.
func TestJumpLimitsDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	uses := vending.Uses{Last: &vending.Register{At: now.AddDate(0, 0, -10), N: 30_000}, MonthAgo: &vending.Register{At: now.AddDate(0, 0, -40)}}
	for name, c := range map[string]struct {
		consumed int64
		set      func(*vending.JumpLimits)
		want     bool
	}{
		"as shipped, less":   {79_000, func(*vending.JumpLimits) {}, false},
		"four times":         {79_000, func(l *vending.JumpLimits) { l.Percent = 400 }, true},
		"as shipped, more":   {90_000, func(*vending.JumpLimits) {}, true},
		"ten times":          {90_000, func(l *vending.JumpLimits) { l.Percent = 1_000 }, false},
		"60 m³ are little":   {90_000, func(l *vending.JumpLimits) { l.Floor = 60_000 }, false},
		"a month is too new": {90_000, func(l *vending.JumpLimits) { l.Known = 31 * 24 * time.Hour }, false},
		"a month is enough":  {90_000, func(l *vending.JumpLimits) { l.Known = 30 * 24 * time.Hour }, true},
	} {
		limits := vending.DefaultJumpLimits()
		c.set(&limits)
		if got := (vending.Report{MeterTime: now, Consumed: c.consumed}).Jumps(uses, limits); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	fast := vending.Report{MeterTime: now.Add(30 * time.Hour)}
	if r, off := fast.ByOurClock(now, 48*time.Hour); off != 0 || !r.MeterTime.Equal(fast.MeterTime) {
		t.Errorf("30 h ahead, where 48 h are allowed: %v, off %v", r.MeterTime, off)
	}
}

func TestByOurClock(t *testing.T) {
	t.Parallel()
	heard := time.Date(2026, 3, 1, 12, 0, 0, 500, time.UTC)
	for _, c := range []struct {
		by, off time.Duration
		ours    bool
	}{
		{-time.Hour, 0, false}, {24 * time.Hour, 0, false}, {25 * time.Hour, 25 * time.Hour, true},
		{-1000 * time.Hour, -1000 * time.Hour, false}, {-10_000 * time.Hour, -10_000 * time.Hour, true},
	} {
		r, off := vending.Report{MeterTime: heard.Add(c.by)}.ByOurClock(heard, 24*time.Hour)
		want := heard.Add(c.by)
		if c.ours {
			want = heard.Truncate(time.Second)
		}
		if off != c.off || !r.MeterTime.Equal(want) {
			t.Errorf("%v: %v, off %v", c.by, r.MeterTime, off)
		}
	}
	if r, off := (vending.Report{}).ByOurClock(heard, 24*time.Hour); off != 0 || !r.MeterTime.Equal(heard.Truncate(time.Second)) {
		t.Errorf("no clock: %v, off %v", r.MeterTime, off)
	}
}

// A meter that was reset when its register was more than half full looks as if that began again: the use that would be is a
// jump, and waits for a person (RULES D4).
func TestUnrolledResetIsAJump(t *testing.T) {
	t.Parallel()
	const span, known = 100_000_000, 60_000_000
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	uses := vending.Uses{Last: &vending.Register{At: now.AddDate(0, 0, -1), N: known}, MonthAgo: &vending.Register{At: now.AddDate(0, -1, 0), N: known - 3_000_000}}
	for shown, want := range map[int64]bool{100: true, 60_050_000: false} {
		r := vending.Report{MeterTime: now, Consumed: vending.Unroll(shown, span, known)}
		if got := r.Jumps(uses, vending.DefaultJumpLimits()); got != want {
			t.Errorf("shows %d, stands for %d: %v", shown, r.Consumed, got)
		}
	}
}

// What a register shows stands for what it is, as long as it is within half its span of what is known.
func TestUnroll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.Int64Range(2, 1_000_000_000).Draw(t, "span")
		is := rapid.Int64Range(0, 1<<50).Draw(t, "is")
		known := max(0, is+rapid.Int64Range(-(span-1)/2, (span-1)/2).Draw(t, "known by"))
		if got := vending.Unroll(is%span, span, known); got != is {
			t.Fatalf("shows %d, known %d: %d, not %d", is%span, known, got, is)
		}
	})
	if vending.Unroll(7, 0, 1000) != 7 {
		t.Error("a register that never begins again was carried on")
	}
}
