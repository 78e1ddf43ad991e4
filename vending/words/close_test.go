package words

import (
	"strings"
	"testing"

	"github.com/vendgate/vendgate/vending"
)

// Every report of a month has a name, and so has every column of it.
func TestReportsAreSaid(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages {
		w := In(lang)
		for _, kind := range []vending.Monthly{vending.AdvanceReport, vending.RevenueReport, vending.VATReport, vending.CreditReport, vending.MeterReport} {
			columns, ok := kind.Columns()
			if !ok {
				t.Errorf("there is no report %s", kind)
			}
			terms := []string{"report_" + string(kind)}
			for _, c := range columns {
				terms = append(terms, "column_"+c)
			}
			for _, term := range terms {
				if said := w.Term(term); strings.Contains(said, "_") {
					t.Errorf("%s: %s", lang, said)
				}
			}
		}
	}
}
