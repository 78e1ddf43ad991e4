package vending

import "time"

// Usage is what the price of a customer's next unit depends on, beside the tariff. It is
// kept with the purchase, so that what the purchase cost can be computed again.
type Usage struct {
	Used    int64 // units that already count in this tier year, see UnitCount
	Persons int   // of the household
	Months  int   // of the tier year in which the customer is supplied, 1 to 12; 0 is all of it
}

// Counted says which units fill the tiers of a year.
type Counted string

// The two ways. Under consumption the credit that is outstanding stands before
// what is bought now: it will be burnt first. So nobody stays in a low tier by buying
// ahead.
const (
	OnPurchases   Counted = "purchases"
	OnConsumption Counted = "consumption"
)

// UnitCount is what the books say of a meter, for its tiers. Units of the commodity.
type UnitCount struct {
	Bought      int64 // in this tier year, purchases that were voided left out
	Consumed    int64 // in this tier year
	Outstanding int64 // bought, whenever that was, and not consumed
}

// Used is how many units count against the tiers before the next one is bought.
func (t Tariff) Used(c UnitCount) int64 {
	if t.Counted == OnConsumption {
		return max(c.Consumed, 0) + max(c.Outstanding, 0)
	}
	return max(c.Bought, 0)
}

// Months is for Usage.Months: how many months of the tier year at an instant are
// left to who is supplied since then, a month that has begun counted in. 0, all
// of it, for who was there when the year began, or where the tariff does not ask.
func (t Tariff) Months(since, at time.Time) int {
	from, to := t.TierYear(at)
	if !t.ProRata || !since.After(from) {
		return 0
	}
	months := 1
	for months < 12 && since.Before(to.AddDate(0, -months, 0)) {
		months++
	}
	return months
}

// mostPersons, mostUsed and a year's months keep a bound's arithmetic within 64 bits.
const (
	mostPersons = 1000
	mostUsed    = 1 << 62
)

// Valid checks that a usage is one: it is made by the books, not by a clerk.
func (u Usage) Valid() error {
	if u.Used < 0 || u.Used > mostUsed || u.Persons < 0 || u.Persons > mostPersons || u.Months < 0 || u.Months > 12 {
		return ErrUsageInvalid.With("Used", FormatThousandths(u.Used), "Persons", u.Persons, "Months", u.Months)
	}
	return nil
}
