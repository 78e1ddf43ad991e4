package vending_test

import (
	"errors"
	"maps"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	who   = 1001
	card  = "8100000001"
	meter = "10000000000001"
)

// purchase is the nth of a card whose earlier ones were like it.
func purchase(n uint32) vending.Purchase {
	q, _ := gas.Quote(20000, vending.Usage{})
	return vending.Purchase{ID: uuid.New(), Customer: who, Card: card, Meter: meter, Count: n, Means: vending.Cash, Till: "1",
		Tariff: gas, Quote: q, Total: int64(n) * q.Credit.N, State: vending.Pending, Opened: noon}
}

type arrow struct {
	from vending.State
	on   vending.Event
}

// The diagram in DESIGN.md is the transition table, arrow by arrow.
func TestTransitionsAreAsDrawn(t *testing.T) {
	t.Parallel()
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[arrow]vending.State{}
	for _, m := range regexp.MustCompile(`(?m)^ +(\w+) --> (\w+) : (.+)$`).FindAllStringSubmatch(string(design), -1) {
		drawn[arrow{vending.State(m[1]), vending.Event(m[3])}] = vending.State(m[2])
	}
	made := map[arrow]vending.State{}
	for _, from := range []vending.State{vending.Pending, vending.Loaded, vending.Voided, "", "unknown"} {
		for _, on := range []vending.Event{vending.ProvedLoaded, vending.ProvedUntouched, vending.NothingProved, "", "unknown"} {
			if next, ok := from.Next(on); ok {
				made[arrow{from, on}] = next
			}
		}
	}
	if !maps.Equal(drawn, made) {
		t.Errorf("drawn %v\nmade  %v", drawn, made)
	}
}

func TestOpenTransfers(t *testing.T) {
	t.Parallel()
	p := purchase(1)
	base := ledger.Transfer{Customer: who, Cause: p.ID, At: noon}
	money, cost, credit := base, base, base
	money.ID, money.Kind, money.Debit, money.Credit, money.Amount =
		ledger.MoveID(p.ID, "money"), ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(20000)
	cost.ID, cost.Kind, cost.Debit, cost.Credit, cost.Amount =
		ledger.MoveID(p.ID, "cost"), ledger.Pend, ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(19999)
	credit.ID, credit.Kind, credit.Debit, credit.Credit, credit.Amount =
		ledger.MoveID(p.ID, "credit"), ledger.Pend, ledger.Sold, ledger.Card(card), ledger.Amount{N: 76040, Commodity: ledger.Litre}
	wantTransfers(t, p.OpenTransfers(), money, cost, credit)

	p.Means = vending.FromAdvance
	wantTransfers(t, p.OpenTransfers(), cost, credit)
}

func TestSettleTransfers(t *testing.T) {
	t.Parallel()
	p := purchase(1)
	at := noon.Add(time.Minute)
	for end, kind := range map[vending.State]ledger.Kind{vending.Loaded: ledger.Post, vending.Voided: ledger.Void} {
		base := ledger.Transfer{Customer: who, Kind: kind, Cause: p.ID, At: at}
		cost, credit := base, base
		cost.ID, cost.Pend = ledger.MoveID(p.ID, "cost settled"), ledger.MoveID(p.ID, "cost")
		cost.Debit, cost.Credit, cost.Amount = ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(19999)
		credit.Debit, credit.Credit, credit.Amount = ledger.Sold, ledger.Card(card), ledger.Amount{N: 76040, Commodity: ledger.Litre}
		credit.ID, credit.Pend = ledger.MoveID(p.ID, "credit settled"), ledger.MoveID(p.ID, "credit")
		wantTransfers(t, p.SettleTransfers(end, at), cost, credit)
	}
}

// What another card carries was begun on one that may hold it: an untouched card voids
// nothing. Posted, it is the new card's.
func TestCarried(t *testing.T) {
	t.Parallel()
	own := purchase(1)
	p := own
	p.Began, p.Card = card, "8100000002"
	for event, want := range map[vending.Event]vending.State{vending.ProvedLoaded: vending.Loaded,
		vending.ProvedUntouched: vending.Pending, vending.NothingProved: vending.Pending} {
		if next, ok := p.Next(event); next != want || !ok {
			t.Errorf("%s: %s", event, next)
		}
	}
	wantTransfers(t, p.OpenTransfers(), own.OpenTransfers()...)
	at := noon.Add(time.Minute)
	wantTransfers(t, p.SettleTransfers(vending.Voided, at), own.SettleTransfers(vending.Voided, at)...)
	wantTransfers(t, p.SettleTransfers(vending.Loaded, at), append(own.SettleTransfers(vending.Loaded, at), ledger.Transfer{
		Customer: who, ID: ledger.MoveID(p.ID, "carried"), Kind: ledger.Single, Debit: ledger.Card(card), Credit: ledger.Card(p.Card),
		Amount: p.Quote.Credit, Cause: p.ID, At: at})...)
}

