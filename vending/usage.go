package vending

// Usage is what the price of a customer's next unit depends on, beside the tariff. It is
// kept with the purchase, so that what the purchase cost can be computed again.
type Usage struct {
	Used    int64 // units that already count in this tier year
	Persons int   // of the household
	Months  int   // of the tier year in which the customer is supplied, 1 to 12; 0 is all of it
}
