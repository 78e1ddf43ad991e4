package vending

import (
	"slices"
	"time"
)

// Step is something that happens to a customer's account (RULES A1).
type Step string

// The steps, in the order of a life. Some repeat.
const (
	StepAccept    Step = "accept"    // 验收合格: the installation has passed
	StepIgnite    Step = "ignite"    // 点火
	StepVacate    Step = "vacate"    // 转空房: confirmed to be long unoccupied
	StepReturn    Step = "return"    // 恢复用气
	StepSuspend   Step = "suspend"   // 报停: at the customer's own request
	StepSeal      Step = "seal"      // 封停: for arrears or a violation
	StepReopen    Step = "reopen"    // 复通
	StepDismantle Step = "dismantle" // 拆除
	StepReinstall Step = "reinstall" // 复装
	StepClose     Step = "close"     // 销户
)

// Steps lists all of them.
func Steps() []Step {
	return []Step{StepAccept, StepIgnite, StepVacate, StepReturn, StepSuspend, StepSeal, StepReopen, StepDismantle,
		StepReinstall, StepClose}
}

// life is the whole life of an account. What is not here cannot happen.
var life = map[Status]map[Step]Status{
	Registered:       {StepAccept: AwaitingIgnition, StepClose: Closed},
	AwaitingIgnition: {StepIgnite: InService, StepClose: Closed},
	InService:        {StepVacate: Vacant, StepSuspend: Suspended, StepSeal: Sealed, StepClose: Closed},
	Vacant:           {StepReturn: InService, StepSuspend: Suspended, StepSeal: Sealed, StepDismantle: Dismantled, StepClose: Closed},
	Suspended:        {StepReopen: InService, StepSeal: Sealed, StepDismantle: Dismantled, StepClose: Closed},
	Sealed:           {StepReopen: InService, StepDismantle: Dismantled, StepClose: Closed},
	Dismantled:       {StepReinstall: AwaitingIgnition, StepClose: Closed},
}

// After is the status after a step; false where the step cannot be taken.
func (s Status) After(step Step) (Status, bool) {
	next, ok := life[s][step]
	return next, ok
}

// need is something that a step must not be taken without.
type need string

const (
	needReason  need = "reason"
	needPapers  need = "papers"     // identity papers and a supply contract on file (A5)
	needCleared need = "cleared"    // nothing is owed
	needSeen    need = "meter_seen" // the meter number on site equals the contract's
	needTwice   need = "seen_twice" // it was verified twice: never the wrong household (A8)
	needReading need = "reading"    // the final register, read with the customer (A8)

	// With a reading, where the meter counts money: what is left, for the register does not say it.
	needRemaining need = "remaining"
)

// needs says what each step needs (RULES A5, A8, S5, S7).
var needs = map[Step][]need{
	StepAccept:    {needSeen},
	StepIgnite:    {needPapers, needCleared, needSeen},
	StepVacate:    {needReason},
	StepReturn:    {needSeen},
	StepSuspend:   {needReason, needTwice, needReading},
	StepSeal:      {needReason, needTwice, needReading},
	StepReopen:    {needCleared, needSeen},
	StepDismantle: {needReason, needTwice, needReading},
	StepReinstall: {needSeen},
	StepClose:     {needReason, needCleared, needTwice, needReading},
}

// Papers are what the account was opened on (RULES A5). Of the identity papers
// only the kind and the last characters are kept (RULES B12).
type Papers struct {
	Kind     string // "id_card", "licence" or what the company calls it
	Tail     string // the last characters of their number, PapersTail at most
	Contract string // number of the supply contract
}

// PapersTail is how much of the number of identity papers is kept.
const PapersTail = 4

// Complete says whether papers and contract are on file.
func (p Papers) Complete() bool { return p.Kind != "" && p.Tail != "" && p.Contract != "" }

