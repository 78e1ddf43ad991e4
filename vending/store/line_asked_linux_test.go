package store_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/vending"
)

// A meter is asked as the books say last, and one that was taken down is told with when.
func TestAskedAs(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	m := d.priced(t, 1001)
	wants := func(want string, down bool) {
		t.Helper()
		model, removed, err := d.AskedAs(t.Context(), m.Meter)
		if err != nil || model != want || removed.IsZero() == down || down && !removed.Equal(noon) {
			t.Errorf("%q, taken down %v, %v", model, removed, err)
		}
	}
	wants(m.Model, false)
	d.by(t, `update line_meter set model = 'tidy' where meter_no = $1`, m.Meter)
	wants("tidy", false)
	d.by(t, `update meter set removed_at = $2 where no = $1`, m.Meter, noon)
	wants("tidy", true)
	if _, _, err := d.AskedAs(t.Context(), "4711"); !errors.Is(err, vending.ErrNoLine) {
		t.Error(err)
	}
}
