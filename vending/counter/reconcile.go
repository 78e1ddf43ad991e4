package counter

import (
	"context"
	"slices"

	"github.com/vendgate/vendgate/ledger/reconcile"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Reconciled is one meter, held three ways against each other: ledger, card,
// meter.
type Reconciled struct {
	Statement     store.Statement
	Discrepancies []reconcile.Discrepancy
}

// Reconcile holds what cards and meters last said against the ledger, for one
// meter or, where meter is empty, for all. It corrects nothing.
func (d *Desk) Reconcile(ctx context.Context, meter string, each func(Reconciled) error) error {
	return d.Store.Statements(ctx, meter, func(st store.Statement) error {
		return each(Reconciled{st, reconcile.Compare(lines(st))})
	})
}

func lines(st store.Statement) []reconcile.Line {
	var out []reconcile.Line
	subject := "meter " + st.Meter.No
	taken := st.Books.InMeter.N + st.Books.Consumed.N
	if st.Seen != nil {
		out = append(out, reconcile.Line{Subject: subject, What: "credit sold", Observer: "card",
			Ledger: st.Seen.Books, Observed: st.Seen.Total})
	}
	r, ok := vending.Latest(st.Reports)
	if !ok {
		return out
	}
	out = append(out, reconcile.Line{Subject: subject, What: "consumed", Observer: observer(r),
		Ledger: st.Books.Consumed.N, Observed: r.Consumed, Resolution: r.Resolution})
	if st.Removed { // what it held was carried over or paid out (RULES A7, A8)
		return out
	}
	// Who reads the register on site sees no credit: that is said by the meter itself.
	said, ok := vending.Latest(slices.DeleteFunc(slices.Clone(st.Reports), func(r vending.Report) bool { return !r.Source.SaysCredit() }))
	if ok {
		out = append(out, reconcile.Line{Subject: subject, What: "credit loaded", Observer: observer(said),
			Ledger: taken, Observed: said.Loaded, Resolution: said.Resolution})
	}
	if ok && st.OnLine && said.Count > 0 {
		out = append(out, reconcile.Line{Subject: subject, What: "purchases", Observer: observer(said),
			Ledger: int64(st.Count), Observed: int64(said.Count)})
	}
	if !r.Source.SaysCredit() {
		return out
	}
	// The meter rounds what is left down, and so it does the register from which the
	// ledger knows what was burnt: both roundings show here.
	line := reconcile.Line{Subject: subject, What: "remaining", Observer: observer(r),
		Ledger: st.Books.InMeter.N, Observed: r.Remaining, Resolution: 2*r.Resolution - 1}
	if st.Opened { // and those of what it began with
		line.Below = 2 * (r.Resolution - 1)
		line.Resolution += line.Below
	}
	return append(out, line)
}

func observer(r vending.Report) string { return "meter (" + string(r.Source) + ")" }
