package vending

import (
	"time"

	"github.com/vendgate/vendgate/ledger"
)

// UseClass is what gas, water or heat is used for (用气性质, RULES A3). It decides
// the tariff and the watch rules.
type UseClass string

// The use classes.
const (
	Residential     UseClass = "residential" // 居民
	ResidentialBulk UseClass = "bulk"        // 民用总表
	Commercial      UseClass = "commercial"  // 商业
	Collective      UseClass = "collective"  // 集体
	Industrial      UseClass = "industrial"  // 工业
	PublicBuilding  UseClass = "public"      // 公建
)

// UseClasses lists the use classes in the order of RULES A3.
func UseClasses() []UseClass {
	return []UseClass{Residential, ResidentialBulk, Commercial, Collective, Industrial, PublicBuilding}
}

// Tariff is one version of a price list. It is never changed: another price is
// another version, from a later day. The only place where money turns into credit.
type Tariff struct {
	Code      string
	Class     UseClass
	Region    string    // where it applies; empty: everywhere
	From      time.Time // the midnight in Zone from which it is in force
	Commodity ledger.Commodity
	Measures  ledger.Commodity // what a meter that counts money measures, and the tiers are of; else empty
	Step      int64            // credit is sold in whole steps: what the meter can show (10 litres = 0.01 m³)
	Tiers     []Tier
	YearStart MonthDay // on which the tiers begin again: the calendar year, or a heating year
	Counted   Counted
	ProRata   bool // who is supplied for a part of the tier year has that part of each tier
	Allowance Allowance
	Fixed     []FixedCharge
	VATBp     int64 // basis points on the price without VAT
	Limits    Limits
}

// DefaultVATBp is the rate of VAT on gas, heat and water: 9 %.
const DefaultVATBp = 900

// InSteps is the list as it is sold on a meter that takes credit in multiples of step: in whole steps of both. 0 and 1 are any.
func (t Tariff) InSteps(step int64) Tariff {
	if step > 1 && !t.CountsMoney() {
		t.Step *= step / gcd(t.Step, step)
	}
	return t
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// TierYear is the year in which the units of a purchase count, as [from, to). A
// purchase belongs to one year with all of its units: that of its instant.
func (t Tariff) TierYear(at time.Time) (from, to time.Time) { return t.YearStart.Year(at) }
