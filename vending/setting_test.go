package vending

import (
	"errors"
	"reflect"
	"strconv"
	"testing"
)

// other is a value that a setting does not have as shipped.
func other(s Setting) SettingValue {
	if s.Unit == UnitBank {
		return SettingValue{Name: "elsewhere"}
	}
	if s.Default().N == s.Max {
		return SettingValue{N: s.Min}
	}
	return SettingValue{N: s.Max}
}

// Each setting has a place of its own: what it is set to is read there, and no other setting is changed.
func TestASettingChangesItself(t *testing.T) {
	t.Parallel()
	list := AllSettings()
	for i, s := range list {
		all := DefaultSettings()
		v, err := s.Parse(other(s).String())
		if err != nil {
			t.Fatal(s.Name, err)
		}
		s.Put(&all, v)
		for j, o := range list {
			want := o.Default()
			if i == j {
				want = other(s)
			}
			if got := o.In(all); got != want {
				t.Errorf("%s is set, and %s is %v, want %v", s.Name, o.Name, got, want)
			}
		}
		s.Put(&all, s.Default())
		if !reflect.DeepEqual(all, DefaultSettings()) {
			t.Errorf("%s: %+v", s.Name, all)
		}
	}
}

func TestSettingsAreNamedOnce(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range AllSettings() {
		if names[s.Name] || s.Rule == "" || s.About == "" || s.Unit == "" {
			t.Errorf("%+v", s)
		}
		names[s.Name] = true
		if again, err := SettingNamed(s.Name); err != nil || again.Name != s.Name {
			t.Error(again, err)
		}
		if _, err := s.Parse(s.Default().String()); err != nil {
			t.Errorf("%s: what is shipped is refused: %v", s.Name, err)
		}
	}
	if _, err := SettingNamed("late"); !errors.Is(err, ErrNoSetting) {
		t.Error(err)
	}
	if len(names) != 54 {
		t.Errorf("%d settings: is it in README.md, and in the words?", len(names))
	}
}

func TestSettingsOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range AllSettings() {
		bad := []string{"", "x", "1.5", " 1", "99999999999999999999", strconv.FormatInt(s.Max+1, 10), strconv.FormatInt(s.Min-1, 10)}
		want := error(ErrSettingInvalid)
		if s.Unit == UnitBank {
			bad, want = []string{"", "two words", "人"}, ErrPlaceInvalid
		}
		for _, text := range bad {
			if v, err := s.Parse(text); !errors.Is(err, want) {
				t.Errorf("%s = %q: %v, %v", s.Name, text, v, err)
			}
		}
	}
}

// Who may change what: the right, a reason, and where money depends on it a second person.
func TestWhoMayChangeASetting(t *testing.T) {
	t.Parallel()
	finance, manager := Actor{Staff: "f", Role: RoleFinance}, Actor{Staff: "m", Role: RoleManager}
	late, err := SettingNamed("late_bp")
	if err != nil {
		t.Fatal(err)
	}
	copies, err := SettingNamed("invoice_copies")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    Setting
		deed Deed
		want error
	}{
		{late, Deed{By: finance, Approved: manager, Why: "x"}, nil},
		{late, Deed{By: Actor{Staff: "c", Role: RoleSupervisor}, Approved: manager, Why: "x"}, ErrNotPermitted},
		{late, Deed{By: finance, Approved: manager}, ErrReasonMissing},
		{late, Deed{By: finance, Why: "x"}, ErrFourEyes},
		{late, Deed{By: manager, Approved: manager, Why: "x"}, ErrFourEyes},
		{copies, Deed{By: finance, Why: "x"}, nil},
	} {
		if err := c.s.May(c.deed); !errors.Is(err, c.want) {
			t.Errorf("%s by %+v: %v, want %v", c.s.Name, c.deed, err, c.want)
		}
	}
}
