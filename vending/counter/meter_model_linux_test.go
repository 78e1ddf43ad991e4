package counter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/ledger"
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

// A model that no meter has is removed, by who may and with a reason, once; one that a meter has or had stays, and the refusal names
// the first of them.
func TestAModelIsRemoved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	why := func() vending.Deed {
		d := deed(chief)
		d.Why = "misspelt"
		return d
	}
	for _, name := range []string{"tydi", "tidy"} {
		if _, err := o.DescribeModel(t.Context(), deed(chief), vending.MeterModel{Name: name, Description: []byte(`{"base":"mbus"}`)}, false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range int64(6) {
		m := vending.LineMeter{Customer: 9001 + i, Meter: fmt.Sprintf("9%013d", i), Model: "tidy", Line: "cable", Baud: 2400, Parity: "even", Address: "1"}
		_, err := o.Store.AddCustomer(t.Context(), vending.Customer{No: m.Customer, Name: "张三", Status: vending.InService, Tariff: "gas-residential"},
			vending.Meter{No: m.Meter, Commodity: ledger.Litre, MaxCredit: 1_000_000}, opening)
		if err == nil {
			_, err = o.PutOnLine(t.Context(), deed(chief), m, alone)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(deed vending.Deed, name string, want error) {
		t.Helper()
		done, err := o.RemoveModel(t.Context(), deed, name)
		wantErr(t, err, want)
		if done {
			t.Error("done")
		}
	}
	silent := why()
	silent.By = clerk
	refused(silent, "tydi", vending.ErrNotPermitted)
	refused(deed(chief), "tydi", vending.ErrReasonMissing)
	refused(why(), "none", vending.ErrNoMeterModel)
	refused(why(), "tidy", vending.ErrMeterModelUsed)
	_, err := o.RemoveModel(t.Context(), why(), "tidy")
	if e, ok := errors.AsType[*vending.Error](err); !ok || !strings.HasSuffix(fmt.Sprint(e.Args["Meters"]), "90000000000004, …") {
		t.Errorf("it names %+v", e)
	}
	once := why()
	for _, want := range []bool{true, false} {
		if done, err := o.RemoveModel(t.Context(), once, "tydi"); done != want || err != nil {
			t.Error(done, err)
		}
	}
	if _, found, err := o.Store.MeterModel(t.Context(), "tydi"); found || err != nil {
		t.Error(found, err)
	}
}
