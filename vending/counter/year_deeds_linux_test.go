package counter_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

// What may happen in a year beside sales.

func (y *year) charged(h *home) error {
	req := counter.ChargeRequest{Customer: h.no, Kind: vending.ChargeRepair, AmountFen: 1 + y.Int64N(40_000)}
	due := vending.DateOf(y.now) + vending.Date(y.IntN(10))
	req.Due = &due
	if y.IntN(3) == 0 {
		req.Payment = &cash
	}
	_, _, err := y.Charge(y.t.Context(), deed(clerk), req)
	return err
}

func (y *year) paysDebt(h *home) error {
	req := counter.DebtPayment{Customer: h.no, Payment: cash}
	if y.IntN(2) == 0 {
		req.AmountFen = 1 + y.Int64N(10_000)
	}
	if y.IntN(3) == 0 {
		req.Payment = vending.Payment{Means: vending.FromAdvance}
	}
	_, _, _, err := y.PayDebt(y.t.Context(), deed(clerk), req)
	return err
}

func (y *year) lateFees(*home) error {
	_, err := y.LateFees(y.t.Context(), vending.System("late fees"), vending.DateOf(y.now), func(int64) {})
	return err
}

// fixedCharges books what has fallen due, or only what had some days ago.
func (y *year) fixedCharges(*home) error {
	_, err := y.FixedCharges(y.t.Context(), finance, vending.DateOf(y.now)-vending.Date(y.IntN(20)), func(int64) {})
	return err
}

func (y *year) deposits(h *home) error {
	move := counter.DepositMove{Customer: h.no, AmountFen: 1 + y.Int64N(30_000), Payment: cash}
	if y.IntN(3) == 0 && y.holds() >= move.AmountFen {
		_, _, err := y.ReturnDeposit(y.t.Context(), deed(clerk), move)
		return err
	}
	_, _, err := y.TakeDeposit(y.t.Context(), deed(clerk), move)
	return err
}

// holds is the cash in the drawer: the clerk pays out no more.
func (y *year) holds() int64 {
	held, err := y.Store.HeldByShift(y.t.Context(), y.shift)
	y.must(err)
	return held[vending.Cash]
}

// enough is cash in the drawer for whatever a home may be paid out.
func (y *year) enough(h *home) {
	list, err := y.Store.Balances(y.t.Context(), h.no)
	y.must(err)
	all := -y.holds()
	for _, b := range list {
		if b.Commodity == ledger.CNY {
			all += max(0, b.Posted)
		}
	}
	if all > 0 {
		_, _, err = y.TakeDeposit(y.t.Context(), deed(clerk), counter.DepositMove{Customer: y.rich.no, AmountFen: all, Payment: cash})
		y.must(err)
	}
}

// eyes is what the clerk does and the chief approves.
func eyes() vending.Deed {
	d := deed(clerk)
	d.Approved = chief
	return d
}

// reverses takes the last purchase back, if the meter has not taken it; at times the card is pulled.
func (y *year) reverses(h *home) error {
	list, err := y.Store.Purchases(y.t.Context(), h.no, false, 10_000)
	y.must(err)
	if len(list) == 0 {
		return nil
	}
	slot := slotWith(h.household)
	if y.IntN(4) == 0 {
		slot.Inject(cardsim.OnINS(updateBinary), cardsim.PullAfter())
	}
	last := list[len(list)-1]
	req := counter.ReverseRequest{Purchase: last.ID.String()}
	if y.IntN(2) == 0 || last.Means != vending.Cash {
		req.Payment.Means = vending.FromAdvance
	}
	y.enough(h)
	_, err = y.Reverse(y.t.Context(), y.terminal(slot), eyes(), req)
	return err
}

// movesOut gives the premises to another party.
func (y *year) movesOut(h *home) error {
	y.enough(h)
	_, _, err := y.TransferPremises(y.t.Context(), eyes(), counter.TransferRequest{Customer: h.no, Name: "李强", Payment: cash,
		Papers: vending.Papers{Kind: "id_card", Tail: "123X", Contract: uuid.NewString()}})
	return err
}

// final is the register of the meter as it is read on site, beside what its card brings.
func (y *year) final(h *home) (*int64, error) {
	h.reads()
	register := h.measured()
	return &register, nil
}

