package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func onCable(no int64, meter string) vending.LineMeter {
	return vending.LineMeter{Customer: no, Meter: meter, Model: "cjt188-money", Line: "cable", Baud: 2400, Parity: "even", Address: "1"}
}

// priced puts a customer's meter that counts money on a line, and makes it what credit is sold on.
func (d *database) priced(t *testing.T, no int64) vending.LineMeter {
	t.Helper()
	m := onCable(no, fmt.Sprintf("3%013d", no))
	meter := vending.Meter{No: m.Meter, Commodity: ledger.CNY, MaxCredit: 1_000_000}
	_, err := d.AddCustomer(t.Context(), vending.Customer{No: no, Name: "李四", Status: vending.InService, Tariff: "gas-money"}, meter, opening)
	if err == nil {
		err = d.inBook(t, no, func(tx *store.Tx) error { return tx.PutOnLine(t.Context(), m) })
	}
	must(t, err)
	d.soldOn(t, m, vending.LineSerial(m.Meter), vending.CardActive)
	return m
}

// soldOn gives a meter a card of that chip.
func (d *database) soldOn(t *testing.T, m vending.LineMeter, uid []byte, is vending.CardState) {
	t.Helper()
	must(t, d.inBook(t, m.Customer, func(tx *store.Tx) error {
		c, err := tx.AddCard(t.Context(), vending.Card{UID: uid, Customer: m.Customer, Meter: m.Meter, KeyVersion: 1}, noon)
		if err != nil || is == vending.CardIssuing {
			return err
		}
		return tx.SetCardState(t.Context(), c.No, is)
	}))
}

// The prices of a meter that we only read are somebody else's: they are ours once credit is sold on it over its line.
func TestPricesAreOfMetersThatAreSoldOn(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	m := d.priced(t, 1001)
	for _, is := range []vending.CardState{vending.CardIssuing, vending.CardReturned} {
		d.by(t, `update card set state = $1`, is)
		d.wantDue(t, m, "the meter is a card that is "+string(is))
	}
	d.soldOn(t, m, []byte("a chip"), vending.CardActive)
	d.wantDue(t, m, "it has a card of its own")
	d.by(t, `update card set state = 'returned'`)
	d.wantDue(t, m, "it is only read")
	since, err := d.WaitingSince(t.Context())
	if list, err2 := d.Waiting(t.Context(), 10); err != nil || err2 != nil || len(list)+len(since.Waiting) > 0 {
		t.Errorf("waiting: %+v, %v, %v, %v", list, since, err, err2)
	}
	d.by(t, `update card set state = 'active', issued_at = $2 where uid = $1`, vending.LineSerial(m.Meter), noon.Add(-time.Hour))
	d.wantDue(t, m, "credit is sold on it", "price gas-money 2000-01-01")
	d.by(t, `update line_meter set added_at = $1`, noon.AddDate(-1, 0, 0))
	if list := d.due(t, 1, m); !list[0].Since.Equal(noon.Add(-time.Hour)) {
		t.Errorf("it waits since %v", list[0].Since)
	}
}

// due are the chores of these meters, all on one bus; purchases are doubtful after an hour.
func (d *database) due(t *testing.T, most int, meters ...vending.LineMeter) []vending.Chore {
	t.Helper()
	var on []store.OnBus
	for _, m := range meters {
		on = append(on, store.OnBus{Meter: m.Meter})
	}
	list, err := d.DueChores(t.Context(), on, time.Hour, most)
	must(t, err)
	return list
}

func (d *database) wantDue(t *testing.T, m vending.LineMeter, what string, want ...string) {
	t.Helper()
	var got []string
	for _, c := range d.due(t, 10, m) {
		got = append(got, string(c.Kind)+" "+c.About)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: due are %q, not %q", what, got, want)
	}
}

// tried keeps how a try at the meter's only due chore went.
func (d *database) tried(t *testing.T, m vending.LineMeter, cause error) {
	t.Helper()
	list := d.due(t, 10, m)
	if len(list) != 1 {
		t.Fatalf("due are %+v", list)
	}
	var trouble *vending.Error
	if cause != nil {
		trouble = vending.ErrMeterDeclined.With("Meter", m.Meter)
	}
	c, pause := list[0].Ended(cause, trouble)
	must(t, d.KeepChore(t.Context(), c, pause))
}

