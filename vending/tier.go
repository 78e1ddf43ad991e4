package vending

import (
	"iter"
	"math"
)

// Tier is one step of a price list: the units of a tier year above the tier before, up to a bound.
type Tier struct {
	UpTo     int64 // units of the tier year; 0 in the last tier, which has no bound
	PriceFen int64 // per 1,000 units of the commodity: per m³, or per kWh
}

// Allowance is what a large household has more of every tier.
type Allowance struct {
	Above int   // persons that the bounds are meant for
	Units int64 // by which each further person raises every bound
}

// Line is one line of the explanation of a quote.
type Line struct {
	Tier     int // from 1
	Units    int64
	PriceFen int64 // per 1,000 units
	Fen      int64 // what the lines so far cost, rounded up, less the lines before: they add up to the cost
}

// bound is where a tier ends for a household, in units of the tier year. Who is
// supplied for a part of the year has that part of it, rounded down to a unit.
func (t Tariff) bound(tier Tier, u Usage) int64 {
	if tier.UpTo == 0 {
		return math.MaxInt64
	}
	units := tier.UpTo + int64(max(u.Persons-t.Allowance.Above, 0))*t.Allowance.Units
	if u.Months > 0 {
		units = units * int64(u.Months) / 12
	}
	return units
}

// rooms yields each tier in which units are left above those used, and how many.
func (t Tariff) rooms(u Usage) iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		at := u.Used
		for i, tier := range t.Tiers {
			bound := t.bound(tier, u)
			if bound <= at {
				continue
			}
			if !yield(i, bound-at) {
				return
			}
			at = bound
		}
	}
}

// Lines explains what a credit costs, tier by tier. Units are conserved: the
// lines' are the credit. The cost is rounded up to a whole fen once, over all. Where
// credit is money there is nothing to explain, and no line.
func (t Tariff) Lines(credit int64, u Usage) []Line {
	if t.CountsMoney() {
		return nil
	}
	var lines []Line
	var sold, cost int64
	for i, room := range t.rooms(u) {
		units := min(room, credit-sold)
		if units <= 0 {
			break
		}
		sold += units
		total := t.Cost(sold, u)
		lines = append(lines, Line{i + 1, units, t.Tiers[i].PriceFen, total - cost})
		cost = total
	}
	return lines
}
