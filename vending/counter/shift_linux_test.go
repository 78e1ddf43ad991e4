package counter_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

func handIn(yuan int64, why string) vending.Closing {
	return vending.Closing{Count: vending.Count{100: yuan}, Bank: "main", Safe: "main", Reason: why}
}

// A shift from the float to the safe: what was taken, over and short, by every means, with the books in between.
func TestShiftThroughTheDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.moves(t, "bank:main", "safe:main", 50000)
	open := deed(clerk)
	req := counter.ShiftOpening{Till: "1", FloatFen: 30000, Safe: "main"}
	s, done, err := o.OpenShift(t.Context(), open, req)
	if err != nil || !done || s.Number() != "1-1" || s.State != vending.ShiftOpen {
		t.Fatal(s, done, err)
	}
	again, done, err := o.OpenShift(t.Context(), open, req)
	if err != nil || done || again.Number() != "1-1" {
		t.Error(again, done, err)
	}
	if at, err := o.Store.ShiftAt(t.Context(), "1"); err != nil || at.Number() != "1-1" || at.FloatFen != 30000 {
		t.Error(at, err)
	}
	f := o.family(t, 1001)
	for _, m := range vending.AllMeans {
		f.bought(t, "1-1", m)
	}
	held, err := o.Store.HeldByShift(t.Context(), "1-1")
	if err != nil || held[vending.Cash] != 50000 || held[vending.Mobile] != 20000 || len(held) != 6 {
		t.Fatal(held, err)
	}
	// 499 yuan counted where 500 should be: short by one, 300 to the bank, 199 into the safe.
	handed := handIn(499, "counted twice")
	handed.BankFen = 30000
	end := deed(clerk)
	closed, done, err := o.CloseShift(t.Context(), end, "1-1", handed)
	if err != nil || !done || closed.Difference() != -100 || closed.State != vending.ShiftClosed {
		t.Fatal(closed, done, err)
	}
	again, done, err = o.CloseShift(t.Context(), end, "1-1", handed)
	if err != nil || done || again.Difference() != -100 || again.Count[100] != 499 || again.Reason != "counted twice" || again.Closed.IsZero() {
		t.Error(again, done, err)
	}
	books := o.trial(t)
	maps.DeleteFunc(books, func(a string, _ int64) bool { return a == "advance:1001" || a == "prepaid:1001" })
	want := map[string]int64{"safe:main": 20000 + 19900, "bank:main": -50000 + 30000 + 3*20000, "bank:card": 20000, "bank:mobile": 20000,
		"difference:1": 100}
	if !maps.Equal(books, want) {
		t.Errorf("%v, want %v", books, want)
	}
	_, _, err = o.CloseShift(t.Context(), deed(clerk), "1-1", handed)
	wantErr(t, err, vending.ErrShiftClosed)
	if s := o.opens(t, clerk, "1"); s.Number() != "1-2" {
		t.Error(s.Number())
	}
	o.wantClean(t)
}

// moves is finance moving the company's cash.
func (o *office) moves(t testing.TB, from, to string, fen int64) {
	t.Helper()
	if done, err := o.MoveCash(t.Context(), deed(finance), counter.CashMove{From: from, To: to, AmountFen: fen}); err != nil || !done {
		t.Fatal(done, err)
	}
}

func TestShiftsAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.hires(t, "li")
	li := vending.Actor{Staff: "li", Role: vending.RoleCashier}
	o.opens(t, clerk, "1")
	for name, c := range map[string]struct {
		by   vending.Actor
		req  counter.ShiftOpening
		want error
	}{
		"one till, one cashier": {li, counter.ShiftOpening{Till: "1", Safe: "main"}, vending.ErrTillBusy},
		"one cashier, one till": {clerk, counter.ShiftOpening{Till: "2", Safe: "main"}, vending.ErrCashierBusy},
		"nobody of ours":        {vending.Actor{Staff: "ghost", Role: vending.RoleCashier}, counter.ShiftOpening{Till: "2", Safe: "main"}, vending.ErrNoStaff},
		"no right":              {finance, counter.ShiftOpening{Till: "2", Safe: "main"}, vending.ErrNotPermitted},
		"till":                  {li, counter.ShiftOpening{Till: "2-1", Safe: "main"}, vending.ErrTillInvalid},
		"safe":                  {li, counter.ShiftOpening{Till: "2"}, vending.ErrPlaceInvalid},
		"below zero":            {li, counter.ShiftOpening{Till: "2", Safe: "main", FloatFen: -1}, vending.ErrAmountInvalid},
		"more than in the safe": {li, counter.ShiftOpening{Till: "2", Safe: "main", FloatFen: 1}, vending.ErrSafeShort},
	} {
		_, done, err := o.OpenShift(t.Context(), deed(c.by), c.req)
		if done {
			t.Errorf("%s: done", name)
		}
		wantErr(t, err, c.want)
	}
	_, _, err := o.CloseShift(t.Context(), deed(li), "1-1", handIn(0, ""))
	wantErr(t, err, vending.ErrNotYourShift)
	_, _, err = o.CloseShift(t.Context(), deed(clerk), "1-9", handIn(0, ""))
	wantErr(t, err, vending.ErrNoShift)
	_, _, err = o.CloseShift(t.Context(), deed(clerk), "1-1", handIn(1000, ""))
	wantErr(t, err, vending.ErrDifferenceWhy)
	_, _, err = o.CloseShift(t.Context(), deed(clerk), "1-1", handIn(1000, "found under the mat"))
	wantErr(t, err, vending.ErrFourEyes)
	// Nothing is half done: it is counting, sells nothing and can be closed. Each count is kept.
	if s, err := o.Store.Shift(t.Context(), "1-1"); err != nil || s.State != vending.ShiftClosing || s.Counts != 2 {
		t.Error(s, err)
	}
	_, err = o.family(t, 1001).opened(t.Context(), "1-1", vending.Cash)
	wantErr(t, err, vending.ErrShiftClosed)
	if s, err := o.Store.ShiftAt(t.Context(), "1"); err != nil || s.State != vending.ShiftClosing {
		t.Error(s, err)
	}
	_, err = o.Store.ShiftAt(t.Context(), "2")
	wantErr(t, err, vending.ErrNoOpenShift)
	if books := o.trial(t); len(books) != 0 {
		t.Error(books)
	}
	approved := deed(clerk)
	approved.Approved = chief
	s, done, err := o.CloseShift(t.Context(), approved, "1-1", handIn(1000, "found under the mat"))
	if err != nil || !done || s.Approved != "chief" || s.Difference() != 100000 {
		t.Error(s, done, err)
	}
	if books := o.trial(t); !maps.Equal(books, map[string]int64{"safe:main": 100000, "difference:1": -100000}) {
		t.Error(books)
	}
	// A supervisor may close the shift of one who went home.
	o.opens(t, li, "2")
	if _, done, err := o.CloseShift(t.Context(), deed(chief), "2-1", handIn(0, "")); err != nil || !done {
		t.Error(done, err)
	}
	done, err = o.MoveCash(t.Context(), deed(finance), counter.CashMove{From: "safe:main", To: "bank:main", AmountFen: 100001})
	if wantErr(t, err, vending.ErrSafeShort); done {
		t.Error("moved")
	}
	_, err = o.MoveCash(t.Context(), deed(finance), counter.CashMove{From: "safe:main", To: "till:1-1", AmountFen: 1})
	wantErr(t, err, vending.ErrPlaceInvalid)
	_, err = o.MoveCash(t.Context(), deed(clerk), counter.CashMove{From: "safe:main", To: "bank:main", AmountFen: 1})
	wantErr(t, err, vending.ErrNotPermitted)
	o.wantClean(t)
}

// A rehearsal says what a close would say, and sales go on.
func TestCloseIsRehearsed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	f := o.family(t, 1001)
	f.bought(t, "1-1", vending.Cash)
	s, err := o.RehearseClose(t.Context(), deed(chief), "1-1", handIn(201, "?"))
	if err != nil || s.Difference() != 100 {
		t.Error(s, err)
	}
	_, err = o.RehearseClose(t.Context(), deed(clerk), "1-1", handIn(201, "?"))
	wantErr(t, err, vending.ErrNotPermitted)
	f.bought(t, "1-1", vending.Cash)
	if s, err := o.Store.Shift(t.Context(), "1-1"); err != nil || s.State != vending.ShiftOpen || s.Counted != 0 {
		t.Error(s, err)
	}
}

// Two who close at once take turns: one does it, the other is told so, and the money moves once.
func TestTwoClosesAtOnce(t *testing.T) {
	t.Parallel()
	for name, same := range map[string]bool{"the same deed": true, "two deeds": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.opens(t, clerk, "1")
			o.family(t, 1001).bought(t, "1-1", vending.Cash)
			first := deed(clerk)
			var mu sync.Mutex
			did, closed, told := 0, 0, 0
			var closers sync.WaitGroup
			for range 4 {
				closers.Go(func() {
					d := first
					if !same {
						d.ID = uuid.New()
					}
					_, done, err := o.CloseShift(t.Context(), d, "1-1", handIn(200, ""))
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil && done:
						did++
					case err == nil:
						told++
					default:
						wantErr(t, err, vending.ErrShiftClosed)
						closed++
					}
				})
			}
			closers.Wait()
			if did != 1 || same && told != 3 || !same && closed != 3 {
				t.Errorf("%d did it, %d were told that it is done, %d that it is closed", did, told, closed)
			}
			if books := o.trial(t); books["safe:main"] != 20000 || books["till:1-1"] != 0 {
				t.Error(books)
			}
		})
	}
}