// Change asks for one step.
type Change struct {
	Step      Step
	Reason    string
	Seen      string // the meter number as read on site, or empty
	SeenAgain string // as read a second time, by another look at the meter
	Register  *int64 // the mechanical register, in what the meter measures; nil where it was not read
	Display   Display
}

// Display is what a meter that counts money shows of it, in fen, as it was read on site; of other
// meters nothing is wanted.
type Display struct {
	Remaining *int64 // what is left; nil where it was not read
	Purchased *int64 // all that it has taken; wanted where an e-purse was lost with credit on it
}

// Standing is how an account stands before a step.
type Standing struct {
	Status  Status
	Papers  Papers
	Meter   string // the meter number of the contract; empty where there is none any more
	OwedFen int64
	Money   bool // the meter counts money
}

// What the life of an account refuses.
var (
	ErrStep          = &Error{Kind: NotAllowed, Code: "step_not_possible"}
	ErrStepUnknown   = &Error{Kind: Invalid, Code: "step_unknown"}
	ErrStepNeeds     = &Error{Kind: Invalid, Code: "step_needs"}
	ErrPapers        = &Error{Kind: NotAllowed, Code: "papers_missing"}
	ErrDues          = &Error{Kind: NotAllowed, Code: "dues_not_cleared"}
	ErrMeterMismatch = &Error{Kind: NotAllowed, Code: "meter_mismatch"}
)

// Next is the status after a change, or why it cannot be made.
func (c Change) Next(s Standing) (Status, error) {
	if !slices.Contains(Steps(), c.Step) {
		return s.Status, ErrStepUnknown.With("Step", string(c.Step))
	}
	next, ok := s.Status.After(c.Step)
	if !ok {
		return s.Status, ErrStep.With("Step", string(c.Step), "Status", s.Status)
	}
	for _, n := range needs[c.Step] {
		if err := c.meets(n, s); err != nil {
			return s.Status, err
		}
	}
	return next, nil
}

func (c Change) meets(n need, s Standing) error {
	met := true
	switch n {
	case needReason:
		met = c.Reason != ""
	case needReading:
		met = c.Register != nil || s.Meter == ""
		if met && s.Money && c.Display.Remaining == nil {
			met, n = false, needRemaining
		}
	case needPapers:
		if !s.Papers.Complete() {
			return ErrPapers
		}
	case needCleared:
		if s.OwedFen > 0 {
			return ErrDues.With("Amount", FormatYuan(s.OwedFen))
		}
	case needTwice:
		if met = c.SeenAgain != "" || s.Meter == ""; met {
			return c.sees(s)
		}
	case needSeen:
		if met = c.Seen != "" || s.Meter == ""; met {
			return c.sees(s)
		}
	}
	if !met {
		return ErrStepNeeds.With("Step", string(c.Step), "What", string(n))
	}
	return nil
}

// sees holds what was read on site against the contract.
func (c Change) sees(s Standing) error {
	for _, seen := range []string{c.Seen, c.SeenAgain} {
		if seen != "" && seen != s.Meter || seen == "" && c.SeenAgain != "" {
			return ErrMeterMismatch.With("Seen", seen, "Meter", s.Meter)
		}
	}
	return nil
}

// Swap are the company's rules for replacing a meter (RULES A7).
type Swap struct {
	FrozenFrom int // day of the month from which none is replaced; 0 allows every day
}

// DefaultSwap: none between the 25th and the month's end, for the books are
// being closed (RULES A7).
func DefaultSwap() Swap { return Swap{FrozenFrom: 25} }

// ErrSwapFrozen: the books of the month are being closed.
var ErrSwapFrozen = &Error{Kind: NotAllowed, Code: "swap_frozen"}

// Open says whether a meter may be replaced at a time.
func (s Swap) Open(at time.Time) error {
	if s.FrozenFrom > 0 && at.In(Zone).Day() >= s.FrozenFrom {
		return ErrSwapFrozen.With("From", s.FrozenFrom)
	}
	return nil
}