// Identity papers: kind and last characters, and nothing passes where none are on file.
func TestIdentify(t *testing.T) {
	t.Parallel()
	filed := vending.Papers{Kind: "id_card", Tail: "123X"}
	for shown, want := range map[vending.Papers]error{filed: nil, {Kind: "id_card", Tail: "123X", Contract: "GS-1"}: nil,
		{Kind: "licence", Tail: "123X"}: vending.ErrPapersDiffer, {Kind: "id_card", Tail: "1234"}: vending.ErrPapersDiffer, {}: vending.ErrPapersDiffer} {
		if err := filed.Identify(shown); !errors.Is(err, want) {
			t.Errorf("%+v: %v, want %v", shown, err, want)
		}
	}
	for _, filed := range []vending.Papers{{}, {Kind: "id_card"}, {Tail: "123X"}} {
		if err := filed.Identify(filed); !errors.Is(err, vending.ErrPapers) {
			t.Errorf("%+v: %v", filed, err)
		}
	}
}

func wantTransfers(t *testing.T, got []ledger.Transfer, want ...ledger.Transfer) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d transfers: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

// RULES B10.
func TestWhoMayBeSoldTo(t *testing.T) {
	t.Parallel()
	for status, want := range map[vending.Status]bool{vending.Registered: true, vending.InService: true, vending.Vacant: true,
		vending.Suspended: false, vending.Sealed: false, vending.Dismantled: false, vending.Closed: false, "": false} {
		if status.MaySell() != want {
			t.Errorf("%q: %t", status, !want)
		}
	}
	for state, want := range map[vending.CardState]error{vending.CardActive: nil, vending.CardLost: vending.ErrCardLost,
		vending.CardDamaged: vending.ErrCardBroken, vending.CardReturned: vending.ErrCardReturned,
		vending.CardIssuing: vending.ErrCardNotActive, "": vending.ErrCardNotActive} {
		c := vending.Card{No: card, State: state}
		if err := c.Sellable(); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", state, err, want)
		}
		if dead := state != "" && !state.Live(); dead != (c.Dead() != nil) {
			t.Errorf("%q: %v", state, c.Dead())
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for c, ok := range map[vending.Customer]bool{{No: 1, Name: "王芳"}: true, {No: 0, Name: "王芳"}: false, {No: -1, Name: "王芳"}: false, {No: 1}: false} {
		if err := c.Valid(); (err == nil) != ok || !ok && !errors.Is(err, vending.ErrNumberInvalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for m, ok := range map[vending.Meter]bool{
		{No: meter, MaxCredit: 1}:             true,
		{No: meter, MaxCredit: 0}:             false,
		{No: meter, MaxCredit: -1}:            false,
		{No: "1000000000001", MaxCredit: 1}:   false,
		{No: "100000000000011", MaxCredit: 1}: false,
		{No: "1000000000000A", MaxCredit: 1}:  false,
		{No: "１00000000000", MaxCredit: 1}:    false, // 14 bytes
		{No: "-1000000000001", MaxCredit: 1}:  false,
		{No: "", MaxCredit: 1}:                false,
	} {
		if err := m.Valid(); (err == nil) != ok || !ok && !errors.Is(err, vending.ErrNumberInvalid) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// Errors are the same by their code, whatever their arguments, also in a wrap.
func TestErrorsAreComparedByCode(t *testing.T) {
	t.Parallel()
	err := error(vending.ErrNoMeter.With("Meter", meter))
	if !errors.Is(errors.Join(errors.New("other"), err), vending.ErrNoMeter) || errors.Is(err, vending.ErrNoCustomer) {
		t.Error(err)
	}
	if vending.ErrNoMeter.Args != nil || vending.ErrNoMeter.Error() != "no_meter" || err.Error() != "no_meter map[Meter:"+meter+"]" {
		t.Error(vending.ErrNoMeter, err)
	}
}