// Sales that race with a close are either in the count or refused: nothing is left in a closed shift's account.
func TestSalesRaceWithTheClose(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	const cashiers = 6
	var families [cashiers]*family
	for i := range families {
		families[i] = o.family(t, int64(1001+i))
	}
	sold := make(chan bool, 1000)
	var selling sync.WaitGroup
	for _, f := range families {
		selling.Go(func() {
			for {
				p, err := f.opened(t.Context(), "1-1", vending.Cash)
				if err != nil {
					wantErr(t, err, vending.ErrShiftClosed)
					return
				}
				f.ends(t, p, vending.ProvedLoaded)
				sold <- true
			}
		})
	}
	for range 2 * cashiers {
		<-sold // so that the close comes into the middle of it
	}
	approved := deed(clerk)
	approved.Approved = chief
	s, _, err := o.CloseShift(t.Context(), approved, "1-1", handIn(0, "counted nothing"))
	if err != nil {
		t.Fatal(err)
	}
	selling.Wait()
	n := int64(len(sold)) + 2*cashiers
	if s.Expected != n*20000 {
		t.Errorf("%d sales, %d fen expected", n, s.Expected)
	}
	if held, err := o.Store.HeldByShift(t.Context(), "1-1"); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
	o.wantClean(t)
}

// A close waits for a sale that found the shift open and has not committed yet.
func TestCloseWaitsForTheSaleInFlight(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	f := o.family(t, 1001)
	inside, release := make(chan bool), make(chan bool)
	f.before = func() { inside <- true; <-release }
	sold, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := f.opened(t.Context(), "1-1", vending.Cash)
		sold <- err
	}()
	<-inside
	var s vending.Shift
	go func() {
		var err error
		s, _, err = o.CloseShift(t.Context(), deed(clerk), "1-1", handIn(200, ""))
		closed <- err
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for waits := false; !waits; {
		select {
		case err := <-closed:
			t.Fatalf("closed with a sale in flight: %v", err)
		case <-tick.C:
		}
		err := o.sql.QueryRow(t.Context(), `select exists (select from pg_locks l join pg_database d on d.oid = l.database
			where l.locktype = 'advisory' and not l.granted and d.datname = current_database())`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	if err := <-sold; err != nil {
		t.Fatal(err)
	}
	if err := <-closed; err != nil || s.Expected != 20000 || s.Difference() != 0 {
		t.Error(s, err)
	}
	o.wantClean(t)
}

func TestDayCloses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.hires(t, "li")
	li := vending.Actor{Staff: "li", Role: vending.RoleCashier}
	o.opens(t, clerk, "1")
	o.opens(t, li, "2")
	f, g := o.family(t, 1001), o.family(t, 1002)
	f.bought(t, "1-1", vending.Cash)
	g.bought(t, "1-1", vending.Cash)
	g.bought(t, "2-1", vending.Mobile)
	doubtful, err := f.opened(t.Context(), "2-1", vending.Cash)
	if err != nil {
		t.Fatal(err)
	}
	today := vending.DateOf(time.Now())
	if _, _, err = o.CloseDay(t.Context(), deed(chief), today, nil); err == nil {
		t.Fatal("closed with shifts open")
	}
	wantErr(t, err, vending.ErrShiftsOpen)
	for number, c := range map[string]vending.Actor{"1-1": clerk, "2-1": li} {
		yuan := map[string]int64{"1-1": 400, "2-1": 200}[number]
		if _, _, err := o.CloseShift(t.Context(), deed(c), number, handIn(yuan, "")); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = o.CloseDay(t.Context(), deed(clerk), today, nil)
	wantErr(t, err, vending.ErrNotPermitted)
	_, _, err = o.CloseDay(t.Context(), deed(chief), today+1, nil)
	wantErr(t, err, vending.ErrDayNotOver)
	end := deed(chief)
	for i, want := range []bool{true, false} {
		day, done, err := o.CloseDay(t.Context(), end, today, []byte("seal"))
		if err != nil || done != want || day.ClosedBy != "chief" || string(day.Head) != "seal" || len(day.Shifts) != 2 {
			t.Fatal(i, day, done, err)
		}
		// A purchase in doubt is listed and does not keep the day open (RULES B8).
		if len(day.Open) != 1 || day.Open[0].ID != doubtful.ID || day.Open[0].MoneyFen != 20000 {
			t.Errorf("%+v", day.Open)
		}
		wantTakings(t, day.Takings, map[vending.Takings]bool{
			{Shift: "1-1", Cashier: "clerk", Means: vending.Cash, Class: "gas-residential", Count: 2, InFen: 40000}: true,
			{Shift: "2-1", Cashier: "li", Means: vending.Cash, Class: "gas-residential", Count: 1, InFen: 20000}:    true,
			{Shift: "2-1", Cashier: "li", Means: vending.Mobile, Class: "gas-residential", Count: 1, InFen: 20000}:  true,
		})
	}
	_, _, err = o.CloseDay(t.Context(), deed(chief), today, nil)
	wantErr(t, err, vending.ErrDayClosed)
	_, _, err = o.OpenShift(t.Context(), deed(clerk), counter.ShiftOpening{Till: "1", Safe: "main"})
	wantErr(t, err, vending.ErrDayClosed)
}

func wantTakings(t *testing.T, got []vending.Takings, want map[vending.Takings]bool) {
	t.Helper()
	for _, line := range got {
		if !want[line] {
			t.Errorf("%+v", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
}

// Open matters are listed and signed by both (RULES B8).
func TestHandover(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.hires(t, "li")
	li := vending.Actor{Staff: "li", Role: vending.RoleCashier}
	o.opens(t, clerk, "1")
	f := o.family(t, 1001)
	p, err := f.opened(t.Context(), "1-1", vending.Cash)
	if err != nil {
		t.Fatal(err)
	}
	signed := deed(clerk)
	signed.Approved = li
	_, _, err = o.HandOver(t.Context(), signed, "1-1", 0)
	wantErr(t, err, vending.ErrHandoverSeen)
	for i, want := range []bool{true, false} {
		h, done, err := o.HandOver(t.Context(), signed, "1-1", 1)
		if err != nil || done != want || h.From != "clerk" || h.To != "li" || len(h.Matters) != 1 || h.Matters[0].ID != p.ID {
			t.Error(i, h, done, err)
		}
	}
	other := deed(clerk)
	other.Approved = li
	_, _, err = o.HandOver(t.Context(), other, "1-1", 1)
	wantErr(t, err, vending.ErrHandoverSigned)
}

// A deposit slip is used once, by whomever and however it is typed (RULES B4).
func TestDepositSlipIsUsedOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	use := func(no int64, p vending.Payment) error {
		return o.Store.ForCustomer(t.Context(), no, vending.Deed{ID: uuid.New(), Kind: "test", By: clerk}, func(tx *store.Tx) error {
			return tx.UseReference(t.Context(), p, uuid.New())
		})
	}
	o.family(t, 1001)
	o.family(t, 1002)
	slip := vending.Payment{Means: vending.DepositSlip, Bank: "icbc", Reference: "ab-12"}
	wantErr(t, use(1001, slip), nil)
	wantErr(t, use(1001, slip), vending.ErrReferenceUsed)
	slip.Reference = "AB-12"
	wantErr(t, use(1002, slip), vending.ErrReferenceUsed)
	slip.Bank = "ccb"
	wantErr(t, use(1002, slip), nil)
	wantErr(t, use(1002, vending.Payment{Means: vending.Cash}), nil)
	wantErr(t, use(1002, vending.Payment{Means: vending.Cash}), nil)
	var used int
	slip.Reference = "CD-1"
	var turn sync.Mutex
	var users sync.WaitGroup
	for i := range 8 {
		users.Go(func() {
			err := use(int64(1001+i%2), slip)
			turn.Lock()
			defer turn.Unlock()
			if err == nil {
				used++
			} else {
				wantErr(t, err, vending.ErrReferenceUsed)
			}
		})
	}
	if users.Wait(); used != 1 {
		t.Errorf("used %d times", used)
	}
}

// A deposit slip tops up once, whoever's card it is (RULES B4). A top-up that is refused uses up nothing.
func TestDepositSlipTopsUpOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	f, g := o.family(t, 1001), o.family(t, 1002)
	slip := vending.Payment{Means: vending.DepositSlip, Bank: "icbc", Reference: "ab-12"}
	_, err := g.paid(t.Context(), "1-9", slip)
	wantErr(t, err, vending.ErrNoShift)
	g.sales = 0
	if _, err := f.paid(t.Context(), "1-1", slip); err != nil {
		t.Fatal(err)
	}
	slip.Reference = "AB-12"
	_, err = g.paid(t.Context(), "1-1", slip)
	wantErr(t, err, vending.ErrReferenceUsed)
	if held, err := o.Store.HeldByShift(t.Context(), "1-1"); err != nil || held[vending.DepositSlip] != 20000 {
		t.Error(held, err)
	}
	o.wantClean(t)
}
