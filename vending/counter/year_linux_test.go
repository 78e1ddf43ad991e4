package counter_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

const (
	yearHomes  = 4
	yearMonths = 6 // where nobody asked for a soak; a soak plays whole years
	yearDeeds  = 16
	soakMonths = 13
	soakDeeds  = 50
)

// Any year of operations closes, month by month, with the trial balance at zero, what is
// not earned of the lots in prepaid, and what is not burnt of them on cards and in meters.
// A failure names its seed and what was done last; YEAR_SEED plays it again.
func TestAnyYear(t *testing.T) {
	t.Parallel()
	playYear(t, yearSeed(t), yearMonths, yearDeeds)
}

// TestSoakYear plays years for as long as SOAK says (make soak).
func TestSoakYear(t *testing.T) {
	t.Parallel()
	duration, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		duration = 0
	}
	for end := time.Now().Add(duration); !t.Failed() && time.Now().Before(end); {
		seed := yearSeed(t)
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playYear(t, seed, soakMonths, soakDeeds) })
	}
}

func yearSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("YEAR_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	return seed
}

// year is a street on which anything happens.
type year struct {
	*street
	*rand.Rand
	codes   []string
	changes []vending.PriceChange // announced, not yet decided
	price   map[string]int64
	rich    *home // whose deposits are change money
	meters  int   // number of the next meter that is put up
	cards   int   // and of the next card that follows one
	done    []string
}

func playYear(t *testing.T, seed uint64, months, deeds int) {
	y := &year{street: newStreet(t, "2025-12-30 12:00"), Rand: rand.New(rand.NewPCG(seed, 0)), price: map[string]int64{}}
	defer func() {
		if t.Failed() {
			t.Logf("seed %d; the last things done: %q", seed, y.done[max(0, len(y.done)-40):])
		}
	}()
	y.begin()
	for range months {
		end := vending.PeriodEnd(vending.PeriodOf(y.now))
		for range deeds {
			if next := y.now.Add(time.Duration(y.Int64N(int64(60*24*time.Hour) / int64(deeds)))); next.Before(end.Add(-48 * time.Hour)) {
				y.clock(next)
			}
			y.does()
		}
		y.knows()
		y.silent = true
		for _, h := range y.homes {
			if y.IntN(3) > 0 {
				h.reads()
			}
		}
		y.monthEnds(end)
		y.closesRight(vending.PeriodOf(end.Add(-1)))
		if t.Failed() {
			return
		}
	}
	for _, h := range y.homes {
		h.reads()
	}
	y.proves()
}

// begin lists prices of every sort, and people move in.
func (y *year) begin() {
	steps := func(code string, counted vending.Counted, proRata bool) vending.Tariff {
		v := stepList(y.t, code, proRata)
		v.Counted = counted
		return v
	}
	for _, v := range []vending.Tariff{heatList(y.t, "a-flat", "2026-01-01"),
		steps("b-bought", vending.OnPurchases, true), steps("c-burnt", vending.OnConsumption, false)} {
		y.lists(v)
		y.codes = append(y.codes, v.Code)
		y.price[v.Code] = 0
	}
	y.lists(moneyList(y.t, "d-money"))
	y.codes = append(y.codes, "d-money")
	y.world.by(y.t, `update life_rule set value = 3000 where name = 'debt_share_bp'`)
	for _, p := range []vending.Partner{{Account: post, Name: "邮政", Format: agentsFormat}, {Account: ledger.Bank("main"), Name: "工行", Format: agentsFormat}} {
		y.must(y.AddPartner(y.t.Context(), deed(finance), p))
	}
	y.on("2026-01-01 10:00")
	y.rich = y.home(y.codes[0])
	y.homes = nil
	for i := range yearHomes {
		y.home(y.codes[i%len(y.codes)])
	}
}

