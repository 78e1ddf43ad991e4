package counter_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/vending"
)

// moneyOnLine is a gas meter of CJ/T 188 that counts money.
func moneyOnLine() spoken {
	d := impatient()
	d.Credit = cjt188.CreditMoney
	return spoken{"cjt188-money", metersim.CJT188Line{}, ledger.CNY, "gas-money",
		func(m *metersim.Meter, _ string) metersim.Slave {
			return &metersim.CJT188{Type: metersim.Gas, Meter: m, Fen: true}
		}, d, 100}
}

// charged is what is in force where prices are tested: 2.63, and 3.16 from 350 m³.
func charged() []vending.Tier { return []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {PriceFen: 316}} }

// pricedWorld has a price list of two tiers for meters that count money.
func pricedWorld(t *testing.T) *world {
	t.Helper()
	w, list := newWorld(t), moneyList(t, "gas-money")
	list.Tiers = charged()
	w.lists(t, list)
	return w
}

// holdsPrices says whether the meter charges what is in force.
func (h *metered) holdsPrices() bool {
	s := h.meter.Snapshot()
	return s.Prices == [3]int64{263, 316, 316} && s.Steps[0] == 350 && s.Steps[1] > 900_000
}

// ordered is how far the price has come in the books; empty where nobody has ordered it.
func (h *metered) ordered(t *testing.T) vending.OrderState {
	t.Helper()
	orders, err := h.world.store.PriceOrders(t.Context(), h.no, h.number())
	if err != nil || len(orders) > 1 {
		t.Fatal(orders, err)
	}
	for _, o := range orders {
		return o.State
	}
	return ""
}

// wantTrue holds the books against the meter: what is confirmed is in it, and what is to be sent is not.
func (h *metered) wantTrue(t *testing.T, name string) {
	t.Helper()
	state, holds := h.ordered(t), h.holdsPrices()
	if state == vending.OrderConfirmed && !holds || state == vending.OrderScheduled && holds {
		t.Errorf("%s: %s, and that the meter has it is %t", name, state, holds)
	}
}

// A price is told once, and again where somebody has reset the meter.
func TestPricesOverTheWire(t *testing.T) {
	t.Parallel()
	h := pricedWorld(t).onLine(t, moneyOnLine(), metersim.Friendly(), 1)
	d, order := h.world.desk(h.world.store), deed(clerk)
	if version, done, err := d.Rehearsal().SendPrices(t.Context(), order, h.asked, h.wire); done || err != nil || version.Code != "gas-money" || h.ordered(t) != "" {
		t.Errorf("rehearsed: %+v, %v, %v", version, done, err)
	}
	for _, want := range []bool{true, false} {
		version, done, err := d.SendPrices(t.Context(), order, h.asked, h.wire)
		if done != want || err != nil || !slices.Equal(version.Tiers, charged()) || h.ordered(t) != vending.OrderConfirmed || !h.holdsPrices() {
			t.Fatalf("%+v, %v, %v: %+v", version, done, err, h.meter.Snapshot())
		}
	}
	if err := h.meter.Change(func(s *metersim.State) { s.Prices[1] = 315 }); err != nil {
		t.Fatal(err)
	}
	if _, err := d.AskPrices(t.Context(), h.asked, h.wire); !errors.Is(err, vending.ErrPriceUnknown) || h.ordered(t) != vending.OrderScheduled {
		t.Errorf("reset: %v, %s", err, h.ordered(t))
	}
	if _, done, err := d.SendPrices(t.Context(), deed(clerk), h.asked, h.wire); !done || err != nil || !h.holdsPrices() {
		t.Errorf("%v, %v: %+v", done, err, h.meter.Snapshot())
	}
}

// A meter that counts volume is told no price, and nobody tells one who may not.
func TestPricesAreNotSent(t *testing.T) {
	t.Parallel()
	w := pricedWorld(t)
	volume, money := w.onLine(t, gasOnLine(), metersim.Friendly(), 1), w.onLine(t, moneyOnLine(), metersim.Friendly(), 1)
	told := &list{}
	_, _, err := w.desk(w.store).SendPrices(t.Context(), deed(clerk), volume.asked, told)
	wantErr(t, err, vending.ErrNotMoneyMeter)
	_, _, err = w.desk(w.store).SendPrices(t.Context(), deed(finance), money.asked, told)
	wantErr(t, err, vending.ErrNotPermitted)
	if told.told > 0 || told.asked > 0 || money.ordered(t) != "" {
		t.Errorf("%+v, %s", told, money.ordered(t))
	}
}

// list is the price list of a meter that does what its fields say.
type list struct {
	before, after []vending.Tier
	said          error // to an order
	mute          int   // it does not say what it charges, from this question on
	refuses       error // what it says then
	sending       func()
	told, asked   int
}

func (l *list) SetPrices(context.Context, vending.Tariff) error {
	if l.told++; l.sending != nil {
		l.sending()
	}
	return l.said
}

