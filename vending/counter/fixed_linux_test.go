package counter_test

import (
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// heatList is a price list with 600.00 a season, from 15 November, and 3.00 a month.
func heatList(t testing.TB, code, from string) vending.Tariff {
	v := flatList(t, code, from, 263)
	v.Fixed = []vending.FixedCharge{{Code: "basic", Fen: 60_000, Every: vending.EverySeason, Start: vending.MonthDay{Month: 11, Day: 15}},
		{Code: "meter", Fen: 300, Every: vending.EveryMonth}}
	return v
}

// fixed books what has fallen due, twice: the second run adds nothing.
func (s *street) fixed(until string, want counter.FixedBooked) {
	s.t.Helper()
	told := 0
	for i, want := range []counter.FixedBooked{want, {}} {
		sum, err := s.FixedCharges(s.t.Context(), finance, day(s.t, until), func(int64) { told++ })
		if err != nil || sum != want {
			s.t.Errorf("run %d until %s: %+v, %v, want %+v", i+1, until, sum, err, want)
		}
	}
	if told != want.Customers {
		s.t.Errorf("told %d of %d customers", told, want.Customers)
	}
}

// Fixed charges by hand, of three homes on one price list. VAT is 9 %: 49.54 in 600.00, 0.25 in 3.00.
//
//	1001, in service since 1 October   1 November 3.00, 15 November 600.00, 1 December 3.00, 1 January 3.00
//	1002, suspended on 10 November     1 November 3.00, booked by that; reopened on 20 December: 1 January 3.00
//	1003, a customer on 16 November    1 December 3.00, 1 January 3.00
//
// Booked on 20 November, 603.00 of 1001 are due on 5 December: on 2 January they are 28 days overdue, 84.42 late fee, with 6.94 and 0.03 VAT.
// What fell due in December was missed, is booked on 2 January and bears none. The 3.00 of 1002 are due on 25 November: 25 days, 0.38, VAT 0.03.
func TestWorkedFixedCharges(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-09-30 12:00")
	s.lists(heatList(t, "heat", "2026-10-01"))
	s.on("2026-10-01 10:00")
	one, two := s.home("heat"), s.home("heat")
	s.on("2026-11-10 10:00")
	s.steps(two, vending.Change{Step: vending.StepSuspend, Reason: "away", Seen: two.number(), SeenAgain: two.number(), Register: new(int64)})
	two.holds(map[ledger.Class]int64{ledger.ClassDebt: -300})
	s.on("2026-11-16 10:00")
	three := s.home("heat")
	s.on("2026-11-20 10:00")
	sum, err := s.Rehearsal().FixedCharges(t.Context(), finance, day(t, "2026-11-20"), func(int64) {})
	if want := (counter.FixedBooked{Customers: 1, Charges: 2, Fen: 60_300}); err != nil || sum != want {
		t.Errorf("%+v, %v", sum, err)
	}
	one.holds(map[ledger.Class]int64{ledger.ClassDebt: 0})
	s.fixed("2026-11-20", counter.FixedBooked{Customers: 1, Charges: 2, Fen: 60_300})
	one.holds(map[ledger.Class]int64{ledger.ClassDebt: -60_300})
	s.on("2026-12-20 10:00")
	s.pays(two, 338)
	s.steps(two, vending.Change{Step: vending.StepReopen, Seen: two.number()})
	s.on("2027-01-02 10:00")
	s.fixed("2026-12-31", counter.FixedBooked{Customers: 2, Charges: 2, Fen: 600})
	s.fixed("2027-01-02", counter.FixedBooked{Customers: 3, Charges: 3, Fen: 900})
	s.pays(one, 60_900+8_442)
	two.holds(map[ledger.Class]int64{ledger.ClassDebt: -300})
	three.holds(map[ledger.Class]int64{ledger.ClassDebt: -600})
	(&lobby{t: t, sql: s.sql}).totals(map[string]int64{"revenue:fixed": 62_100 - 5_129, "revenue:late_fee": 8_480 - 700, "vat:output": 5_129 + 700})
	s.on("2027-02-01 10:00")
	s.proves()
}

// steps takes a step in the life of an account.
func (s *street) steps(h *home, c vending.Change) {
	s.t.Helper()
	_, done, err := s.TakeStep(s.t.Context(), deed(clerk), counter.StepRequest{Customer: h.no, Change: c})
	if err != nil || !done {
		s.t.Fatal(done, err)
	}
}

// pays all that is owed, which must be so much.
func (s *street) pays(h *home, want int64) {
	s.t.Helper()
	paid, owed, done, err := s.PayDebt(s.t.Context(), deed(clerk), counter.DebtPayment{Customer: h.no, Payment: cash})
	if err != nil || !done || paid != want || owed != 0 {
		s.t.Errorf("paid %d, owed %d, %v %v; want %d", paid, owed, done, err, want)
	}
}

// Runs at once, and who pays meanwhile: each charge is booked once, and who closes their account pays what fell due that day.
func TestFixedChargesAreBookedOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-09-30 12:00")
	s.lists(heatList(t, "heat", "2026-10-01"))
	s.on("2026-10-01 10:00")
	one, two := s.home("heat"), s.home("heat")
	s.on("2026-12-01 10:00")
	var runs sync.WaitGroup
	for i := range 4 {
		runs.Go(func() {
			if _, err := s.FixedCharges(t.Context(), finance, day(t, "2026-12-01"), func(int64) {}); err != nil {
				t.Error(err)
			}
			_, _, _, err := s.PayDebt(t.Context(), deed(clerk), counter.DebtPayment{Customer: one.no, AmountFen: int64(i + 1), Payment: cash})
			if err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	one.holds(map[ledger.Class]int64{ledger.ClassDebt: -60_600 + 10})
	two.holds(map[ledger.Class]int64{ledger.ClassDebt: -60_600})
	s.on("2027-01-01 12:00")
	_, _, err := s.TakeStep(t.Context(), deed(clerk), counter.StepRequest{Customer: two.no, Payment: cash,
		Change: vending.Change{Step: vending.StepClose, Reason: "moved", Seen: two.number(), SeenAgain: two.number(), Register: new(int64)}})
	wantErr(t, err, vending.ErrDues)
	_, err = s.FixedCharges(t.Context(), clerk, day(t, "2027-01-01"), func(int64) {})
	wantErr(t, err, vending.ErrNotPermitted)
	_, err = s.FixedCharges(t.Context(), finance, vending.DateOf(s.now.Add(24*time.Hour)), func(int64) {})
	wantErr(t, err, vending.ErrDayNotOver)
	s.proves()
}
