package counter_test

import (
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// applies asks for the account of 1001, with what there is of papers and meter number.
func applies(papers bool, seen string) counter.AccountRequest {
	req := counter.AccountRequest{Customer: vending.Customer{No: liver, Name: "王芳", Tariff: "gas-residential", Status: vending.InService},
		Meter: vending.Meter{No: firstNo, Commodity: ledger.Litre, MaxCredit: 2_000_000}, Seen: seen}
	if papers {
		req.Papers = vending.Papers{Kind: "id_card", Tail: "123X", Contract: "HT-1"}
	}
	return req
}

// RULES A5: in service with papers, contract and the meter number on site, and not before; whatever of it comes later goes on from there.
func TestAnAccountWithoutPapersIsNotInService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		req  counter.AccountRequest
		want vending.Status
	}{
		"nothing":     {applies(false, ""), vending.Registered},
		"no papers":   {applies(false, firstNo), vending.Registered},
		"no one went": {applies(true, ""), vending.Registered},
		"all of it":   {applies(true, firstNo), vending.InService},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := emptyLobby(t)
			for i := range 2 {
				account, done, err := h.OpenAccount(t.Context(), vending.Deed{By: clerk}, c.req)
				if err != nil || done != (i == 0) || account.Status != c.want {
					t.Errorf("%s, %t, %v; want %s", account.Status, done, err, c.want)
				}
			}
			account, _, err := h.OpenAccount(t.Context(), vending.Deed{By: clerk}, applies(true, firstNo))
			if err != nil || account.Status != vending.InService {
				t.Error(account, err)
			}
			h.wants(nil)
		})
	}
}

// A meter number that differs on site is recorded once a deed, whatever step it stands in the way of, and nothing else is done.
func TestAMeterNumberThatDiffersIsRecorded(t *testing.T) {
	t.Parallel()
	h := emptyLobby(t)
	for _, seen := range []string{secondNo, secondNo, thirdNo} {
		_, _, err := h.OpenAccount(t.Context(), vending.Deed{By: clerk}, applies(true, seen))
		h.refuses(err, vending.ErrMeterMismatch)
	}
	accept := deed(clerk)
	for range 2 {
		_, _, err := h.TakeStep(t.Context(), accept, counter.StepRequest{Customer: liver, Change: vending.Change{Step: vending.StepAccept, Seen: thirdNo}})
		h.refuses(err, vending.ErrMeterMismatch)
	}
	_, _, err := h.Rehearsal().TakeStep(t.Context(), deed(clerk), counter.StepRequest{Customer: liver, Change: vending.Change{Step: vending.StepAccept, Seen: thirdNo}})
	h.refuses(err, vending.ErrMeterMismatch)
	list, err := h.Store.Records(t.Context(), liver, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, r := range list {
		if r.Kind == vending.DeedMismatch {
			seen = append(seen, r.Detail)
		}
	}
	var want []string
	for _, number := range []string{secondNo, thirdNo, thirdNo} {
		want = append(want, fmt.Sprintf(`{"contract":%q,"seen":%q}`, firstNo, number))
	}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", seen, want)
	}
	if c, _, err := h.Store.Customer(t.Context(), liver); err != nil || c.Status != vending.Registered {
		t.Error(c, err)
	}
}

// What was sold or reported for a number stays under it.
func TestAMeterNumberInTheBooksIsNotCorrected(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	h.bought(firstNo, 0, -1)
	d := deed(clerk)
	d.Why = "typo"
	_, err := h.CorrectMeter(t.Context(), d, counter.MeterCorrection{Customer: liver, Old: firstNo, New: secondNo})
	h.refuses(err, vending.ErrMeterUsed)
}

// A number is corrected after a month was closed and a card issued for it: the card is dead, a new one sells, the number can be corrected
// back, and it is free for its own household.
func TestAMeterNumberIsCorrectedEverywhere(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-30 12:00")
	h := s.home("gas-residential")
	s.silent = true // nobody has a meter of that number to read
	s.on("2026-02-02 10:00")
	wrong := h.number()
	onLine := vending.LineMeter{Customer: h.no, Meter: wrong, Model: "cjt188-gas", Line: "/dev/ttyS0", Baud: 2400, Parity: "even", Address: wrong}
	_, err := s.PutOnLine(t.Context(), deed(clerk), onLine, alone)
	s.must(err)
	_, err = s.sql.Exec(t.Context(), `insert into card_owner (uid, customer_no) values ($1, $2)`, vending.LineSerial(wrong), h.no)
	s.must(err)
	for i, to := range []string{secondNo, wrong, secondNo} {
		d := deed(clerk)
		d.Why = "the contract was typed wrong"
		if done, err := s.CorrectMeter(t.Context(), d, counter.MeterCorrection{Customer: h.no, Old: h.number(), New: to}); err != nil || !done {
			t.Fatal(i, done, err)
		}
		h.meter = s.meter(to, ledger.Litre)
	}
	if _, err := s.TopUp(t.Context(), h.terminal(), request(20_000)); err == nil {
		t.Error("a card for the wrong meter sells")
	}
	if owner, err := s.Store.MeterOwner(t.Context(), secondNo); err != nil || owner != h.no {
		t.Error(owner, err)
	}
	_, err = s.Store.MeterOwner(t.Context(), wrong)
	wantErr(t, err, vending.ErrNoMeter)
	_, err = s.Store.LineMeter(t.Context(), wrong)
	wantErr(t, err, vending.ErrNoLine)
	var free bool
	s.must(s.sql.QueryRow(t.Context(), `select not exists (select from card_owner where uid = $1)`, vending.LineSerial(wrong)).Scan(&free))
	if !free {
		t.Error("the household that has the meter cannot be put on a line")
	}
	h.chip = cardsim.NewBlank(uid(h.no + 500))
	card, _, err := s.IssueCard(t.Context(), h.terminal(), h.no, secondNo)
	s.must(err)
	h.card, s.silent = card.No, false
	h.buys(20_000, firstBuy, 1, 0)
	h.burns(1000)
	s.on("2026-03-01 10:00")
	s.proves()
}
