package counter_test

import (
	"testing"

	"github.com/vendgate/vendgate/vending"
)

// A model is described by who may, once, and replaced only by who says so and why; each change is one record with what it was.
func TestAModelIsDescribed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := vending.MeterModel{Name: "tidy", Description: []byte(`{"base":"cjt188-gas"}`)}
	other := vending.MeterModel{Name: "tidy", Description: []byte(`{"base":"mbus"}`)}
	describe := func(deed vending.Deed, m vending.MeterModel, replace, want bool) {
		t.Helper()
		if done, err := o.DescribeModel(t.Context(), deed, m, replace); err != nil || done != want {
			t.Fatal(done, err)
		}
	}
	refused := func(deed vending.Deed, m vending.MeterModel, replace bool, why error) {
		t.Helper()
		_, err := o.DescribeModel(t.Context(), deed, m, replace)
		wantErr(t, err, why)
	}
	refused(deed(clerk), first, false, vending.ErrNotPermitted)
	for _, name := range []string{"", "Tidy", "9", "a b", "tidy\n"} {
		refused(deed(chief), vending.MeterModel{Name: name, Description: first.Description}, false, vending.ErrNumberInvalid)
	}
	for _, text := range []string{"", "null", "[]", "{} {}"} {
		refused(deed(chief), vending.MeterModel{Name: "tidy", Description: []byte(text)}, false, vending.ErrNumberInvalid)
	}
	if done, err := o.Rehearsal().DescribeModel(t.Context(), deed(chief), first, false); done || err != nil {
		t.Fatal(done, err)
	}
	once := deed(chief)
	describe(once, first, false, true)
	describe(once, first, false, false)
	describe(deed(chief), first, false, false)
	refused(deed(chief), other, false, vending.ErrMeterModelTaken)
	refused(deed(chief), other, true, vending.ErrReasonMissing)
	why := deed(chief)
	why.Why = "the makers have changed it"
	describe(why, other, true, true)
	if m, found, err := o.Store.MeterModel(t.Context(), "tidy"); err != nil || !found || !m.Same(other) {
		t.Errorf("%s, %v, %v", m.Description, found, err)
	}
	list, err := o.Store.Records(t.Context(), 0, 0, 100)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for i, want := range []string{`{"model":"tidy","now":{"base":"cjt188-gas"}}`, `{"model":"tidy","now":{"base":"mbus"},"was":{"base":"cjt188-gas"}}`} {
		if r := list[i]; r.Kind != vending.DeedMeterModel || r.Who != "chief" || r.Detail != want {
			t.Errorf("%+v", r)
		}
	}
}
