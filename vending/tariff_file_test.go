package vending_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

const goodFile = `{
  "code": "gas-steps",
  "class": "residential",
  "region": "城区",
  "from": "2026-04-01",
  "commodity": "L",
  "step": 10,
  "tiers": [
    {"from": 0, "to": 350000, "price_fen": 263},
    {"from": 350000, "to": 500000, "price_fen": 316},
    {"from": 500000, "price_fen": 395}
  ],
  "year_start": "11-15",
  "counted": "consumption",
  "allowance": {"above": 4, "units": 80000},
  "fixed": [{"code": "basic", "fen": 60000, "every": "season", "start": "11-15", "end": "03-15"}],
  "limits": {"purchase_fen": 100000, "hoarding": {"days": 30, "units": 60000, "percent": 200}}
}`

func TestTariffFileIsRead(t *testing.T) {
	t.Parallel()
	got, err := vending.ParseTariff([]byte(goodFile))
	season := vending.MonthDay{Month: 11, Day: 15}
	want := vending.Tariff{Code: "gas-steps", Class: vending.Residential, Region: "城区", From: midnight(2026, 4, 1), Commodity: "L", Step: 10,
		Tiers:     []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {UpTo: 500_000, PriceFen: 316}, {PriceFen: 395}},
		YearStart: season, Counted: vending.OnConsumption, Allowance: vending.Allowance{Above: 4, Units: 80_000},
		Fixed: []vending.FixedCharge{{Code: "basic", Fen: 60_000, Every: vending.EverySeason, Start: season, End: vending.MonthDay{Month: 3, Day: 15}}},
		VATBp: 900, Limits: vending.Limits{PurchaseFen: 100_000, Hoarding: vending.Hoarding{Days: 30, Units: 60_000, Percent: 200}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v\nwant %+v", got, err, want)
	}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := vending.ParseTariff(written); err != nil || !reflect.DeepEqual(again, want) {
		t.Fatalf("written and read again: %+v, %v\n%s", again, err, written)
	}
}

