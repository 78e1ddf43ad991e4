package vending

// Limits are how much a customer may buy. Zero is no limit.
type Limits struct {
	PurchaseFen   int64 // cost of one purchase
	PurchaseUnits int64
	MonthFen      int64 // cost in one calendar month
	MonthUnits    int64
	Hoarding      Hoarding
}

// Hoarding limits what is bought within some days before an announced rise of the
// price: to Units, or to a share of what the customer buys in a month, whichever is
// more. Percent 200 is two months. Days 0 is no limit.
type Hoarding struct {
	Days    int
	Units   int64
	Percent int64
}

// Bought is what a customer has bought, as far as limits ask; purchases that
// were voided left out. MonthFen is their cost.
type Bought struct {
	MonthFen   int64
	MonthUnits int64
	Rising     bool  // a rise of the price is near, see Versions.Rise
	NearUnits  int64 // bought since it has been near
	Average    int64 // units bought in a month, over the last year
}

// Limit says which limit forbids a purchase.
type Limit string

// The limits.
const (
	LimitPurchaseFen   Limit = "limit_purchase_fen"
	LimitPurchaseUnits Limit = "limit_purchase_units"
	LimitMonthFen      Limit = "limit_month_fen"
	LimitMonthUnits    Limit = "limit_month_units"
	LimitHoarding      Limit = "limit_hoarding"
)

// Allow is ErrLimit where a quote would exceed a limit of the tariff; the error
// says how much may still be bought.
func (t Tariff) Allow(q Quote, b Bought) error {
	l := t.Limits
	fen, units := q.Cost, q.Credit.N
	for _, c := range []struct {
		limit              Limit
		money              bool
		buys, bought, most int64
		applies            bool
	}{
		{LimitPurchaseFen, true, fen, 0, l.PurchaseFen, l.PurchaseFen > 0},
		{LimitPurchaseUnits, false, units, 0, l.PurchaseUnits, l.PurchaseUnits > 0},
		{LimitMonthFen, true, fen, b.MonthFen, l.MonthFen, l.MonthFen > 0},
		{LimitMonthUnits, false, units, b.MonthUnits, l.MonthUnits, l.MonthUnits > 0},
		{LimitHoarding, false, units, b.NearUnits, l.Hoarding.most(b.Average), l.Hoarding.Days > 0 && b.Rising},
	} {
		left := max(c.most-c.bought, 0)
		if !c.applies || c.buys <= left {
			continue
		}
		show := FormatThousandths
		if c.money {
			show = FormatYuan
		}
		return ErrLimit.With("Limit", c.limit, "Buys", show(c.buys), "Most", show(c.most), "Left", show(left))
	}
	return nil
}

// mostAverage keeps the share of an average within 64 bits.
const mostAverage = 1 << 40

func (h Hoarding) most(average int64) int64 {
	return max(h.Units, min(max(average, 0), mostAverage)*h.Percent/100)
}
