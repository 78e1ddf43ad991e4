package cjt188

import "github.com/vendgate/vendgate/meterproto"

// Prices is the answer to DI 8102: a price list in three steps. Prices are in
// hundredths of a yuan, that is fen, for each unit of what the meter counts;
// volumes in whole cubic metres.
type Prices struct {
	Price1, Price2, Price3 Digits
	Volume1, Volume2       Count
}

func (p *Prices) walk(w *walker) {
	w.hundredths(&price1, &p.Price1, priceSize, meterproto.Currency)
	w.count(&volume1, &p.Volume1, countSize, meterproto.CubicMetre)
	w.hundredths(&price2, &p.Price2, priceSize, meterproto.Currency)
	w.count(&volume2, &p.Volume2, countSize, meterproto.CubicMetre)
	w.hundredths(&price3, &p.Price3, priceSize, meterproto.Currency)
}

// NewPrices is the command A010: a price list and the day of the month from which
// it holds. The answer is a [Status].
type NewPrices struct {
	Prices
	StartDay byte
}

func (p *NewPrices) walk(w *walker) {
	p.Prices.walk(w)
	w.day(&startDay, &p.StartDay)
}
