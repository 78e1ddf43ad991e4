package vending

import "math/bits"

// Layer is credit that was sold for a cost: what a meter has taken in all, from
// From to To. Layers are consumed first in, first out (RULES C6).
type Layer struct {
	From, To int64 // cumulative credit of the meter, in its unit
	CostFen  int64
	VATBp    int64
}

// Used is the part of the layer's cost that is consumed when the meter has
// consumed position in all. It is rounded down, so the parts of all months add up
// to the cost exactly.
func (l Layer) Used(position int64) int64 {
	covered := min(max(position, l.From), l.To) - l.From
	if l.To <= l.From {
		return 0
	}
	return mulDiv(l.CostFen, covered, l.To-l.From)
}

// Carry is what is left of layers at a position, laid out for another meter whose
// cumulative credit begins at start. Cost consumed and cost carried are the cost of
// the layers, to the fen (RULES A7).
func Carry(layers []Layer, position, start int64) (carried []Layer, costFen int64) {
	for _, l := range layers {
		size := l.To - max(l.From, min(position, l.To))
		cost := l.CostFen - l.Used(position)
		if size == 0 {
			continue
		}
		carried = append(carried, Layer{From: start, To: start + size, CostFen: cost, VATBp: l.VATBp})
		start += size
		costFen += cost
	}
	return carried, costFen
}

// mulDiv is a × b / c rounded down, for numbers not below zero where the result
// is within 64 bits.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q)
}
