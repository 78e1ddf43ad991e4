package counter_test

import (
	"errors"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// An e-purse tells its own part of the story: it cannot be told less, it has no total, and its meter knows cards apart by
// their numbers only.

// followsPurse loses the purse, with credit on it that the meter has not taken, or hands it in. A lost one may still come to
// its meter, so the next carries nothing; the next carries all that was on one that was handed in.
func (s *story) followsPurse(p vending.Purchase, oldFirst bool) {
	s.Helper()
	switch fresh, gains := s.chip, p.Quote.Credit.N; {
	case oldFirst:
		s.visits(s.lost, gains)
		s.visits(fresh, 0)
		s.unheard += gains // no purse says so: it was on one that the books thought lost
	default:
		s.visits(fresh, 0)
		s.left += gains
	}
	if err := s.meter.Insert(s.kind, s.lost); !errors.Is(err, metersim.ErrOldCard) {
		s.Errorf("the old card in the meter: %v", err)
	}
	s.handsIn(s.buys(3_000))
}

// handsIn exchanges a purse that holds an untaken purchase.
func (s *story) handsIn(p vending.Purchase) {
	s.Helper()
	card, _, err := s.desk().ReturnCard(s.Context(), s.in, deed(clerk), true)
	if err == nil && card.State != vending.CardReturned {
		err = errors.New(string(card.State))
	}
	s.must("hand in", err)
	s.hands(s.blank())
	r, err := s.desk().Reissue(s.Context(), s.in, deed(clerk), counter.ReissueRequest{Customer: s.home.no, Meter: s.number(), Shown: hers})
	s.must("exchange", err)
	s.home.card = r.Card.No
	s.visits(s.chip, p.Quote.Credit.N)
	s.wroteBack()
}

// closesPurse hands the last purse in and closes the account: all that was paid for and not burnt is paid out, on
// whichever purse it was left.
func (s *story) closesPurse() {
	s.Helper()
	s.buys(4_000)
	_, _, err := s.desk().ReturnCard(s.Context(), s.in, deed(clerk), false)
	s.must("hand in", err)
	s.meter.Burn(2_345)
	m := s.meter.Snapshot()
	register, left := int64(891), m.Remaining()
	act := deed(chief)
	act.Why, act.Approved = "销户", manager
	change := vending.Change{Step: vending.StepClose, Reason: "搬迁", Seen: s.number(), SeenAgain: s.number(), Register: &register}
	req := counter.StepRequest{Customer: s.home.no, Change: change, Payment: cash}
	s.owesNothing()
	for _, shown := range []vending.Display{{}, {Remaining: &left}} { // a purse was lost: only the meter's total says what it took
		req.Change.Display = shown
		_, _, err = s.desk().TakeStep(s.Context(), act, req)
		wantErr(s.T, err, vending.ErrStepNeeds)
	}
	req.Change.Display = vending.Display{Remaining: &left, Purchased: &m.Loaded}
	out, _, err := s.desk().TakeStep(s.Context(), act, req)
	if want := s.sold() - m.Consumed; err != nil || out.CreditFen != want || out.PaidOut != want || out.Refunded.N != want {
		s.Errorf("closed: %+v, %v; bought %d, burnt %d", out, err, s.sold(), m.Consumed)
	}
}

// owesNothing pays what the new cards cost.
func (s *story) owesNothing() {
	s.Helper()
	_, _, _, err := s.desk().PayDebt(s.Context(), deed(clerk), counter.DebtPayment{Customer: s.home.no, Payment: cash})
	s.must("debt", err)
}
