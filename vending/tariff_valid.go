package vending

import (
	"fmt"
	"slices"
	"time"
	"unicode"

	"github.com/vendgate/vendgate/ledger"
)

// What is refused about price lists. Field says where, as the file of a tariff
// names it; Reason is a word.
var (
	ErrTariffInvalid = &Error{Kind: Invalid, Code: "tariff_invalid"}
	ErrTariffFile    = &Error{Kind: Invalid, Code: "tariff_file"}
	ErrTariffEarly   = &Error{Kind: NotAllowed, Code: "tariff_early"}
	ErrTariffUnlike  = &Error{Kind: NotAllowed, Code: "tariff_unlike"}
	ErrNotInForce    = &Error{Kind: NotFound, Code: "tariff_not_in_force"}
	ErrUsageInvalid  = &Error{Kind: Invalid, Code: "usage_invalid"}
	ErrCreditInvalid = &Error{Kind: Invalid, Code: "credit_invalid"}
	ErrLimit         = &Error{Kind: NotAllowed, Code: "limit"}
)

// fault is what is wrong with one field of a tariff.
type fault struct {
	field  string
	reason string
}

// What arithmetic and meters allow: with these every price of a sale fits in 64 bits.
const (
	mostPrice     = 1_000_000         // fen per 1,000 units
	mostStep      = 1_000_000         // units
	mostBound     = 1_000_000_000_000 // units
	mostTiers     = 20
	mostAllowance = 1_000_000_000 // units
	mostPercent   = 100_000
	mostDays      = 3660
)

// Valid is ErrTariffInvalid where the price list is not one.
func (t Tariff) Valid() error {
	if f, ok := t.fault(); ok {
		return ErrTariffInvalid.With("Tariff", t.Code, "Field", f.field, "Reason", f.reason)
	}
	return nil
}

// fault is the first thing that is wrong; false where nothing is.
func (t Tariff) fault() (fault, bool) {
	for _, c := range []struct {
		wrong         bool
		field, reason string
	}{
		{!namesTariff(t.Code), "code", "tariff_code"},
		{!slices.Contains(UseClasses(), t.Class), "class", "tariff_class"},
		{len(t.Region) > 60 || !printable(t.Region), "region", "tariff_region"},
		{!midnight(t.From), "from", "tariff_midnight"},
		{t.Commodity != ledger.Litre && t.Commodity != ledger.WattHour && t.Commodity != ledger.CNY, "commodity", "tariff_commodity"},
		{t.Step <= 0 || t.Step > mostStep, "step", "tariff_step"},
		{!t.YearStart.valid(), "year_start", "tariff_day"},
		{t.Counted != OnPurchases && t.Counted != OnConsumption, "counted", "tariff_counted"},
		{!t.Allowance.valid(), "allowance", "tariff_allowance"},
		{t.VATBp < 0 || t.VATBp > 10_000, "vat_bp", "tariff_vat"},
		{!t.Limits.valid(), "limits", "tariff_limits"},
	} {
		if c.wrong {
			return fault{c.field, c.reason}, true
		}
	}
	if f, bad := t.moneyFault(); bad {
		return f, true
	}
	if f, bad := tiersFault(t.Tiers); bad {
		return f, true
	}
	return fixedFault(t.Fixed)
}

// tiersFault checks that the tiers lie one above the other without end.
func tiersFault(tiers []Tier) (fault, bool) {
	if len(tiers) == 0 || len(tiers) > mostTiers {
		return fault{"tiers", "tariff_tiers"}, true
	}
	before := Tier{}
	for i, tier := range tiers {
		at := func(field string) string { return fmt.Sprintf("tiers[%d].%s", i, field) }
		last := i == len(tiers)-1
		switch {
		case last != (tier.UpTo == 0):
			return fault{at("to"), "tariff_open"}, true
		case !last && tier.UpTo <= before.UpTo:
			return fault{at("to"), "tariff_descends"}, true
		case tier.UpTo > mostBound:
			return fault{at("to"), "tariff_bound"}, true
		case tier.PriceFen <= 0 || tier.PriceFen > mostPrice:
			return fault{at("price_fen"), "tariff_price"}, true
		case tier.PriceFen < before.PriceFen:
			return fault{at("price_fen"), "tariff_cheaper"}, true
		}
		before = tier
	}
	return fault{}, false
}

func fixedFault(fixed []FixedCharge) (fault, bool) {
	codes := map[string]bool{}
	for i, c := range fixed {
		at := func(field string) string { return fmt.Sprintf("fixed[%d].%s", i, field) }
		switch {
		case !namesTariff(c.Code) || codes[c.Code]:
			return fault{at("code"), "tariff_code"}, true
		case c.Fen <= 0 || c.Fen > MaxSaleFen:
			return fault{at("fen"), "tariff_fixed"}, true
		case c.Every != EveryMonth && c.Every != EverySeason:
			return fault{at("every"), "tariff_every"}, true
		case !c.Start.valid():
			return fault{at("start"), "tariff_day"}, true
		case !c.End.valid():
			return fault{at("end"), "tariff_day"}, true
		}
		codes[c.Code] = true
	}
	return fault{}, false
}

// valid says whether it is a day of every year; the zero value is the first.
func (d MonthDay) valid() bool {
	if d == (MonthDay{}) {
		return true
	}
	_, err := ParseMonthDay(fmt.Sprintf("%02d-%02d", d.Month, d.Day))
	return err == nil
}

func (a Allowance) valid() bool {
	return a.Above >= 0 && a.Above <= mostPersons && a.Units >= 0 && a.Units <= mostAllowance && (a.Units == 0 || a.Above > 0)
}

func (l Limits) valid() bool {
	for _, n := range []int64{l.PurchaseFen, l.PurchaseUnits, l.MonthFen, l.MonthUnits, l.Hoarding.Units, l.Hoarding.Percent} {
		if n < 0 {
			return false
		}
	}
	h := l.Hoarding
	return h.Percent <= mostPercent && h.Days >= 0 && h.Days <= mostDays && (h.Days > 0) == (h.Units > 0 || h.Percent > 0)
}

func midnight(at time.Time) bool {
	hour, minute, second := at.In(Zone).Clock()
	return !at.IsZero() && hour == 0 && minute == 0 && second == 0 && at.Nanosecond() == 0
}

// namesTariff says whether a code can stand in a file's name and on a command line.
func namesTariff(code string) bool {
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return code != "" && len(code) <= 40
}

func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}
