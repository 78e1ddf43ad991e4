package revenue

import "github.com/vendgate/vendgate/ledger"

// Carry lays out what is left of a meter's lots at position for the meter that
// replaces it, whose credit begins at start (RULES A7), and what that cost. What
// the old meter has earned and what is carried are the cost of the lots, to the
// fen. It fails with ErrLot or ledger.ErrOverflow.
func Carry(lots []Lot, position, start int64) (carried []Lot, cost int64, err error) {
	sum := ledger.Fen(0)
	for _, l := range lots {
		if err := l.valid(); err != nil {
			return nil, 0, err
		}
		if l.To <= position {
			continue
		}
		rest := Lot{From: start + max(0, l.From-position), To: start + l.To - position, Cost: l.Cost - l.earned(position), VATbp: l.VATbp}
		if sum, err = sum.Add(ledger.Fen(rest.Cost)); err != nil {
			return nil, 0, err
		}
		carried = append(carried, rest)
	}
	return carried, sum.N, nil
}

// Cancel is what lies over a meter's lots once their rest was carried or refunded:
// with it they earn nothing past position.
func Cancel(lots []Lot, position int64) ([]Lot, error) {
	rest, _, err := Carry(lots, position, max(0, position))
	for i := range rest {
		rest[i].Cost = -rest[i].Cost
	}
	return rest, err
}
