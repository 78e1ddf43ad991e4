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
// only judge: the first write, a retry, a start-up and a card seen again at
// another terminal all ask it.
func Judge(now Purse, o Order) Verdict {
	switch {
	case now.Purchase == o.Purchase && now.Count == o.Count && now.Credit == o.shown() && now.Total == o.Total:
		return Loaded
	case now.Purchase != o.Purchase && now.Count == o.Count-1 && now.Total == o.Total-o.Credit:
		return Untouched
	default:
		return InDoubt
	}
}