// closesRight holds the lines of a month's close against the balances of each customer, and
// all of them against the trial balance.
func (y *year) closesRight(period int) {
	y.t.Helper()
	sums := map[ledger.Commodity]int64{}
	trial, err := y.Store.Turnovers(y.t.Context(), 202501, period)
	y.must(err)
	for _, line := range trial {
		sums[line.Commodity] += line.After()
	}
	if sums[ledger.CNY] != 0 || sums[ledger.Litre] != 0 {
		y.t.Errorf("%d: the trial balance is off: %v", period, sums)
	}
	for no := int64(1001); no <= y.last.Load(); no++ {
		y.customerTies(no, period)
	}
	var lines, books int64
	y.must(y.sql.QueryRow(y.t.Context(), `select coalesce((select sum(month_fen) from close_line), 0)::bigint + coalesce((select sum(gross_fen) from close_back), 0)::bigint,
		coalesce((select sum(case when split_part(debit, ':', 1) = 'prepaid' then amount else -amount end) from ledger_transfer
			where 'prepaid' in (split_part(debit, ':', 1), split_part(credit, ':', 1))
				and (split_part(debit, ':', 1) in ('revenue', 'vat') or split_part(credit, ':', 1) in ('revenue', 'vat'))), 0)::bigint`).Scan(&lines, &books))
	if lines != books {
		y.t.Errorf("%d: the lines say %d was earned, the books %d", period, lines, books)
	}
	y.proves()
}

// customerTies holds a customer's prepaid money and credit against their lots.
func (y *year) customerTies(no int64, period int) {
	y.t.Helper()
	list, err := y.Store.Balances(y.t.Context(), no)
	y.must(err)
	held, consumed := map[ledger.Class]int64{}, map[string]int64{}
	for _, b := range list {
		held[b.Account.Class] += b.Posted
		if b.Account.Class == ledger.ClassConsumed {
			consumed[b.Account.Of] = b.Posted
		}
	}
	var left, unburnt int64
	var meters []string
	y.must(y.sql.QueryRow(y.t.Context(), `select sum(l.paid_fen - l.earned_fen)::bigint, coalesce(sum(l.sold - l.used) filter (where m.removed_at is null), 0)::bigint,
		array_agg(l.meter_no) filter (where m.removed_at is null)
		from close_line l join meter m on m.customer_no = l.customer_no and m.no = l.meter_no where l.customer_no = $1 and l.period = $2`, no, period).
		Scan(&left, &unburnt, &meters))
	if held[ledger.ClassPrepaid] != left {
		y.t.Errorf("%d, %d: prepaid is %d, left of the lots are %d", period, no, held[ledger.ClassPrepaid], left)
	}
	out := held[ledger.ClassCard] + held[ledger.ClassMeter]
	if out != unburnt {
		y.t.Errorf("%d, %d: on card and in meter are %d, the close says %d", period, no, out, unburnt)
	}
	for _, meter := range meters {
		if _, sold := revenue.Span(y.lots(no, meter)); sold-consumed[meter] != out {
			y.t.Errorf("%d, %d: on card and in meter are %d, not burnt of the lots %d", period, no, out, sold-consumed[meter])
		}
	}
}

func (s *street) lots(no int64, meter string) (lots []revenue.Lot) {
	s.t.Helper()
	s.must(s.Store.ForCustomer(s.t.Context(), no, vending.Deed{Kind: "test", By: clerk}, func(tx *store.Tx) (err error) {
		lots, err = tx.Lots(s.t.Context(), meter)
		return err
	}))
	return lots
}

// allows takes a refusal for what it is; anything else ends the test.
func (y *year) allows(err error) bool {
	y.t.Helper()
	var refused *vending.Error
	switch {
	case err == nil:
		return true
	case errors.As(err, &refused) && (refused.Kind == vending.NotAllowed || refused.Kind == vending.Invalid || refused.Kind == vending.NotFound || refused.Kind == vending.Doubtful):
		y.done[len(y.done)-1] += " (" + refused.Code + ")"
	default:
		y.t.Fatalf("%s: %v", y.done[len(y.done)-1], err)
	}
	return false
}

