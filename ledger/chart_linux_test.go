package ledger_test

import (
	"errors"
	"os"
	"regexp"
	"testing"

	"github.com/vendgate/vendgate/ledger"
)

// The chart as DESIGN.md shows it, is how the book behaves: an owned account has a
// row of balances, a bounded one gives no more than it has.
func TestChartIsAsDrawn(t *testing.T) {
	t.Parallel()
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| (yes|no) \\| (yes|no|owing) \\|").FindAllStringSubmatch(string(design), -1)
	pool := open(t)
	drawn := map[ledger.Class]bool{}
	for _, row := range rows {
		class, owned, bounded := ledger.Class(row[1]), row[2] == "yes", row[3]
		drawn[class] = true
		a := ledger.Account{Class: class, Of: "x"}
		source, drain := ledger.Till("source"), ledger.Till("drain")
		if bounded != "owing" {
			mustApply(t, pool, move(ledger.Single, source, a, ledger.Fen(5)))
		} else {
			refused(t, ledger.ErrOverpaid, pool, move(ledger.Pend, source, a, ledger.Fen(1)))
			mustApply(t, pool, move(ledger.Single, a, drain, ledger.Fen(5)), move(ledger.Pend, source, a, ledger.Fen(5)))
			refused(t, ledger.ErrOverpaid, pool, move(ledger.Single, source, a, ledger.Fen(1)))
		}
		if got := count(t, pool, `select count(*) from ledger_balance where account = '`+a.String()+`'`) == 1; got != owned {
			t.Errorf("%s: a row of balances: %t, drawn %t", class, got, owned)
		}
		err := apply(pool, move(ledger.Single, a, drain, ledger.Fen(6)))
		if got := errors.Is(err, ledger.ErrOverdrawn); got != (bounded == "yes") || bounded != "yes" && err != nil {
			t.Errorf("%s: bounded: %t (%v), drawn %s", class, got, err, bounded)
		}
	}
	if len(drawn) < 10 {
		t.Errorf("only %d classes are drawn", len(drawn))
	}
	if n := ledger.ChartSize; n != len(drawn) {
		t.Errorf("%d classes are drawn, the chart has %d", len(drawn), n)
	}
	wantClean(t, pool)
}
