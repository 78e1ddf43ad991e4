package counter_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

var newcomer = vending.Opening{Customer: vending.Customer{Status: vending.InService, Tariff: "gas-residential"},
	Meter: vending.Meter{Commodity: ledger.Litre, MaxCredit: 2_000_000}, VATBp: 900}

// takes imports a table and says what became of each line.
func (h *lobby) takes(d *counter.Desk, table string) (said []string) {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "customers.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		h.t.Fatal(err)
	}
	err := d.TakeOver(h.t.Context(), finance, path, newcomer, func(taken counter.Taken) error {
		var refused *vending.Error
		what := "added"
		switch {
		case errors.As(taken.Err, &refused):
			what = refused.Code
		case taken.Err != nil:
			what = taken.Err.Error()
		case taken.Repeated:
			what = "repeated"
		}
		said = append(said, fmt.Sprintf("%d %s", taken.Line, what))
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return said
}

const table = `户号,户名,表号,价格方案,预收余额,累计用量,表内余量,余量金额
2001,王芳,20000000000001,,12.30,500,20,52.60
2002,李强,20000000000002,,,,,
2001,王芳,20000000000001,,12.30,500,20,52.60
2001,王芳,20000000000001,,12.31,500,20,52.60
2003,赵敏,20000000000002,,,,,
2004,钱
2005,孙权,20000000000005,gold,,,,
1001,王芳,10000000001001,,,,,
2006,周瑜,20000000000006,,1.234,,,
2007,吴用,20000000000007,,0.01,7.5,,
2008,鲁肃,20000000000008,gas-money,,,,
`

// One wrong line does not stop the others, and the same table again changes nothing. A rehearsal says the same.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	(&world{store: h.Store}).lists(t, moneyList(t, "gas-money"))
	want := []string{"2 added", "3 added", "4 repeated", "5 customer_exists", "6 meter_taken", "7 cell_invalid", "8 no_tariff",
		"9 customer_exists", "10 cell_invalid", "11 added", "12 tariff_meter"}
	if got := h.takes(h.Rehearsal(), table); !slices.Equal(got, want) {
		t.Errorf("rehearsal %q\nwant      %q", got, want)
	}
	if _, _, err := h.Store.Customer(t.Context(), 2001); !errors.Is(err, vending.ErrNoCustomer) {
		t.Error("a rehearsal left a customer", err)
	}
	if got := h.takes(h.Desk, table); !slices.Equal(got, want) {
		t.Errorf("said %q\nwant %q", got, want)
	}
	for i, line := range want {
		want[i] = strings.Replace(line, "added", "repeated", 1)
	}
	want[4] = "6 meter_taken"
	if got := h.takes(h.Desk, table); !slices.Equal(got, want) {
		t.Errorf("again %q\nwant  %q", got, want)
	}
	balances := map[string]int64{}
	for _, no := range []int64{2001, 2002, 2007} {
		list, err := h.Store.Balances(t.Context(), no)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			balances[b.Account.String()] = b.Posted
		}
	}
	if got, want := fmt.Sprint(balances), fmt.Sprint(map[string]int64{"advance:2001": 1230, "prepaid:2001": 5260, "meter:20000000000001": 20_000,
		"consumed:20000000000001": 500_000, "advance:2007": 1, "meter:20000000000007": 0, "consumed:20000000000007": 7500}); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	h.wants(nil)
}

// More customers than one transaction takes, with a fault in the middle; what was taken over sells on where it stood.
func TestTakeOverMany(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	var b strings.Builder
	b.WriteString("customer,name,meter,consumed,credit,credit_cost\n")
	const many = 2500
	for i := range many {
		if i == 1234 {
			b.WriteString("5,\"x\n")
			continue
		}
		fmt.Fprintf(&b, "%d,N%d,3%013d,%d,1,2.63\n", 10_000+i, i, i, i)
	}
	fmt.Fprintf(&b, "10000,N0,30000000000000,0,1,2.63\n")
	for _, d := range []*counter.Desk{h.Rehearsal(), h.Desk} {
		counts := map[string]int{}
		for _, said := range h.takes(d, b.String()) {
			_, what, _ := strings.Cut(said, " ")
			counts[what]++
		}
		if counts["added"] != many-1 || counts["line_quotes"] != 1 || counts["repeated"] != 1 {
			t.Fatal(counts)
		}
	}
	h.totals(map[string]int64{"opening:all": -263 * (many - 1)})
	h.wants(nil)
}

// Credit that was taken over is carried on: the next total, the lots, a swap.
func TestTakenOverLivesOn(t *testing.T) {
	t.Parallel()
	h := emptyLobby(t)
	h.takes(h.Desk, "customer,name,meter,consumed,credit,credit_cost\n1001,A,"+firstNo+",500,20,52.60\n")
	if lots := h.lots(firstNo); fmt.Sprint(lots) != fmt.Sprint([]revenue.Lot{{From: 500_000, To: 520_000, Cost: 5260, VATbp: 900}}) {
		t.Error(lots)
	}
	h.bought(firstNo, 520_000, 505_000)
	// Of 20 m³ for 52.60 a quarter is burnt: 13.15. The rest and 76.040 m³ go to the new meter.
	s, done, err := h.ReplaceMeter(t.Context(), deed(clerk), counter.SwapRequest{Customer: liver, Old: firstNo, New: secondNo, OldRegister: 505_000})
	if err != nil || !done || s.Carried != 15_000+firstBuy || s.CarriedFen != 5260-1315+firstCost {
		t.Fatal(s, done, err)
	}
	h.wants(map[string]int64{"meter:" + secondNo: 15_000 + firstBuy, "prepaid:1001": 5260 + firstCost})
}