// knows settles every purchase in doubt: a month is not closed before.
func (y *year) knows() {
	y.t.Helper()
	for _, h := range y.homes {
		if _, err := y.Resume(y.t.Context(), h.terminal()); err != nil && !errors.Is(err, vending.ErrNoPurchase) {
			y.t.Fatal(err)
		}
	}
}

// does one thing at random.
func (y *year) does() {
	y.t.Helper()
	if len(y.homes) == 0 {
		return
	}
	h := y.homes[y.IntN(len(y.homes))]
	deeds := []struct {
		name   string
		weight int
		do     func(*home) error
	}{
		{"tops up", 8, y.topsUp}, {"tops up from the advance", 2, y.fromAdvance}, {"is cut", 2, y.cut}, {"resumes", 1, y.resumes}, {"brings back", 4, y.reverses},
		{"loads", 5, func(h *home) error { return h.toMeter(slotWith(h.household)) }}, {"burns", 10, y.burning},
		{"is read", 3, func(h *home) error { h.reads(); return nil }},
		{"is charged", 2, y.charged}, {"pays debt", 2, y.paysDebt}, {"late fees", 2, y.lateFees}, {"fixed charges", 2, y.fixedCharges}, {"deposits", 1, y.deposits},
		{"moves out", 1, y.movesOut}, {"steps", 3, y.steps}, {"closes the account", 1, y.closesAccount},
		{"new meter", 2, y.newMeter}, {"new card", 3, y.newCard}, {"an old card turns up", 3, y.oldCard}, {"gives up what is on the card", 1, y.givesUp}, {"shift ends", 2, y.shiftEnds}, {"pays an agent", 2, y.agent}, {"price", 3, y.prices},
	}
	all := 0
	for _, d := range deeds {
		all += d.weight
	}
	at := y.IntN(all)
	for _, d := range deeds {
		if at -= d.weight; at < 0 {
			y.done = append(y.done, fmt.Sprintf("%s %d %s", y.now.Format("02.01."), h.no, d.name))
			y.allows(d.do(h))
			return
		}
	}
}

func (y *year) topsUp(h *home) error {
	means := []vending.Means{vending.Cash, vending.Cash, vending.BankCard, vending.Mobile}[y.IntN(4)]
	req := request(1 + y.Int64N(60_000))
	req.Means = means
	if means != vending.Cash {
		req.Bank, req.Reference = "icbc", uuid.NewString()
	}
	_, err := y.TopUp(y.t.Context(), h.terminal(), req)
	if err == nil && y.IntN(3) > 0 {
		return h.toMeter(slotWith(h.household))
	}
	return err
}

func (y *year) fromAdvance(h *home) error {
	_, err := h.tops(1+y.Int64N(20_000), vending.FromAdvance)
	return err
}

// cut pulls the card while it is written, or keeps it from being written at all.
func (y *year) cut(h *home) error {
	slot := slotWith(h.household)
	if y.IntN(2) == 0 {
		slot.Inject(cardsim.OnINS(updateBinary), cardsim.PullAfter())
	} else {
		slot.Inject(cardsim.Nth(3), cardsim.Short(2))
	}
	out, err := y.TopUp(y.t.Context(), y.terminal(slot), request(1+y.Int64N(60_000)))
	if err == nil && out.Purchase.State == vending.Pending && y.IntN(2) == 0 {
		return h.toMeter(slotWith(h.household))
	}
	var refused *vending.Error
	if err != nil && !errors.As(err, &refused) {
		return nil // the link broke before anything was sold
	}
	return err
}

func (y *year) resumes(h *home) error {
	_, err := y.Resume(y.t.Context(), h.terminal())
	return err
}

func (y *year) burning(h *home) error {
	_, err := h.meter.Burn(y.Int64N(90_000))
	return err
}