func (l *list) Prices(context.Context) ([]vending.Tier, error) {
	if l.asked++; l.refuses != nil && l.asked >= l.mute {
		return nil, l.refuses
	}
	if l.told > 0 {
		return l.after, nil
	}
	return l.before, nil
}

// What the meter charges counts, whatever it says to an order; what is not proved stays sent.
func TestPriceCountsWhenTheMeterCharges(t *testing.T) {
	t.Parallel()
	w, was := pricedWorld(t), []vending.Tier{{PriceFen: 263}}
	for name, c := range map[string]struct {
		meter list
		told  int
		state vending.OrderState
		want  error
	}{
		"it takes it":                 {list{before: was, after: charged()}, 1, vending.OrderConfirmed, nil},
		"and nobody said so":          {list{before: was, after: charged(), said: errCutLine}, 1, vending.OrderConfirmed, nil},
		"and said that it does not":   {list{before: was, after: charged(), said: vending.ErrMeterDeclined}, 1, vending.OrderConfirmed, nil},
		"it has it":                   {list{before: charged()}, 0, vending.OrderConfirmed, nil},
		"it said so, and did not":     {list{before: was, after: was}, 1, vending.OrderSent, vending.ErrSettingUnproved},
		"half of it":                  {list{before: was, after: charged()[:1]}, 3, vending.OrderSent, vending.ErrSettingUnproved},
		"nothing heard, not taken":    {list{before: was, after: was, said: errCutLine}, 3, vending.OrderSent, vending.ErrSettingUnproved},
		"it declines":                 {list{before: was, after: was, said: vending.ErrMeterDeclined}, 1, vending.OrderScheduled, vending.ErrMeterDeclined},
		"it cannot hold it":           {list{before: was, after: was, said: vending.ErrPriceLine}, 1, vending.OrderScheduled, vending.ErrPriceLine},
		"it declines, and is mute":    {list{before: was, said: vending.ErrMeterDeclined, mute: 2, refuses: errCutLine}, 1, vending.OrderSent, vending.ErrSettingUnproved},
		"mute after the order":        {list{before: was, mute: 2, refuses: errCutLine}, 1, vending.OrderSent, vending.ErrSettingUnproved},
		"mute before the order":       {list{mute: 1, refuses: errCutLine}, 0, vending.OrderScheduled, errCutLine},
		"its protocol knows no price": {list{mute: 1, refuses: vending.ErrNotSettable}, 0, vending.OrderScheduled, vending.ErrNotSettable},
	} {
		h, d := w.onLine(t, moneyOnLine(), metersim.Friendly(), 1), w.desk(w.store)
		c.meter.sending = func() {
			if s := h.ordered(t); s != vending.OrderSent {
				t.Errorf("%s: told while %s", name, s)
			}
		}
		order := deed(clerk)
		_, _, err := d.SendPrices(t.Context(), order, h.asked, &c.meter)
		if !errors.Is(err, c.want) || c.want == nil && err != nil || c.meter.told != c.told || h.ordered(t) != c.state {
			t.Errorf("%s: %v, told %d times, %s", name, err, c.meter.told, h.ordered(t))
		}
		if c.state != vending.OrderSent {
			continue
		}
		// It says the price of before: what was sent may be on its way still.
		if _, err := d.AskPrices(t.Context(), h.asked, &list{before: was}); err != nil || h.ordered(t) != vending.OrderSent {
			t.Errorf("%s, asked: %v, %s", name, err, h.ordered(t))
		}
		late := &list{before: charged()}
		if _, done, err := d.SendPrices(t.Context(), order, h.asked, late); done || err != nil || late.told > 0 || h.ordered(t) != vending.OrderConfirmed {
			t.Errorf("%s, late: %v, %v, told %d times, %s", name, done, err, late.told, h.ordered(t))
		}
	}
}

// Whoever gives up while the meter takes a price: what it shows then is in the books.
func TestPriceIsKeptThoughNobodyWaits(t *testing.T) {
	t.Parallel()
	w := pricedWorld(t)
	h := w.onLine(t, moneyOnLine(), metersim.Friendly(), 1)
	ctx, gone := context.WithCancel(t.Context())
	meter := &list{before: []vending.Tier{{PriceFen: 263}}, after: charged(), sending: gone}
	if _, done, err := w.desk(w.store).SendPrices(ctx, deed(clerk), h.asked, meter); !done || err != nil || h.ordered(t) != vending.OrderConfirmed {
		t.Errorf("%v, %v, %s", done, err, h.ordered(t))
	}
}