// A file is refused with the line that is wrong and why.
func TestTariffFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string
		line     int
		reason   string
	}{
		"gap":                {`"from": 350000`, `"from": 350001`, 10, "tariff_gap"},
		"overlap":            {`"from": 500000`, `"from": 499999`, 11, "tariff_overlap"},
		"first not at zero":  {`"from": 0`, `"from": 1`, 9, "tariff_gap"},
		"descends":           {`{"from": 350000, "to": 500000`, `{"from": 350000, "to": 340000`, 11, "tariff_gap"},
		"empty tier":         {`"to": 500000, "price_fen": 316},` + "\n    " + `{"from": 500000`, `"to": 350000, "price_fen": 316},` + "\n    " + `{"from": 350000`, 10, "tariff_descends"},
		"last closed":        {`{"from": 500000, "price`, `{"from": 500000, "to": 900000, "price`, 11, "tariff_open"},
		"open in the middle": {`"to": 350000, `, ``, 9, "tariff_open"},
		"no tiers":           {`"tiers"`, `"unknown"`, 8, "tariff_unknown"},
		"price of nothing":   {`"price_fen": 263`, `"price_fen": 0`, 9, "tariff_price"},
		"price too high":     {`"price_fen": 395`, `"price_fen": 1000001`, 11, "tariff_price"},
		"price falls":        {`"price_fen": 316`, `"price_fen": 262`, 10, "tariff_cheaper"},
		"half a fen":         {`"price_fen": 316`, `"price_fen": 316.5`, 10, "tariff_type"},
		"beyond 64 bits":     {`"to": 350000`, `"to": 9223372036854775808`, 9, "tariff_type"},
		"words for a number": {`"step": 10`, `"step": "ten"`, 7, "tariff_type"},
		"no step":            {`"step": 10`, `"step": 0`, 7, "tariff_step"},
		"not a day":          {`2026-04-01`, `2026-04-31`, 5, "tariff_midnight"},
		"not a midnight":     {`2026-04-01`, `2026-04-01 09:00`, 5, "tariff_midnight"},
		"no class":           {`"class": "residential",`, ``, 1, "tariff_class"},
		"leap season":        {`"year_start": "11-15"`, `"year_start": "02-29"`, 13, "tariff_day"},
		"counted on luck":    {`consumption`, `luck`, 14, "tariff_counted"},
		"nobody allowed":     {`"above": 4`, `"above": 0`, 15, "tariff_allowance"},
		"fee's day":          {`"end": "03-15"`, `"end": "15-03"`, 16, "tariff_day"},
		"fee's period":       {`"season", "start"`, `"week", "start"`, 16, "tariff_every"},
		"no fee":             {`"fen": 60000`, `"fen": -1`, 16, "tariff_fixed"},
		"fee's code":         {`"code": "basic"`, `"code": "Basic!"`, 16, "tariff_code"},
		"limit below zero":   {`"purchase_fen": 100000`, `"purchase_fen": -1`, 17, "tariff_limits"},
		"hoarding of no day": {`"days": 30`, `"days": 0`, 17, "tariff_limits"},
		"code for a path":    {`gas-steps`, `../gas`, 2, "tariff_code"},
		"region of dots":     {`城区`, "城\u200b区", 4, "tariff_region"},
		"commodity":          {`"commodity": "L"`, `"commodity": "EUR"`, 6, "tariff_commodity"},
		"measures":           {`"commodity": "L"`, `"measures": "L", "commodity": "L"`, 6, "tariff_measures_only"},
		"a field twice":      {`"step": 10,`, "\"step\": 10,\n\"STEP\": 20,", 8, "tariff_twice"},
		"unknown field":      {`"year_start"`, `"year_begin"`, 13, "tariff_unknown"},
		"a comma too many":   {"395}\n  ]", "395},\n  ]", 12, "tariff_json"},
		"cut short":          {`"limits": {"purchase_fen": 100000, "hoarding": {"days": 30, "units": 60000, "percent": 200}}` + "\n}", "", 17, "tariff_json"},
		"two at once":        {goodFile, goodFile + "\n{}", 1, "tariff_json"},
		"nothing":            {goodFile, "", 1, "tariff_json"},
		"another value":      {goodFile, `[]`, 1, "tariff_type"},
		"too deep":           {goodFile, strings.Repeat("[", 1_000_000), 1, "tariff_json"},
		"VAT of everything":  {`"year_start"`, `"vat_bp": 10001, "year_start"`, 13, "tariff_vat"},
	} {
		file := strings.Replace(goodFile, c.old, c.new, 1)
		if file == goodFile {
			t.Fatal(name)
		}
		_, err := vending.ParseTariff([]byte(file))
		var told *vending.Error
		if !errors.As(err, &told) || told.Code != "tariff_file" || told.Args["Reason"] != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
			continue
		}
		if line := told.Args["Line"]; line != c.line && c.reason != "tariff_json" {
			t.Errorf("%s: line %v, want %d", name, line, c.line)
		}
	}
}

// Nothing that is read, written and read again is another tariff; nothing makes the reader fail otherwise
// than with a refusal.
func TestAnyTariffFile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff := drawTiers(t)
		written, err := json.Marshal(tariff)
		if err != nil {
			t.Fatal(err)
		}
		tariff.YearStart = vending.MonthDay{Month: 1, Day: 1}
		if got, err := vending.ParseTariff(written); err != nil || !reflect.DeepEqual(got, tariff) {
			t.Fatalf("%+v, %v from %s", got, err, written)
		}
		at := rapid.IntRange(0, len(goodFile)-1).Draw(t, "at")
		broken := []byte(goodFile)
		broken[at] = rapid.Byte().Draw(t, "byte")
		if got, err := vending.ParseTariff(broken); err == nil {
			err = got.Valid()
			if err != nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, vending.ErrTariffFile) {
			t.Fatal(err)
		}
	})
}
