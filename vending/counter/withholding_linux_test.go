package counter_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
	"github.com/vendgate/vendgate/vending/counter"
)

func resultFormat(t testing.TB) bankfile.Format {
	t.Helper()
	f, err := bankfile.ReadFormat(strings.NewReader(`{"delimiter": "|", "date": "YYYYMMDD", "amount": "yuan", "paid": ["00"],
		"columns": {"date": 1, "reference": 2, "amount": 3, "result": 4, "reason": 5}, "trailer": {"begins": "T", "count": 2}}`))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// results is a bank's answer: what became of each line.
func results(lines []vending.Withholding, outcome func(vending.Withholding) string) string {
	var out strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&out, "20260310|%s|%s\n", l.Reference(), outcome(l))
	}
	fmt.Fprintf(&out, "T|%d\n", len(lines))
	return out.String()
}

func (o *office) withheld(t testing.TB, file string) counter.Withheld {
	t.Helper()
	got, err := o.TakeWithheld(t.Context(), finance, "main", resultFormat(t), strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// indebted are customers 1001 to 1003 with a mandate, who owe 10, 20 and 30 yuan.
func indebted(t testing.TB) *office {
	t.Helper()
	o, families := withPartners(t)
	for i, f := range families {
		if _, err := o.SetMandate(t.Context(), deed(clerk), f.no, fmt.Sprintf("M%d", f.no)); err != nil {
			t.Fatal(err)
		}
		req := counter.ChargeRequest{Customer: f.no, Kind: vending.ChargeOther, AmountFen: int64(i+1) * 1000}
		if _, _, err := o.Charge(t.Context(), deed(clerk), req); err != nil {
			t.Fatal(err)
		}
	}
	o.family(t, 1004) // gave no mandate
	return o
}

// What customers owe is asked for once, and each answer counts once.
func TestWithholding(t *testing.T) {
	t.Parallel()
	o := indebted(t)
	export := deed(finance)
	dry, done, err := o.Rehearsal().Withhold(t.Context(), export, "main")
	if err != nil || done || len(dry) != 3 {
		t.Fatal(dry, done, err)
	}
	lines, done, err := o.Withhold(t.Context(), export, "main")
	if err != nil || !done || len(lines) != 3 || lines[2].Fen != 3000 {
		t.Fatal(lines, done, err)
	}
	again, done, err := o.Withhold(t.Context(), export, "main")
	var one, other bytes.Buffer
	if err := errors.Join(err, vending.WriteWithholdings(&one, lines), vending.WriteWithholdings(&other, again)); err != nil || done || one.String() != other.String() {
		t.Errorf("%s\nand again\n%s\n%v", &one, &other, err)
	}
	if more, _, err := o.Withhold(t.Context(), deed(finance), "main"); err != nil || len(more) != 0 {
		t.Error(more, err)
	}
	// 1002 pays half of it at the counter before the bank withholds all of it.
	o.opens(t, clerk, "1")
	cash := counter.DebtPayment{Customer: 1002, AmountFen: 1000, Payment: vending.Payment{Means: vending.Cash}}
	if _, _, _, err := o.PayDebt(t.Context(), deed(clerk), cash); err != nil {
		t.Fatal(err)
	}
	answer := results(lines, func(l vending.Withholding) string {
		return map[int64]string{1001: "10.00|00|", 1002: "20.00|00|", 1003: "30.00|51|余额不足"}[l.Customer]
	})
	if got, err := o.Rehearsal().TakeWithheld(t.Context(), finance, "main", resultFormat(t), strings.NewReader(answer)); err != nil || got.Paid != 2 {
		t.Error(got, err)
	}
	if got := o.withheld(t, answer); got.Paid != 2 || got.PaidFen != 3000 || len(got.Refused) != 1 || got.Refused[0].Reason != "余额不足" || got.Known != 0 {
		t.Errorf("%+v", got)
	}
	books := o.trial(t)
	if books["bank:main"] != 3000 || books["debt:1001"] != 0 || books["debt:1002"] != 0 || books["advance:1002"] != -1000 || books["debt:1003"] != 3000 {
		t.Error(books)
	}
	if got := o.withheld(t, answer); got.Paid != 0 || len(got.Refused) != 0 || got.Known != 3 || o.trial(t)["bank:main"] != 3000 {
		t.Errorf("%+v", got)
	}
	// Who was refused may be asked again.
	if more, done, err := o.Withhold(t.Context(), deed(finance), "main"); err != nil || !done || len(more) != 1 || more[0].Customer != 1003 {
		t.Error(more, err)
	}
	o.wantClean(t)
}

// An answer that does not fit what was asked is listed and changes nothing.
func TestWithholdingAnswersThatDoNotFit(t *testing.T) {
	t.Parallel()
	o := indebted(t)
	lines, _, err := o.Withhold(t.Context(), deed(finance), "main")
	if err != nil {
		t.Fatal(err)
	}
	o.withheld(t, results(lines[:1], func(vending.Withholding) string { return "10.00|00|" }))
	before := o.trial(t)
	strange := vending.Withholding{ID: vending.WithholdingID(lines[0].ID, 7)}
	for text, want := range map[string]error{
		results(lines[:1], func(vending.Withholding) string { return "10.00|51|" }):                     vending.ErrOtherOutcome,
		results(lines[1:2], func(vending.Withholding) string { return "19.99|00|" }):                    vending.ErrOtherAmount,
		results([]vending.Withholding{strange}, func(vending.Withholding) string { return "1.00|00|" }): vending.ErrNotAsked,
		"20260310|no reference of ours|1.00|00|\nT|1\n":                                                 vending.ErrNotAsked,
	} {
		got := o.withheld(t, text)
		if len(got.Faults) != 1 || !errors.Is(got.Faults[0].Err, want) || got.Paid+got.Known+len(got.Refused) != 0 {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if after := o.trial(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error(before, after)
	}
	_, err = o.TakeWithheld(t.Context(), clerk, "main", resultFormat(t), strings.NewReader(""))
	wantErr(t, err, vending.ErrNotPermitted)
	_, err = o.TakeWithheld(t.Context(), finance, "main", resultFormat(t), strings.NewReader("20260310|"))
	wantErr(t, err, bankfile.ErrTruncated)
	_, _, err = o.Withhold(t.Context(), deed(finance), "nobody")
	wantErr(t, err, vending.ErrNoPartner)
	o.wantClean(t)
}
