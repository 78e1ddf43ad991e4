package revenue

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/vendgate/vendgate/ledger"
)

// Lot is credit bought at one price: what a meter burns from position From up
// to To, in the unit of its credit. A purchase is a lot. A further layer over
// credit that lots cover already is a price true-up; its cost may be negative.
type Lot struct {
	From, To int64
	Cost     int64 // fen, VAT included
	VATbp    int64 // rate in basis points, on the net price
}

// ErrLot is a lot that covers nothing, begins below zero, or is taxed at less
// than nothing or more than its net price.
var ErrLot = errors.New("not a lot of credit")

const wholeBP = 10_000

func (l Lot) valid() error {
	if l.From < 0 || l.To <= l.From || l.VATbp < 0 || l.VATbp > wholeBP {
		return fmt.Errorf("%w: %+v", ErrLot, l)
	}
	return nil
}

// earned is what of the lot's cost is earned when the meter stands at position.
// It is rounded down, for negative costs too: what is left of all lots then
// never is less than what they are worth, and prepaid is never overdrawn.
func (l Lot) earned(position int64) int64 {
	covered := max(0, min(position, l.To)-l.From)
	quotient, _ := mulDiv(l.Cost, covered, l.To-l.From)
	return quotient
}

// Sum is money earned. Gross includes VAT. Either may be negative: an estimate
// that overshot is taken back.
type Sum struct{ Gross, VAT int64 }

// Net is the revenue.
func (s Sum) Net() int64 { return s.Gross - s.VAT }

// Add returns s+t, or ledger.ErrOverflow.
func (s Sum) Add(t Sum) (Sum, error) {
	gross, err := ledger.Fen(s.Gross).Add(ledger.Fen(t.Gross))
	if err != nil {
		return Sum{}, err
	}
	vat, err := ledger.Fen(s.VAT).Add(ledger.Fen(t.VAT))
	return Sum{gross.N, vat.N}, err
}

// Sub returns s-t, or ledger.ErrOverflow.
func (s Sum) Sub(t Sum) (Sum, error) {
	gross, err := ledger.Fen(s.Gross).Sub(ledger.Fen(t.Gross))
	if err != nil {
		return Sum{}, err
	}
	vat, err := ledger.Fen(s.VAT).Sub(ledger.Fen(t.VAT))
	return Sum{gross.N, vat.N}, err
}

// Earned is all that a meter's lots have earned when it stands at position. It
// fails with ErrLot or ledger.ErrOverflow.
func Earned(lots []Lot, position int64) (sum Sum, err error) {
	for _, l := range lots {
		if err := l.valid(); err != nil {
			return Sum{}, err
		}
		gross := l.earned(position)
		if sum, err = sum.Add(Sum{gross, VAT(gross, l.VATbp)}); err != nil {
			return Sum{}, err
		}
	}
	return sum, nil
}

// Span is where a meter's lots begin and end: what it had burnt before the
// first, and all credit it was ever sold.
func Span(lots []Lot) (start, sold int64) {
	for i, l := range lots {
		if i == 0 || l.From < start {
			start = l.From
		}
		sold = max(sold, l.To)
	}
	return start, sold
}

// VAT is the tax within gross at a rate of bp basis points of the net price,
// rounded half up. Taxing what is earned of a lot so far, not each month, is why
// the months of a lot add up to exactly the tax on its cost.
func VAT(gross, bp int64) int64 {
	tax, rest := mulDiv(gross, bp, wholeBP+bp)
	if rest >= (wholeBP+bp+1)/2 {
		tax++
	}
	return tax
}

// mulDiv is a×b/c rounded towards minus infinity, and the remainder, for
// 0 ≤ b ≤ c and c > 0: the quotient is no larger than a.
func mulDiv(a, b, c int64) (quotient, rest int64) {
	magnitude := uint64(a)
	if a < 0 {
		magnitude = -magnitude
	}
	hi, lo := bits.Mul64(magnitude, uint64(b))
	q, r := bits.Div64(hi, lo, uint64(c))
	if a >= 0 {
		return int64(q), int64(r)
	}
	if r > 0 {
		return -int64(q) - 1, c - int64(r)
	}
	return -int64(q), 0
}
