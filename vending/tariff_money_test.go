package vending_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// moneyList is a price list for meters that count money: the prices of stepList, which
// such a meter applies itself.
func moneyList() vending.Tariff {
	t := flat(263, 1)
	t.Code, t.Commodity, t.Measures = "gas-money", ledger.CNY, ledger.Litre
	t.Tiers = []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {UpTo: 500_000, PriceFen: 316}, {PriceFen: 395}}
	t.YearStart = vending.MonthDay{Month: 1, Day: 1}
	return t
}

// What is paid is what the meter gets, whatever its prices and whatever was used.
func TestMoneyIsCredit(t *testing.T) {
	t.Parallel()
	list := moneyList()
	if err := list.Valid(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		fen, used := rapid.Int64Range(1, vending.MaxSaleFen).Draw(t, "fen"), rapid.Int64Range(0, 1_000_000).Draw(t, "used")
		u := vending.Usage{Used: used}
		want := vending.Quote{Money: fen, Cost: fen, Credit: ledger.Fen(fen)}
		for _, quote := range []func(int64, vending.Usage) (vending.Quote, error){list.Quote, list.QuoteCredit} {
			if q, err := quote(fen, u); err != nil || q != want {
				t.Fatalf("%d fen buy %+v, %v", fen, q, err)
			}
		}
		if cost, lines := list.Cost(fen, u), list.Lines(fen, u); cost != fen || lines != nil {
			t.Fatalf("%d fen of credit cost %d: %v", fen, cost, lines)
		}
	})
	for money, want := range map[int64]error{0: vending.ErrAmountInvalid, -1: vending.ErrAmountInvalid, vending.MaxSaleFen + 1: vending.ErrAmountTooLarge} {
		if _, err := list.Quote(money, vending.Usage{}); !errors.Is(err, want) {
			t.Errorf("%d: %v", money, err)
		}
	}
}

// What its meter could not do, or what would mean two things, is no price list.
func TestMoneyListRefuses(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*vending.Tariff){
		"measures":  func(t *vending.Tariff) { t.Measures = ledger.CNY },
		"step":      func(t *vending.Tariff) { t.Step = 10 },
		"counted":   func(t *vending.Tariff) { t.Counted = vending.OnConsumption },
		"pro_rata":  func(t *vending.Tariff) { t.ProRata = true },
		"allowance": func(t *vending.Tariff) { t.Allowance = vending.Allowance{Above: 4, Units: 1} },
		"limits":    func(t *vending.Tariff) { t.Limits.MonthUnits = 1 },
	} {
		list := moneyList()
		spoil(&list)
		var told *vending.Error
		if err := list.Valid(); !errors.As(err, &told) || told.Args["Field"] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestMoneyListIsWrittenAsRead(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(moneyList())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := vending.ParseTariff(body); err != nil || !reflect.DeepEqual(got, moneyList()) {
		t.Errorf("%s: %+v, %v", body, got, err)
	}
}
