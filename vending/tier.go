package vending

// Tier is one step of a price list: the units of a tier year above the tier before, up to a bound.
type Tier struct {
	UpTo     int64 // units of the tier year; 0 in the last tier, which has no bound
	PriceFen int64 // per 1,000 units of the commodity: per m³, or per kWh
}