// A price is due until the meter was heard to charge it, and again when it is due to be heard, or somebody has reset the meter.
func TestPricesAreDue(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	d.price(t, moneyAt(midnight(2026, 4, 1), 280))
	d.price(t, moneyAt(midnight(2026, 7, 1), 290))
	m, march, april := d.priced(t, 1001), "price gas-money 2000-01-01", "price gas-money 2026-04-01"
	d.wantDue(t, m, "nobody has asked it", march)

	d.tried(t, m, errors.New("no answer"))
	d.wantDue(t, m, "it did not answer")
	d.at(t, noon.Add(2*time.Minute))
	d.wantDue(t, m, "a minute later", march)
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 263})
	d.tried(t, m, nil)
	d.wantDue(t, m, "it was heard")
	d.at(t, noon.Add(24*time.Hour))
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 199})
	d.wantDue(t, m, "somebody has reset it", march)
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 263})
	d.heardAgain(t, m)
	d.at(t, midnight(2026, 4, 1))
	d.wantDue(t, m, "another is in force", april)

	for range 3 {
		d.at(t, d.clock(t).Add(time.Hour))
		d.tried(t, m, vending.ErrMeterDeclined)
	}
	d.at(t, midnight(2026, 6, 1))
	d.wantDue(t, m, "it has declined")
	list, err := d.Waiting(t.Context(), 10)
	if err != nil || len(list) != 1 || !list[0].GivenUp || list[0].Tries != 3 || list[0].Declines != 3 || !errors.Is(list[0].Trouble, vending.ErrMeterDeclined) ||
		list[0].Trouble.Args["Meter"] != m.Meter || !list[0].Since.Equal(midnight(2026, 4, 1)) {
		t.Errorf("waiting: %+v, %v", list, err)
	}
	since, err := d.WaitingSince(t.Context())
	if err != nil || len(since.Waiting) > 0 || !since.GivenUp[vending.PriceChore].Equal(midnight(2026, 4, 1)) {
		t.Errorf("%+v, %v", since, err)
	}
	d.at(t, midnight(2026, 7, 1))
	d.wantDue(t, m, "the next is in force", "price gas-money 2026-07-01")
	d.at(t, midnight(2026, 6, 2))
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 280}) // a person has sent it
	d.wantDue(t, m, "it is to be heard again", april)
	if list, err := d.Waiting(t.Context(), 10); err != nil || len(list) > 0 {
		t.Errorf("waiting: %+v, %v", list, err)
	}
}

// What was given up, and then confirmed after a person had sent it, is due again as soon as somebody resets the meter: afresh.
func TestGivenUpIsNotForEver(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	m, price := d.priced(t, 1001), "price gas-money 2000-01-01"
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 199})
	for range 3 {
		d.at(t, d.clock(t).Add(time.Hour))
		d.tried(t, m, vending.ErrMeterDeclined)
	}
	d.at(t, d.clock(t).Add(time.Hour))
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 199})
	d.wantDue(t, m, "it charges another price still")
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 263})
	d.wantDue(t, m, "a person has sent it")
	d.at(t, d.clock(t).Add(time.Hour))
	d.hears(t, 1001, m.Meter, vending.Tier{PriceFen: 199})
	d.wantDue(t, m, "somebody has reset it", price)
	d.tried(t, m, vending.ErrMeterDeclined)
	if list, err := d.Waiting(t.Context(), 1); err != nil || len(list) != 1 || list[0].GivenUp || list[0].Tries != 1 || list[0].Declines != 1 {
		t.Errorf("waiting: %+v, %v", list, err)
	}
	d.at(t, d.clock(t).Add(time.Hour))
	d.wantDue(t, m, "it has declined once", price)
}

// heardAgain is tried for a meter that was heard before it was its turn.
func (d *database) heardAgain(t *testing.T, m vending.LineMeter) {
	t.Helper()
	c := vending.Chore{LineMeter: m, Kind: vending.PriceChore, About: "gas-money 2000-01-01"}
	c, pause := c.Ended(nil, nil)
	must(t, d.KeepChore(t.Context(), c, pause))
	d.wantDue(t, m, "it was heard again")
}

func (d *database) clock(t *testing.T) (now time.Time) {
	t.Helper()
	must(t, d.sql.QueryRow(t.Context(), `select ledger_now()`).Scan(&now))
	return now
}

// What waits on one bus does not keep the others waiting, and a meter that is none of ours is nobody's here.
func TestChoresTakeTurns(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	var on []store.OnBus
	for i := range 6 {
		m := d.priced(t, int64(1001+i))
		if i < 5 {
			on = append(on, store.OnBus{Meter: m.Meter, Bus: int32(i / 4)})
		}
	}
	gone := d.priced(t, 2001)
	on = append(on, store.OnBus{Meter: gone.Meter, Bus: 9})
	d.by(t, `update meter set removed_at = now() where no = $1`, gone.Meter)
	list, err := d.DueChores(t.Context(), on, time.Hour, 2)
	var got []int64
	for _, c := range list {
		got = append(got, c.Customer)
	}
	if slices.Sort(got); err != nil || !slices.Equal(got, []int64{1001, 1002, 1005}) {
		t.Errorf("due are %v, %v", got, err)
	}
}

// A purchase is due where it is over the wire and has waited: before every price.
func TestDoubtsAreDue(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	for i, uid := range [][]byte{vending.LineSerial(fmt.Sprintf("1%013d", 1001)), []byte("a chip")} {
		h := d.household(t, int64(1001+i))
		d.by(t, `update card set uid = $2 where no = $1`, h.card.No, uid)
		m := onCable(h.customer.No, h.meter.No)
		h.must(t, func(tx *store.Tx) error { return tx.PutOnLine(t.Context(), m) })
		p := h.sale(1)
		must(t, h.add(t.Context(), p))
		d.at(t, noon.Add(59*time.Minute))
		d.wantDue(t, m, "it may be under way")
		d.at(t, noon.Add(61*time.Minute))
		if i == 1 {
			d.wantDue(t, m, "it travels on a card")
			continue
		}
		d.wantDue(t, m, "nobody knows", "purchase "+p.ID.String())
		d.tried(t, m, errors.New("no answer"))
		d.wantDue(t, m, "it was asked")
		d.at(t, noon.Add(63*time.Minute))
		d.wantDue(t, m, "nobody knows still", "purchase "+p.ID.String())
		since, err := d.WaitingSince(t.Context())
		if err != nil || !since.Waiting[vending.DoubtChore].Equal(noon) {
			t.Errorf("%+v, %v", since, err)
		}
		h.settle(t, p, vending.ProvedLoaded, "")
		d.wantDue(t, m, "it has ended")
		d.at(t, noon)
	}
}
