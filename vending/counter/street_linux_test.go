package counter_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// street is a company whose clock the test moves: homes with cards and meters, a till
// whose shift is closed when a month ends, and a month's close on the first day after.
type street struct {
	*world
	*counter.Desk
	t      testing.TB
	sql    *pgxpool.Pool
	now    time.Time // to the hour; the books' clock runs on from there
	offset time.Duration
	shift  string
	homes  []*home
	silent bool // meters are not read at a month's end
}

// home is a household, whose meter may be replaced.
type home struct {
	*household
	street *street
	dead   []*cardsim.Card // that were the card once
	unit   ledger.Commodity
}

func newStreet(t testing.TB, day string) *street {
	t.Helper()
	s := &street{world: newWorld(t), t: t}
	s.Desk = s.desk(s.store)
	s.Desk.Now = func() time.Time { return time.Now().Add(s.offset) }
	var err error
	if s.sql, err = pgxpool.New(t.Context(), s.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.sql.Close)
	s.world.by(t, `delete from shift`)
	s.clock(instant(t, day))
	s.opens()
	return s
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, vending.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// must ends the test on an error.
func (s *street) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// clock sets the clock of the books, and lets those of the meters run as far.
func (s *street) clock(to time.Time) {
	s.t.Helper()
	for _, h := range s.homes {
		s.must(h.meter.Advance(to.Sub(s.now)))
	}
	s.now, s.offset = to, time.Until(to)
	_, err := s.sql.Exec(s.t.Context(), fmt.Sprintf(
		`create or replace function ledger_now() returns timestamptz language sql stable as 'select now() + interval ''%d microseconds'''`, s.offset.Microseconds()))
	s.must(err)
}

// on moves the time on. Each month that ends on the way is closed.
func (s *street) on(day string) {
	s.t.Helper()
	to := instant(s.t, day)
	for {
		end := vending.PeriodEnd(vending.PeriodOf(s.now))
		if to.Before(end) {
			s.clock(to)
			return
		}
		s.monthEnds(end)
	}
}

// monthEnds reads the meters, closes the shift and then, the next morning, the month.
func (s *street) monthEnds(end time.Time) {
	s.t.Helper()
	s.clock(end.Add(-time.Hour))
	if !s.silent {
		for _, h := range s.homes {
			h.reads()
		}
	}
	s.closes(0)
	period := vending.PeriodOf(s.now)
	s.clock(end.Add(9 * time.Hour))
	o := store.DefaultCloseOptions()
	_, err := s.CloseMonth(s.t.Context(), deed(finance), period, o)
	s.must(err)
	for _, kind := range []vending.Monthly{vending.AdvanceReport, vending.CreditReport, vending.MeterReport, vending.VATReport, vending.RevenueReport} {
		if err := s.MonthReport(s.t.Context(), finance, period, kind, unread{}); err != nil {
			s.t.Fatalf("%d, %s: %v", period, kind, err)
		}
	}
	s.opens()
}

// unread takes a report that nobody reads: it is made to be tied to the books.
type unread struct{}

func (unread) Row(...any) error { return nil }

func (s *street) opens() {
	s.t.Helper()
	shift, _, err := s.OpenShift(s.t.Context(), deed(clerk), counter.ShiftOpening{Till: till, Safe: "main"})
	s.must(err)
	s.shift = shift.Number()
}

// closes counts the drawer, over or short by some fen, and brings all of it to the bank.
func (s *street) closes(over int64) {
	s.t.Helper()
	held, err := s.Store.HeldByShift(s.t.Context(), s.shift)
	s.must(err)
	counted := held[vending.Cash] + over
	why := ""
	if over != 0 {
		why = "counted twice"
	}
	end := deed(clerk)
	end.Approved = chief
	_, _, err = s.CloseShift(s.t.Context(), end, s.shift,
		vending.Closing{Count: vending.Count{1: counted}, BankFen: counted, Bank: "main", Safe: "main", Reason: why})
	s.must(err)
}

// home is a new customer with a meter and a card.
func (s *street) home(tariff string) *home {
	s.t.Helper()
	versions, err := s.store.Versions(s.t.Context(), tariff)
	s.must(err)
	h := &home{street: s, household: &household{no: s.last.Add(1)}, unit: versions[0].Commodity}
	h.meter = s.meter(fmt.Sprintf("%014d", h.no), h.unit)
	_, err = s.store.AddCustomer(s.t.Context(), vending.Customer{No: h.no, Name: "王芳", Status: vending.InService, Tariff: tariff},
		vending.Meter{No: h.number(), Commodity: h.unit, MaxCredit: maxCredit}, opening)
	s.must(err)
	s.homes = append(s.homes, h)
	_, err = s.FilePapers(s.t.Context(), deed(clerk), h.no, hers)
	s.must(err)
	h.issued(uid(h.no))
	return h
}

func (s *street) meter(number string, counts ledger.Commodity) *metersim.Meter {
	s.t.Helper()
	unit := map[ledger.Commodity]cardio.Unit{ledger.Litre: cardio.Litre, ledger.CNY: cardio.Fen}[counts]
	m, err := metersim.New(metersim.Config{Number: number, Keys: s.keys, Utility: utility, Unit: unit, Start: s.now})
	s.must(err)
	return m
}

// issued gives the home a new card for its meter.
func (h *home) issued(uid [8]byte) {
	h.street.t.Helper()
	h.chip = cardsim.NewBlank(uid)
	card, _, err := h.street.IssueCard(h.street.t.Context(), h.terminal(), h.no, h.number())
	h.street.must(err)
	h.card = card.No
}

func (h *home) terminal() counter.Terminal { return h.street.terminal(slotWith(h.household)) }

// tops up at the counter with money, as paid; the card goes to the meter afterwards.
func (h *home) tops(fen int64, by vending.Means) (vending.Purchase, error) {
	req := request(fen)
	req.Means = by
	out, err := h.street.TopUp(h.street.t.Context(), h.terminal(), req)
	return out.Purchase, err
}

// buys with cash, and the meter takes it. Wanted are the credit, the change and what of
// the money pays debt.
func (h *home) buys(fen, credit, change, debt int64) {
	t := h.street.t
	t.Helper()
	p, err := h.tops(fen, vending.Cash)
	if err != nil || p.State != vending.Loaded {
		t.Fatalf("%s %v", p.State, err)
	}
	if p.Quote.Credit.N != credit || p.Quote.Change != change || p.Debt != debt || p.Quote.Cost != fen-change-debt {
		t.Errorf("%d fen buy %d, change %d, debt %d, of %+v; want %d, %d, %d", fen, p.Quote.Credit.N, p.Quote.Change, p.Debt, p.Usage, credit, change, debt)
	}
	h.street.must(h.toMeter(slotWith(h.household)))
}

func (h *home) burns(litres int64) {
	h.street.t.Helper()
	burnt, err := h.meter.Burn(litres)
	if err != nil || burnt != litres {
		h.street.t.Fatal(burnt, err)
	}
}

// reads the meter on its line.
func (h *home) reads() {
	h.street.t.Helper()
	defer h.street.believes()
	if h.unit == ledger.Litre {
		h.street.must(h.street.readAt(h.street.t.Context(), h.household, h.street.Now))
		return
	}
	m, register := h.meter.Snapshot(), h.measured()
	_, err := intake.Take(h.street.t.Context(), h.street.store, vending.Report{Customer: h.no, Meter: m.Number, Source: vending.OverWire,
		MeterTime: m.Time.Truncate(time.Second), Loaded: m.Loaded, Remaining: m.Remaining(), Consumed: m.Consumed, Resolution: 1, ValveOpen: m.ValveOpen,
		Count: m.Count, Agreed: true, Register: &register}, h.street.Now())
	h.street.must(err)
}

// believes posts what was held because the meter had gone on too fast (RULES D4): here meters burn as the test says.
func (s *street) believes() {
	s.t.Helper()
	held, err := s.Store.HeldReports(s.t.Context(), 100)
	s.must(err)
	for _, h := range held {
		if h.Ended == "" {
			act := deed(chief)
			act.Why = "looked at"
			_, err := intake.EndHeld(s.t.Context(), s.Store, act, h, true, s.Now())
			s.must(err)
		}
	}
}

// measured is the register: what a meter that counts money has burnt at 2.63 a cubic metre, in litres.
func (h *home) measured() int64 {
	consumed := h.meter.Snapshot().Consumed
	if h.unit == ledger.CNY {
		return consumed * 1000 / 263
	}
	return consumed
}

// shows is what the display of a meter that counts money has.
func (h *home) shows() (d vending.Display) {
	if m := h.meter.Snapshot(); h.unit == ledger.CNY {
		left := m.Remaining()
		d.Remaining, d.Purchased = &left, &m.Loaded
	}
	return d
}

// earned is what a month's close recognised of the home, with VAT, and the VAT.
func (h *home) earned(period int, gross, vat int64) {
	h.street.t.Helper()
	var is [2]int64
	h.street.must(h.street.sql.QueryRow(h.street.t.Context(), `select sum(month_fen)::bigint, sum(month_vat_fen)::bigint from close_line
		where customer_no = $1 and period = $2`, h.no, period).Scan(&is[0], &is[1]))
	if is != [2]int64{gross, vat} {
		h.street.t.Errorf("%d: earned %d, with VAT %d; want %d, %d", period, is[0], is[1], gross, vat)
	}
}

// holds is some of what the home's accounts hold, by class.
func (h *home) holds(want map[ledger.Class]int64) {
	h.street.t.Helper()
	list, err := h.street.Store.Balances(h.street.t.Context(), h.no)
	h.street.must(err)
	is := map[ledger.Class]int64{}
	for _, b := range list {
		is[b.Account.Class] += b.Posted
	}
	for class, n := range want {
		if is[class] != n {
			h.street.t.Errorf("%s is %d, want %d", class, is[class], n)
		}
	}
}

// trial holds the whole trial balance, credits less debits in fen, against what it must
// be; and everything that proves the books is asked.
func (s *street) trial(want map[string]int64) {
	s.t.Helper()
	is := (&office{sql: s.sql}).trial(s.t)
	for account, n := range is {
		is[account] = -n
	}
	if !maps.Equal(is, want) {
		s.t.Errorf("the trial balance is %v, want %v", is, want)
	}
	sum := int64(0)
	for _, n := range want {
		sum += n
	}
	if sum != 0 {
		s.t.Errorf("what is wanted sums to %d", sum)
	}
	s.proves()
}

// proves asks everything that proves the books.
func (s *street) proves() {
	s.t.Helper()
	if found, err := s.Store.CheckBooks(s.t.Context()); err != nil || len(found) > 0 {
		s.t.Error(found, err)
	}
	if v, err := s.Store.Verify(s.t.Context(), nil, nil); err != nil || !v.Clean() {
		s.t.Errorf("%+v, %v", v, err)
	}
	err := s.Reconcile(s.t.Context(), "", func(r counter.Reconciled) error {
		for _, d := range r.Discrepancies {
			s.t.Errorf("%+v", d)
		}
		return nil
	})
	s.must(err)
}

// lists a version of a price list, by finance.
func (s *street) lists(v vending.Tariff) {
	s.t.Helper()
	d := deed(finance)
	d.Kind, d.Request = "tariff added", v
	s.must(s.Store.AddTariff(context.Background(), d, v))
}

// flatList is a version of a price list of one price.
func flatList(t testing.TB, code, from string, fen int64) vending.Tariff {
	t.Helper()
	return vending.Tariff{Code: code, Class: vending.Residential, From: instant(t, from+" 00:00"), Commodity: ledger.Litre, Step: 10,
		Tiers: []vending.Tier{{PriceFen: fen}}, YearStart: vending.MonthDay{Month: 1, Day: 1}, Counted: vending.OnPurchases, VATBp: 900}
}

// moneyList is a price list for meters that count money, which charge 2.63 a cubic metre.
func moneyList(t testing.TB, code string) vending.Tariff {
	v := flatList(t, code, "2020-01-01", 263)
	v.Commodity, v.Measures, v.Step = ledger.CNY, ledger.Litre, 1
	return v
}

// changes applies a price change.
func (s *street) changes(code, from string, policy vending.Policy) (effects []store.PriceEffect) {
	s.t.Helper()
	change := vending.Deed{ID: uuid.New(), By: finance, Approved: manager}
	err := s.Store.ApplyChange(s.t.Context(), change, vending.PriceChange{Tariff: code, From: instant(s.t, from+" 00:00"), Policy: policy},
		func(e store.PriceEffect) error { effects = append(effects, e); return nil })
	s.must(err)
	return effects
}

var manager = vending.Actor{Staff: "manager", Role: vending.RoleManager, From: "test"}
