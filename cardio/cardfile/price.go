package cardfile

import "fmt"

// Step is one price that a meter which counts money applies to what it measures.
type Step struct {
	UpTo int64 // of a year, in what the meter measures; 0 in the last one
	Fen  int64 // per 1,000 of it
}

// names are those of the values of a field, wherever it stands; none where there is no such field.
func (l *Layout) names(name string) []string {
	for i := range l.Records {
		if f := l.Records[i].field(name); f != nil {
			return f.names()
		}
	}
	return nil
}

// PriceSteps is how many prices a load can bring to the meter, 0 where the layout has no place for one.
func (l *Layout) PriceSteps() int { return min(len(l.names(Prices)), len(l.names(Bounds))+1) }

// spellPrices puts steps into values; what is on the card stays where there are none. ErrValue where there are more than the
// layout has places.
func (l *Layout) spellPrices(v Values, steps []Step) error {
	if len(steps) > l.PriceSteps() {
		return fmt.Errorf("%w: %d prices, and room for %d", ErrValue, len(steps), l.PriceSteps())
	}
	if len(steps) == 0 {
		return nil
	}
	prices, bounds := l.names(Prices), l.names(Bounds)
	for _, name := range append(prices[:len(prices):len(prices)], bounds...) {
		v[name] = int64(0)
	}
	for i, s := range steps {
		if v[prices[i]] = s.Fen; i < len(bounds) {
			v[bounds[i]] = s.UpTo
		}
	}
	return nil
}

// StepsIn reads prices out of values: Prices and Bounds, or what the meter says, BackPrices and BackBounds. None where they
// are zero or the layout has no place for them.
func (l *Layout) StepsIn(v Values, prices, bounds string) (steps []Step) {
	ends := l.names(bounds)
	for i, name := range l.names(prices) {
		s := Step{Fen: v.Int(name)}
		if s.Fen == 0 {
			return steps
		}
		if i < len(ends) {
			s.UpTo = v.Int(ends[i])
		}
		steps = append(steps, s)
	}
	return steps
}
