package vending_test

import (
	"errors"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
)

var everyStatus = []vending.Status{vending.Registered, vending.AwaitingIgnition, vending.InService, vending.Vacant,
	vending.Suspended, vending.Sealed, vending.Dismantled, vending.Closed}

type stride struct {
	from vending.Status
	step vending.Step
}

// The diagram in DESIGN.md is the table of steps, arrow by arrow.
func TestLifeIsAsDrawn(t *testing.T) {
	t.Parallel()
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(design), "\n# The life of an account\n")
	section, _, _ = strings.Cut(section, "\n# ")
	if !found {
		t.Fatal("DESIGN.md has no life of an account")
	}
	drawn := map[stride]vending.Status{}
	for _, m := range regexp.MustCompile(`(?m)^ +(\w+) --> (\w+): (.+)$`).FindAllStringSubmatch(section, -1) {
		drawn[stride{vending.Status(m[1]), vending.Step(m[3])}] = vending.Status(m[2])
	}
	made := map[stride]vending.Status{}
	for _, from := range append(everyStatus, "", "unknown") {
		for _, step := range append(vending.Steps(), "", "unknown") {
			if next, ok := from.After(step); ok {
				made[stride{from, step}] = next
			}
		}
	}
	if !maps.Equal(drawn, made) {
		t.Errorf("drawn %v\nmade  %v", drawn, made)
	}
}

// From every status there is a way to closed, and none from there.
func TestEveryAccountCanBeClosed(t *testing.T) {
	t.Parallel()
	for _, s := range everyStatus {
		if next, ok := s.After(vending.StepClose); ok != (s != vending.Closed) || ok && next != vending.Closed {
			t.Errorf("%s: %s %t", s, next, ok)
		}
	}
}

func register(n int64) *int64 { return &n }

// What a step needs, each taken away in turn (RULES A5, A8, S5).
func TestStepsNeed(t *testing.T) {
	t.Parallel()
	papers := vending.Papers{Kind: "id_card", Tail: "123X", Contract: "HT-1"}
	for _, c := range []struct {
		name   string
		from   vending.Status
		step   vending.Step
		change func(*vending.Change, *vending.Standing)
		want   error
	}{
		{"unknown", vending.InService, "jump", nil, vending.ErrStepUnknown},
		{"not from here", vending.Closed, vending.StepReopen, nil, vending.ErrStep},
		{"ignite", vending.AwaitingIgnition, vending.StepIgnite, nil, nil},
		{"ignite without papers", vending.AwaitingIgnition, vending.StepIgnite,
			func(_ *vending.Change, s *vending.Standing) { s.Papers.Contract = "" }, vending.ErrPapers},
		{"ignite with dues", vending.AwaitingIgnition, vending.StepIgnite,
			func(_ *vending.Change, s *vending.Standing) { s.OwedFen = 1 }, vending.ErrDues},
		{"ignite unseen", vending.AwaitingIgnition, vending.StepIgnite,
			func(c *vending.Change, _ *vending.Standing) { c.Seen, c.SeenAgain = "", "" }, vending.ErrStepNeeds},
		{"ignite another", vending.AwaitingIgnition, vending.StepIgnite,
			func(c *vending.Change, _ *vending.Standing) { c.Seen = "10000000000002" }, vending.ErrMeterMismatch},
		{"seal", vending.InService, vending.StepSeal, nil, nil},
		{"seal with dues", vending.InService, vending.StepSeal, func(_ *vending.Change, s *vending.Standing) { s.OwedFen = 1 }, nil},
		{"seal without a reason", vending.InService, vending.StepSeal,
			func(c *vending.Change, _ *vending.Standing) { c.Reason = "" }, vending.ErrStepNeeds},
		{"seal seen once", vending.InService, vending.StepSeal,
			func(c *vending.Change, _ *vending.Standing) { c.SeenAgain = "" }, vending.ErrStepNeeds},
		{"seal another", vending.InService, vending.StepSeal,
			func(c *vending.Change, _ *vending.Standing) { c.SeenAgain = "10000000000002" }, vending.ErrMeterMismatch},
		{"seal unread", vending.InService, vending.StepSeal,
			func(c *vending.Change, _ *vending.Standing) { c.Register = nil }, vending.ErrStepNeeds},
		{"reopen with dues", vending.Sealed, vending.StepReopen,
			func(_ *vending.Change, s *vending.Standing) { s.OwedFen = 1 }, vending.ErrDues},
		{"close", vending.Suspended, vending.StepClose, nil, nil},
		{"close with dues", vending.Suspended, vending.StepClose,
			func(_ *vending.Change, s *vending.Standing) { s.OwedFen = 1 }, vending.ErrDues},
		{"close without a meter", vending.Dismantled, vending.StepClose, func(c *vending.Change, s *vending.Standing) {
			s.Meter, c.Register, c.Seen, c.SeenAgain = "", nil, "", ""
		}, nil},
	} {
		change := vending.Change{Step: c.step, Reason: "at request", Seen: meter, SeenAgain: meter, Register: register(0)}
		standing := vending.Standing{Status: c.from, Papers: papers, Meter: meter}
		if c.change != nil {
			c.change(&change, &standing)
		}
		next, err := change.Next(standing)
		if !errors.Is(err, c.want) || err != nil && next != c.from {
			t.Errorf("%s: %s, %v, want %v", c.name, next, err, c.want)
		}
	}
}

// RULES A7: none between the 25th and the month's end, by the calendar of the hall.
func TestSwapIsFrozen(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]error{
		"2026-02-24T15:59:59Z": nil, "2026-02-24T16:00:00Z": vending.ErrSwapFrozen, "2026-02-28T15:59:59Z": vending.ErrSwapFrozen,
		"2026-02-28T16:00:00Z": nil,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := vending.DefaultSwap().Open(moment); !errors.Is(got, want) {
			t.Errorf("%s: %v", at, got)
		}
	}
	if err := (vending.Swap{}).Open(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Error("a company that never closes its books so:", err)
	}
}
