package paper

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

var update = flag.Bool("update", false, "write the papers as they are into testdata")

var noon = time.Date(2026, 3, 5, 12, 30, 15, 0, vending.Zone)

func head(number string) Head {
	return Head{Company: "某某市燃气有限公司", Number: number, Cashier: "王芳", Shift: "1-17", At: noon}
}

func topUp() Slip {
	return Slip{
		Head: head("20260305-000017"), ID: uuid.MustParse("0195b3a2-7c1e-7000-8000-0000000000aa"),
		Customer: 1001, Payer: "张三", Card: "8100000001", Meter: "88010000000001",
		Credit: ledger.Amount{N: 76040, Commodity: ledger.Litre},
		Prices: []PriceLine{
			{Name: "第一档", Credit: ledger.Amount{N: 70000, Commodity: ledger.Litre}, PriceFen: 263, CostFen: 18410},
			{Name: "第二档", Credit: ledger.Amount{N: 6040, Commodity: ledger.Litre}, PriceFen: 316, CostFen: 1909},
		},
		Fees:       []FeeLine{{Name: "IC 卡工本费", Fen: 1500}},
		Paid:       Paid{Means: "现金", DueFen: 21819, TenderedFen: 30000, ChangeFen: 8181},
		AdvanceFen: 1,
	}
}

func invoice() Invoice {
	return Invoice{
		Head: head("04403201"), VAT: true, Slip: "20260305-000017", Drawn: "李会计",
		Buyer:  Party{Name: "某某食品加工有限责任公司", TaxNumber: "91440300MA5XXXXX0K", Address: "某某路 18 号 0755-00000000"},
		Seller: Party{Name: "某某市燃气有限公司", TaxNumber: "91440300MA5YYYYY1K", Bank: "某某银行 4403 0000 0000"},
		Lines: []InvoiceLine{
			{Name: "管道天然气", Quantity: ledger.Amount{N: 5_000_000, Commodity: ledger.Litre}, NetFen: 1505415, RateBP: 900, VATFen: 135487},
		},
	}
}

func shift() ShiftReport {
	return ShiftReport{
		Head: head("1-17"), Opened: noon.Add(-4 * time.Hour), Closed: noon, FloatFen: 50000,
		Means:       []Sum{{"现金", 41, 820000}, {"移动支付", 103, 2060050}},
		Sales:       []Sum{{"充值", 140, 2872550}, {"表具检测费", 3, 7500}},
		Counted:     []Coins{{10000, 86}, {5000, 1}, {100, 49}},
		ExpectedFen: 870000, CountedFen: 869900, Why: "找零有误", Approved: "陈主任",
		Deposited: []Sum{{"存入银行 工行基本户", 1, 800000}},
		Open:      []string{"卡 8100000007 待了结,编号 0195b3a2-7c1e-7000-8000-0000000000bb", "客户 2002 投诉待回访"},
	}
}

func day() DayReport {
	return DayReport{
		Head: head(""), Day: noon,
		Shifts: []ShiftLine{{"1-17", "王芳", 2880050, -100}, {"2-9", "赵一", 1000000, 0}},
		Means:  []Sum{{"现金", 60, 1200000}, {"移动支付", 150, 2680050}},
		Sales:  []Sum{{"充值", 205, 3860050}, {"卡工本费", 5, 20000}},
		Chain:  "0:4711 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Unsealed: 3,
	}
}

// samples are the papers that the tests draw, in a language.
func samples(t *testing.T, w *words.Words) map[string]Document {
	t.Helper()
	fee := topUp()
	fee.Card, fee.Meter, fee.Credit, fee.Prices = "", "", ledger.Amount{}, nil
	fee.Paid = Paid{Means: "现金", DueFen: 1500, TenderedFen: 2000, ChangeFen: 500}
	again := topUp()
	again.Reprint, again.Void = 2, true
	red := invoice()
	red.Number, red.Of, red.Why, red.Slip = "04403202", "04403201", "抬头有误", ""
	red.Lines = []InvoiceLine{{Name: "管道天然气", Quantity: ledger.Amount{N: -5_000_000, Commodity: ledger.Litre}, NetFen: -1505415, RateBP: 900, VATFen: -135487}}
	papers := map[string]Document{
		"slip": topUp().Document(w), "fee": fee.Document(w), "reprint": again.Document(w), "day": day().Document(w),
	}
	for name, of := range map[string]func(*words.Words) (Document, error){
		"invoice": invoice().Document, "red": red.Document, "shift": shift().Document,
	} {
		d, err := of(w)
		if err != nil {
			t.Fatal(err)
		}
		papers[name] = d
	}
	return papers
}

// The papers look as they did when a person looked at testdata; -update writes
// them anew.
func TestPapers(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Languages {
		for name, d := range samples(t, words.In(lang)) {
			path := filepath.Join("testdata", name+"."+lang+".txt")
			got := Text(d, Wide)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
			}
		}
	}
}

// Every document fits every paper, and everything that it says is on it.
func TestNothingIsCutOff(t *testing.T) {
	t.Parallel()
	for _, width := range []int{20, Narrow, Wide, 80} {
		for name, d := range samples(t, words.In("zh-CN")) {
			text := Text(d, width)
			for _, l := range strings.Split(text, "\n") {
				if columns(l) > width && !strings.HasPrefix(l, "[") {
					t.Errorf("%s: %q is wider than %d", name, l, width)
				}
			}
			said := strings.NewReplacer(" ", "", "\n", "").Replace(text)
			for _, part := range d.Parts {
				for _, r := range part {
					for _, c := range r.Cells {
						if c = strings.ReplaceAll(printable.Replace(c), " ", ""); !strings.Contains(said, c) {
							t.Errorf("%s at %d: %q is not there:\n%s", name, width, c, text)
						}
					}
				}
			}
		}
	}
}
