package gateway

import (
	"context"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// mostPrice is the highest price in fen, and the highest step: 999999 is no value.
const mostPrice = 999_998

// cubicMetre in litres: the meter's steps are whole ones.
const cubicMetre = 1000

// SetPrices sends a price list (A010): one to three prices, in fen a cubic metre, from a day of the month in China. Fewer are
// filled up with the last one, from a volume that nobody reaches.
func (d CJT188) SetPrices(ctx context.Context, line Line, address string, p meterproto.Prices) meterproto.Result {
	list, err := pricesOf(p)
	if err != nil {
		return refused(err)
	}
	return d.write(ctx, line, address, cjt188.WriteData, cjt188.DISetPrices, list, nil)
}

func pricesOf(p meterproto.Prices) (*cjt188.NewPrices, error) {
	n := len(p.Fen)
	if n < 1 || n > 3 || len(p.Upto) != n-1 || p.Of != meterproto.CreditLitres || p.From.IsZero() {
		return nil, fmt.Errorf("%d prices with %d steps in %v from %v: want one to three, a step between each two, in litres, from a day",
			n, len(p.Upto), p.Of, p.From)
	}
	fen, upto := [3]cjt188.Digits{}, [2]cjt188.Count{{N: mostPrice, Valid: true}, {N: mostPrice, Valid: true}}
	for i := range fen {
		price := p.Fen[min(i, n-1)]
		if price < 0 || price > mostPrice {
			return nil, fmt.Errorf("a price of %d fen: want 0 to %d", price, mostPrice)
		}
		fen[i] = cjt188.Digits{Hundredths: uint32(price), Valid: true}
	}
	for i, step := range p.Upto {
		if step < 0 || step%cubicMetre != 0 || step/cubicMetre > mostPrice || i > 0 && step <= p.Upto[i-1] {
			return nil, fmt.Errorf("steps at %v L: want them to rise by cubic metres, to at most %d", p.Upto, mostPrice)
		}
		upto[i].N = uint32(step / cubicMetre)
	}
	return &cjt188.NewPrices{StartDay: byte(p.From.UTC().Add(cjt188.ZoneOffset).Day()), Prices: cjt188.Prices{
		Price1: fen[0], Volume1: upto[0], Price2: fen[1], Volume2: upto[1], Price3: fen[2]}}, nil
}

// Prices reads the price list that the meter charges by (8102). It fails with
// meterproto.ErrLayout where the meter says "no value" for a part of it.
func (d CJT188) Prices(ctx context.Context, line Line, address string) (meterproto.Prices, error) {
	c, err := d.talk(line, address)
	if err != nil {
		return meterproto.Prices{}, err
	}
	content, err := c.ask(ctx, cjt188.DIPrices)
	if err != nil {
		return meterproto.Prices{}, fmt.Errorf("read the prices of meter %v: %w", c.meter, err)
	}
	list, ok := content.Message.(*cjt188.Prices)
	if !ok {
		return meterproto.Prices{}, fmt.Errorf("%w: %T for %v", meterproto.ErrLayout, content.Message, cjt188.DIPrices)
	}
	return listOf(*list)
}

// listOf is a price list without what fills it up, as pricesOf does: only what nobody
// can reach is left out, so that two lists are the same where they charge the same.
func listOf(p cjt188.Prices) (list meterproto.Prices, err error) {
	if !p.Price1.Valid || !p.Price2.Valid || !p.Price3.Valid || !p.Volume1.Valid || !p.Volume2.Valid {
		return list, fmt.Errorf("%w: a price list with no value in it", meterproto.ErrLayout)
	}
	fen := []int64{int64(p.Price1.Hundredths), int64(p.Price2.Hundredths), int64(p.Price3.Hundredths)}
	upto := []int64{int64(p.Volume1.N) * cubicMetre, int64(p.Volume2.N) * cubicMetre}
	n := len(upto)
	for n > 0 && upto[n-1] == mostPrice*cubicMetre && fen[n] == fen[n-1] {
		n--
	}
	return meterproto.Prices{Fen: fen[:n+1], Upto: upto[:n], Of: meterproto.CreditLitres}, nil
}
