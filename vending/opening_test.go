package vending_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
)

var defaults = vending.Opening{Customer: vending.Customer{Status: vending.InService, Tariff: "gas-residential"},
	Meter: vending.Meter{Commodity: ledger.Litre, MaxCredit: 2_000_000}, VATBp: 900}

// By hand: 20 m³ are left of what was bought for 52.60; 500 m³ were burnt before.
func TestOpeningByHand(t *testing.T) {
	t.Parallel()
	h, err := vending.ReadHeader(strings.Split("户号,户名,address,表号,状态,证件类型,证件尾号,合同号,预收余额,押金,累计用量,表内余量,余量金额", ","))
	if err != nil {
		t.Fatal(err)
	}
	o, err := h.Row(strings.Split("1001,王芳,3 栋 501,10000000000001,空房,id_card,11010119900101123X,HT-1,12.3,500,500,20,52.60", ","), defaults)
	if err != nil {
		t.Fatal(err)
	}
	want := defaults
	want.Customer.No, want.Customer.Name, want.Customer.Address, want.Customer.Status = 1001, "王芳", "3 栋 501", vending.Vacant
	want.Meter.No, want.Papers = "10000000000001", vending.Papers{Kind: "id_card", Tail: "123X", Contract: "HT-1"}
	want.AdvanceFen, want.DepositFen, want.Consumed, want.Credit, want.CostFen = 1230, 50000, 500_000, 20_000, 5260
	if o != want {
		t.Errorf("%+v\nwant %+v", o, want)
	}
	if lot, ok := o.Lot(); !ok || lot != (revenue.Lot{From: 500_000, To: 520_000, Cost: 5260, VATbp: 900}) {
		t.Error(lot, ok)
	}
	sums := map[string]int64{}
	for _, m := range o.Transfers(noon) {
		sums[m.Debit.String()] -= m.Amount.N
		sums[m.Credit.String()] += m.Amount.N
	}
	for account, n := range map[string]int64{"opening:all": -1230 - 50000 - 5260, "advance:1001": 1230, "deposit:1001": 50000,
		"prepaid:1001": 5260, "sold:all": -520_000, "meter:10000000000001": 520_000} {
		if sums[account] != n {
			t.Errorf("%s: %d, want %d", account, sums[account], n)
		}
	}
	books := vending.Books{InMeter: ledger.Amount{N: 520_000, Commodity: ledger.Litre}, OnCard: ledger.Amount{Commodity: ledger.Litre}}
	if burnt := o.Report(noon).Transfers(books); len(burnt) != 1 || burnt[0].Amount.N != 500_000 || burnt[0].Credit != ledger.Consumed(o.Meter.No) {
		t.Errorf("%+v", burnt)
	}
}

func TestOpeningIsRefused(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]error{
		"customer,name,meter": nil, "meter,户号,name": nil, "customer,name": vending.ErrColumnMissing, "": vending.ErrColumnMissing, "customer,name,meter,,": nil, "customer,,name,meter": vending.ErrColumnUnknown,
		"customer,name,meter,colour": vending.ErrColumnUnknown, "customer,name,meter,户名": vending.ErrColumnTwice,
	} {
		if _, err := vending.ReadHeader(strings.Split(header, ",")); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", header, err, want)
		}
	}
	h, err := vending.ReadHeader(strings.Split("customer,name,meter,status,advance,credit,credit_cost,consumed", ","))
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range map[string]error{
		"1,A,10000000000001":                            nil,
		"1,A,10000000000001,,,5,0":                      nil, // a present of the old system
		"1,A,10000000000001,,0.00":                      nil,
		"x,A,10000000000001":                            vending.ErrCell,
		"1.0,A,10000000000001":                          vending.ErrCell,
		",A,10000000000001":                             vending.ErrCell,
		"1,,10000000000001":                             vending.ErrCell,
		"1,A":                                           vending.ErrCell,
		"1,A,10000000000001,lost":                       vending.ErrCell,
		"1,A,10000000000001,closed":                     vending.ErrCell,
		"1,A,10000000000001,,1.234":                     vending.ErrCell,
		"1,A,10000000000001,,-1":                        vending.ErrCell,
		"1,A,10000000000001,,,0.0001":                   vending.ErrCell,
		"1,A,10000000000001,,99999999999999999999":      vending.ErrCell,
		"1,A,10000000000001,,9999999999999":             vending.ErrAmountOverflow,
		"1,A,10000000000001,,,5,1,9223372036854775.807": vending.ErrAmountOverflow,
		"1,A,10000000000001,,,5":                        vending.ErrCreditCost,
		"1,A,10000000000001,,,,5":                       vending.ErrCreditCost,
		"1,A,1000000000000":                             vending.ErrNumberInvalid,
		"0,A,10000000000001":                            vending.ErrNumberInvalid,
		"1,A,10000000000001,,,,,,more":                  vending.ErrCell,
	} {
		if _, err := h.Row(strings.Split(row, ","), defaults); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", row, err, want)
		}
	}
}

func TestParseThousandths(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n")
		if got, err := vending.ParseThousandths(vending.FormatThousandths(n)); err != nil || got != n {
			t.Fatal(got, err)
		}
	})
	for s, want := range map[string]int64{"1": 1000, "0.5": 500, "76.04": 76040, "00": 0} {
		if got, err := vending.ParseThousandths(s); err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", ".", "1.", ".5", "1.2345", "-1", "+1", "1e3", "１", " 1", "9223372036854775.808"} {
		if got, err := vending.ParseThousandths(s); err == nil {
			t.Errorf("%q: %d", s, got)
		}
	}
}
