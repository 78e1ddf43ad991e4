package vending

// LoadRule is how a meter keeps from taking one credit twice (DESIGN.md §3). The card's
// layout says it, in these words.
type LoadRule string

// The load rules.
const (
	RuleCounter    LoadRule = "counter"    // takes the card's purchase if its count is the meter's + 1
	RuleCumulative LoadRule = "cumulative" // takes the card's total less its own
	RuleHistory    LoadRule = "history"    // as counter, with the two purchases before
	RuleBalance    LoadRule = "balance"    // takes from an e-purse what it wants, up to its balance
)

// What a card cannot do for its load rule.
var (
	ErrCardUnloaded = &Error{Kind: NotAllowed, Code: "card_unloaded"}
	ErrRuleCounts   = &Error{Kind: NotAllowed, Code: "rule_counts"}
	ErrNoUnload     = &Error{Kind: NotAllowed, Code: "no_unload"}
)

// Carries is how many purchases a card may carry that its meter has not taken; 0: any
// number. One more would take the place of the oldest, which would be lost. To write the
// last one anew, with the sum and the same count, is no way: the meter may have taken
// that count a minute ago.
func (r LoadRule) Carries() int {
	switch r {
	case RuleCounter:
		return 1
	case RuleHistory:
		return 3
	default:
		return 0
	}
}

// holds says whether a card that carries untaken purchases may carry one more.
func (r LoadRule) holds(card string, untaken int) error {
	if most := r.Carries(); most > 0 && untaken >= most {
		return ErrCardUnloaded.With("Card", card, "Count", untaken)
	}
	return nil
}

// Untaken counts a meter's last purchases, the newest first, down to the oldest that it
// has not taken; taken is the cumulative credit that it has. What was taken back is on no
// card, and has used up a count all the same.
func Untaken(last []Purchase, taken int64) (n int) {
	for i, p := range last {
		if p.Total > taken && !p.IsReversal() && p.Undone.IsZero() {
			n = i + 1
		}
	}
	return n
}