// An electricity meter takes a list into the set that is not in force: the order is on its way until the meter's clock is there, and counts
// when the meter charges it. Told again meanwhile it changes nothing.
func TestPricesOfAnElectricMeterOverTheWire(t *testing.T) {
	t.Parallel()
	w, list := newWorld(t), moneyList(t, "power-money")
	list.Measures, list.Tiers = ledger.WattHour, []vending.Tier{{UpTo: 2_160_000, PriceFen: 49}, {PriceFen: 54}}
	w.lists(t, list)
	speaks := electricOnLine()
	speaks.tariff = "power-money"
	h := w.onLine(t, speaks, metersim.Friendly(), 1)
	if err := h.meter.Change(func(s *metersim.State) { s.Electric.Ladder = 2 }); err != nil {
		t.Fatal(err)
	}
	d, order := w.desk(w.store), deed(clerk)
	for range 2 {
		_, _, err := d.SendPrices(t.Context(), order, h.asked, h.wire)
		wantErr(t, err, vending.ErrSettingUnproved)
		if e := h.meter.Snapshot().Electric; h.ordered(t) != vending.OrderSent || e.Second[1] || e.Sets[1].Ladder != [4]int64{4900, 5400, 5400} {
			t.Errorf("%s: %+v", h.ordered(t), e)
		}
	}
	if err := h.meter.Advance(3 * time.Minute); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, done, err := d.SendPrices(t.Context(), order, h.asked, h.wire); done || err != nil || h.ordered(t) != vending.OrderConfirmed {
			t.Errorf("%v, %v, %s", done, err, h.ordered(t))
		}
	}
	if e := h.meter.Snapshot().Electric; !e.Second[1] || e.Sets[0] != (metersim.PriceSet{}) {
		t.Errorf("%+v", e)
	}
}

// weather spoils answers from one on: a few, or all until it clears.
type weather struct{ before, spoilt atomic.Int64 }

func (w *weather) plan(f metersim.Fault) metersim.FaultPlan {
	return func(*rand.Rand) metersim.Fault {
		if w.before.Add(-1) >= 0 || w.spoilt.Add(-1) < 0 {
			return metersim.NoFault
		}
		return f
	}
}

// An answer that does not come, comes in pieces or lies, or a meter that loses its power between deed and answer, at every exchange:
// the books never say what the meter does not, and the same deed again finds out.
func TestPricesOverTheWireAreCut(t *testing.T) {
	t.Parallel()
	w := pricedWorld(t)
	for _, fault := range append(metersim.HardFaults(), metersim.Refusal, metersim.HexDigits, metersim.OtherSize) {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w.pricesAreCut(t, fault)
		})
	}
}

func (w *world) pricesAreCut(t *testing.T, fault metersim.Fault) {
	const answers = 6 // to two questions, the order and two questions, and one more
	for at := range answers {
		for _, spoilt := range []int64{1, 1_000} {
			sky := new(weather)
			sky.before.Store(int64(at))
			sky.spoilt.Store(spoilt)
			h, order, name := w.onLine(t, moneyOnLine(), sky.plan(fault), 1), deed(clerk), fmt.Sprintf("%d × %s from answer %d", spoilt, fault, at)
			_, _, err := w.desk(w.store).SendPrices(t.Context(), order, h.asked, h.wire)
			h.wantTrue(t, name)
			if err == nil && !h.holdsPrices() {
				t.Errorf("%s: it said that it did", name)
			}
			sky.spoilt.Store(0)
			h.pricesEndWell(t, name, order)
		}
	}
}

// The database is cut at every commit.
func TestPricesOverTheWireAreCutAtCommits(t *testing.T) {
	t.Parallel()
	w := pricedWorld(t)
	for name, do := range map[string]func(*cutConn, []byte) error{
		"not sent": commitNotSent, "answer lost": commitAnswerLost, "on its way": commitOnItsWay,
	} {
		for at := range 7 {
			h, order, link := w.onLine(t, moneyOnLine(), metersim.Friendly(), 1), deed(clerk), &wire{at: -1}
			s, err := w.open(t.Context(), link)
			if err != nil {
				t.Fatal(err)
			}
			link.arm(at, do)
			_, _, _ = w.desk(s).SendPrices(t.Context(), order, h.asked, h.wire)
			s.Close()
			name := fmt.Sprintf("commit %d, %s", at, name)
			h.wantTrue(t, name)
			h.pricesEndWell(t, name, order)
		}
	}
}

// pricesEndWell gives the same deed again, until the meter that lost its power is there.
func (h *metered) pricesEndWell(t *testing.T, name string, order vending.Deed) {
	t.Helper()
	d := h.world.desk(h.world.store)
	for try := 1; ; try++ {
		_, _, err := d.SendPrices(t.Context(), order, h.asked, h.wire)
		h.wantTrue(t, name)
		if err == nil {
			break
		}
		if try == patience {
			t.Fatalf("%s: again: %v", name, err)
		}
	}
	if h.ordered(t) != vending.OrderConfirmed || !h.holdsPrices() {
		t.Errorf("%s: in the end %s: %+v", name, h.ordered(t), h.meter.Snapshot())
	}
}