// steps suspends, now and then, who is in service, and reopens who is not.
func (y *year) steps(h *home) error {
	c, _, err := y.Store.Customer(y.t.Context(), h.no)
	y.must(err)
	step := vending.Change{Step: vending.StepReopen, Seen: h.number()}
	switch {
	case c.Status == vending.InService && y.IntN(4) > 0:
		return nil
	case c.Status == vending.InService:
		step = vending.Change{Step: vending.StepSuspend, Reason: "away", Seen: h.number(), SeenAgain: h.number()}
		if step.Register, err = y.final(h); err != nil {
			return err
		}
		step.Display = h.shows()
	}
	_, _, err = y.TakeStep(y.t.Context(), deed(clerk), counter.StepRequest{Customer: h.no, Change: step})
	return err
}

// closesAccount pays everything back; another home is opened instead.
func (y *year) closesAccount(h *home) error {
	register, err := y.final(h)
	if err != nil {
		return err
	}
	y.enough(h)
	_, _, err = y.TakeStep(y.t.Context(), eyes(), counter.StepRequest{Customer: h.no, Payment: cash,
		Change: vending.Change{Step: vending.StepClose, Reason: "moved away", Seen: h.number(), SeenAgain: h.number(), Register: register, Display: h.shows()}})
	if err != nil {
		return err
	}
	for i, other := range y.homes {
		if other == h {
			y.homes = append(y.homes[:i], y.homes[i+1:]...)
			break
		}
	}
	y.home(y.codes[y.IntN(len(y.codes))])
	return nil
}

// newMeter replaces the meter and its card, whatever is still on that.
func (y *year) newMeter(h *home) error {
	register, err := y.final(h)
	if err != nil {
		return err
	}
	y.meters++
	number := fmt.Sprintf("%05d%09d", 1+y.IntN(2)*90_000, y.meters) // before or after the old one in the order of numbers
	req := counter.SwapRequest{Customer: h.no, Old: h.number(), New: number, OldRegister: *register, OldDisplay: h.shows(), CardReturned: true}
	if _, _, err := y.ReplaceMeter(y.t.Context(), deed(clerk), req); err != nil {
		return err
	}
	h.meter = y.meter(number, h.unit)
	h.dead = append(h.dead, h.chip)
	h.issued([8]byte([]byte(fmt.Sprintf("S%07d", y.meters))))
	return h.toMeter(slotWith(h.household))
}

// shiftEnds closes the shift, over or short by some fen, and opens the next.
func (y *year) shiftEnds(*home) error {
	y.closes(max(y.Int64N(200)-100, -y.holds()))
	y.opens()
	return nil
}

func (y *year) agent(h *home) error {
	c := vending.Collection{Agent: "post", Customer: h.no, Reference: uuid.NewString(), Day: vending.DateOf(y.now), Fen: 1 + y.Int64N(20_000)}
	err := y.Collect(y.t.Context(), deed(clerk), c)
	if err == nil && y.IntN(2) == 0 {
		return y.Settle(y.t.Context(), deed(finance), "post", "main", c.Fen)
	}
	return err
}

// prices announces a price from some day on, or decides what becomes of what was sold before.
func (y *year) prices(*home) error {
	if len(y.changes) > 0 {
		c := y.changes[0]
		err := y.Store.ApplyChange(y.t.Context(), vending.Deed{ID: uuid.New(), By: finance, Approved: manager}, c, func(store.PriceEffect) error { return nil })
		if err == nil {
			y.changes = y.changes[1:]
		}
		return err
	}
	code := y.codes[y.IntN(len(y.codes))]
	versions, err := y.Store.Versions(y.t.Context(), code)
	y.must(err)
	next := versions[len(versions)-1]
	next.From = vending.DateOf(y.now.Add(time.Duration(1+y.IntN(10)) * 24 * time.Hour)).Midnight()
	next.Tiers = append([]vending.Tier(nil), next.Tiers...)
	more := y.Int64N(81) - 40
	for i := range next.Tiers {
		next.Tiers[i].PriceFen += more
	}
	d := deed(finance)
	d.Kind, d.Request = "tariff added", next
	if err := y.Store.AddTariff(y.t.Context(), d, next); err != nil {
		return err
	}
	policy := []vending.Policy{vending.PolicyKeep, vending.PolicyTrueUp, vending.PolicyTrueUp}[y.IntN(3)]
	y.changes = append(y.changes, vending.PriceChange{Tariff: code, From: next.From, Policy: policy})
	return nil
}
