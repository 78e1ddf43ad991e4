package cardio

// Verdict is what is proved about a card write (DESIGN.md §1).
type Verdict uint8

// InDoubt is the zero value: nothing is proved unless somebody proves it.
const (
	InDoubt   Verdict = iota // nothing can be proved now
	Untouched                // a read-back proves the old state
	Loaded                   // a read-back proves the order
)

func (v Verdict) String() string {
	switch v {
	case Loaded:
		return "loaded"
	case Untouched:
		return "untouched"
	default:
		return "in-doubt"
	}
}

// Judge decides from what a card holds now what became of an order. It is the
// only judge, whatever the layout and its load rule: the first write, a retry, a
// start-up and a card seen again at another terminal all ask it. It goes by every
// value that the layout has a place for: without a purchase id by the count, and
// where a card has no count either (cumulative) by the total. By nothing it judges nothing.
func Judge(now Purse, o Order) Verdict {
	switch {
	case now.Lacks.Has(LacksCount) && now.Lacks.Has(LacksTotal):
		return InDoubt
	case now.is(o):
		return Loaded
	case now.before(o):
		return Untouched
	default:
		return InDoubt
	}
}

// is tells whether the card shows the order.
func (p Purse) is(o Order) bool {
	return (p.Lacks.Has(LacksPurchase) || p.Purchase == o.Purchase) &&
		(p.Lacks.Has(LacksCount) || p.Count == o.Count) &&
		(p.Lacks.Has(LacksCredit) || p.Credit == o.shown()) &&
		(p.Lacks.Has(LacksTotal) || p.Total == o.Total)
}

// before tells whether the card shows what the order starts from.
func (p Purse) before(o Order) bool {
	return (p.Lacks.Has(LacksPurchase) || p.Purchase != o.Purchase) &&
		(p.Lacks.Has(LacksCount) || p.Count == o.Count-1) &&
		(p.Lacks.Has(LacksTotal) || p.Total == o.Total-o.Credit)
}
