package vending_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

func heat() vending.Tariff {
	t := flat(25, 10)
	t.Fixed = []vending.FixedCharge{
		{Code: "basic", Fen: 60_000, Every: vending.EverySeason, Start: vending.MonthDay{Month: 11, Day: 15}},
		{Code: "meter", Fen: 300, Every: vending.EveryMonth},
		{Code: "pump", Fen: 500, Every: vending.EveryMonth, Start: vending.MonthDay{Month: 11, Day: 15}, End: vending.MonthDay{Month: 3, Day: 15}},
	}
	return t
}

func codes(due []vending.FixedDue) (out []string) {
	for _, d := range due {
		out = append(out, d.On.Format("2006-01-02 ")+d.Code)
	}
	return out
}

func TestFixedChargesFallDue(t *testing.T) {
	t.Parallel()
	tariff := heat()
	if err := tariff.Valid(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to time.Time
		want     []string
	}{
		{midnight(2026, 10, 15), midnight(2026, 12, 2), []string{"2026-11-01 meter", "2026-11-15 basic", "2026-12-01 meter", "2026-12-01 pump"}},
		{midnight(2026, 3, 1), midnight(2026, 5, 1), []string{"2026-03-01 meter", "2026-03-01 pump", "2026-04-01 meter"}},
		{midnight(2026, 11, 15), midnight(2026, 11, 15), nil},
		{midnight(2026, 11, 15), midnight(2026, 11, 15).Add(1), []string{"2026-11-15 basic"}},
		{midnight(2026, 11, 15).Add(1), midnight(2026, 11, 16), nil},
		{midnight(2026, 12, 31), midnight(2026, 1, 1), nil},
	} {
		got := codes(tariff.FixedDue(c.from, c.to))
		if len(got) != len(c.want) {
			t.Errorf("%s to %s: %v, want %v", c.from, c.to, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s to %s: %v, want %v", c.from, c.to, got, c.want)
			}
		}
	}
}

// However a time is cut into parts, each charge falls due once.
func TestFixedChargesFallDueOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := midnight(2025, 1, 1).Add(time.Duration(rapid.Int64Range(0, 400*24).Draw(t, "start")) * time.Hour)
		later := from(midnight(2026, 4, 1), 30)
		later.Fixed = []vending.FixedCharge{{Code: "meter", Fen: 400, Every: vending.EveryMonth}}
		v := vending.Versions{heat(), later}
		at, parts := start, 0
		for range rapid.IntRange(1, 5).Draw(t, "parts") {
			next := at.Add(time.Duration(rapid.Int64Range(0, 200*24).Draw(t, "hours")) * time.Hour)
			parts += len(v.FixedDue(at, next))
			at = next
		}
		if whole := len(v.FixedDue(start, at)); whole != parts {
			t.Fatalf("%d due in parts, %d at once", parts, whole)
		}
	})
}

// A fixed charge has the rate of the version in force on its day.
func TestFixedChargeChangesWithTheVersion(t *testing.T) {
	t.Parallel()
	later := from(midnight(2026, 4, 1), 30)
	later.Fixed = []vending.FixedCharge{{Code: "meter", Fen: 400, Every: vending.EveryMonth}}
	due := vending.Versions{heat(), later}.FixedDue(midnight(2026, 3, 31), midnight(2026, 5, 2))
	if len(due) != 2 || due[0].Fen != 400 || !due[0].On.Equal(midnight(2026, 4, 1)) || !due[1].On.Equal(midnight(2026, 5, 1)) {
		t.Error(due)
	}
}
