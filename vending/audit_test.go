package vending_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// The names of the invariants, as an operator sees them.
const (
	onePending  = "one pending purchase a card at most"
	running     = "purchase counts and totals run on without a gap"
	movesState  = "a purchase moves what its state says"
	costsTariff = "credit costs what the tariff says"
	hasCause    = "every transfer has its purchase, report or deed"
	movesMeter  = "a report moves credit of its meter"
	burntShown  = "a meter took and burnt what it says"
)

// file is a customer who bought twice, was refused once by a torn card, has one
// purchase in doubt, and whose meter reported twice.
func file() vending.File {
	f := vending.File{Customer: who}
	for n, state := range map[uint32]vending.State{1: vending.Loaded, 2: vending.Loaded, 3: vending.Pending} {
		f.Purchases = append(f.Purchases, ended(purchase(n), state))
	}
	f.Purchases = append(f.Purchases, ended(purchase(2), vending.Voided))
	slices.SortFunc(f.Purchases, func(a, b vending.Purchase) int { return int(a.Count) - int(b.Count) })
	b := booksWith(2*76040, 0, 0)
	for i, r := range []vending.Report{report(76040, 1200), report(2*76040, 70000)} {
		r.MeterTime = noon.Add(time.Duration(i) * time.Hour)
		f.Reports = append(f.Reports, r)
		f.Transfers = append(f.Transfers, b.take(r)...)
	}
	for _, p := range f.Purchases {
		f.Transfers = append(f.Transfers, moved(p)...)
	}
	return f
}

func ended(p vending.Purchase, state vending.State) vending.Purchase {
	p.State = state
	if state != vending.Pending {
		p.Proof, p.Settled = vending.ByCard, noon.Add(time.Minute)
	}
	return p
}

// moved is what the book holds of a purchase.
func moved(p vending.Purchase) []ledger.Transfer {
	open := p.OpenTransfers()
	if p.State == vending.Pending {
		return open
	}
	pends := open[len(open)-2:]
	settled := p.SettleTransfers(p.State, p.Settled)
	for i := range settled {
		settled[i].Debit, settled[i].Credit, settled[i].Amount = pends[i].Debit, pends[i].Credit, pends[i].Amount
	}
	return append(open, settled...)
}

func TestAuditOfAValidFile(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]vending.File{"nothing yet": {Customer: who}, "a whole life": file()} {
		if found := f.Audit(); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// find is the index of the transfer that a purchase or report made in a role.
func find(f vending.File, cause uuid.UUID, role string) int {
	return slices.IndexFunc(f.Transfers, func(t ledger.Transfer) bool { return t.ID == ledger.MoveID(cause, role) })
}

type corruption struct {
	want   []string
	change func(f *vending.File, first, pending *vending.Purchase)
}

// Every way in which the file may be wrong though the ledger balances is named.
var corruptions = map[string]corruption{
	"pending made loaded":  {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { *p = ended(*p, vending.Loaded) }},
	"pending made voided":  {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { *p = ended(*p, vending.Voided) }},
	"loaded made pending":  {[]string{movesState, onePending}, func(_ *vending.File, p, _ *vending.Purchase) { *p = ended(*p, vending.Pending) }},
	"loaded made voided":   {[]string{movesState, running}, func(_ *vending.File, p, _ *vending.Purchase) { *p = ended(*p, vending.Voided) }},
	"a state that is none": {[]string{movesState}, func(_ *vending.File, p, _ *vending.Purchase) { p.State = "done" }},
	"count raised":         {[]string{running}, func(_ *vending.File, _, p *vending.Purchase) { p.Count++ }},
	"count twice":          {[]string{running}, func(_ *vending.File, _, p *vending.Purchase) { p.Count-- }},
	"total raised":         {[]string{running}, func(_ *vending.File, _, p *vending.Purchase) { p.Total++ }},
	"credit raised":        {[]string{movesState, running, costsTariff}, func(_ *vending.File, _, p *vending.Purchase) { p.Quote.Credit.N += 10 }},
	"another commodity":    {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { p.Quote.Credit.Commodity = ledger.WattHour }},
	"cost lowered":         {[]string{movesState, costsTariff}, func(_ *vending.File, _, p *vending.Purchase) { p.Quote.Cost-- }},
	"price lowered": {[]string{costsTariff}, func(_ *vending.File, _, p *vending.Purchase) {
		p.Tariff.Tiers = []vending.Tier{{PriceFen: p.Tariff.Tiers[0].PriceFen - 1}}
	}},
	"price of nothing":      {[]string{costsTariff}, func(_ *vending.File, _, p *vending.Purchase) { p.Tariff.Tiers = []vending.Tier{{PriceFen: -1}} }},
	"money below the cost":  {[]string{movesState, costsTariff}, func(_ *vending.File, _, p *vending.Purchase) { p.Quote.Money = p.Quote.Cost - 1 }},
	"money raised":          {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { p.Quote.Money++ }},
	"cash never taken":      {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { p.Means = vending.FromAdvance }},
	"another till":          {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { p.Till = "2" }},
	"another card":          {[]string{movesState}, func(_ *vending.File, _, p *vending.Purchase) { p.Card = "8100000002" }},
	"another meter":         {[]string{running}, func(_ *vending.File, _, p *vending.Purchase) { p.Meter = "10000000000002" }},
	"purchase removed":      {[]string{running, hasCause}, func(f *vending.File, _, _ *vending.Purchase) { f.Purchases = f.Purchases[1:] }},
	"last purchase removed": {[]string{hasCause}, func(f *vending.File, _, _ *vending.Purchase) { f.Purchases = f.Purchases[:len(f.Purchases)-1] }},
	"purchase of no money": {[]string{movesState, onePending}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Purchases = append(f.Purchases, purchase(4))
	}},
	"two pending": {[]string{onePending}, func(f *vending.File, _, _ *vending.Purchase) {
		p := purchase(4)
		f.Purchases, f.Transfers = append(f.Purchases, p), append(f.Transfers, p.OpenTransfers()...)
	}},
	"credit never posted": {[]string{movesState}, func(f *vending.File, p, _ *vending.Purchase) { drop(f, p.ID, "credit settled") }},
	"money never paid":    {[]string{movesState}, func(f *vending.File, p, _ *vending.Purchase) { drop(f, p.ID, "money") }},
	"credit twice": {[]string{movesState}, func(f *vending.File, p, _ *vending.Purchase) {
		twice := f.Transfers[find(*f, p.ID, "credit")]
		twice.ID, twice.Kind = uuid.New(), ledger.Single
		f.Transfers = append(f.Transfers, twice)
	}},
	"posts of two purchases exchanged": {[]string{movesState}, func(f *vending.File, p, _ *vending.Purchase) {
		f.Transfers[find(*f, p.ID, "credit settled")].Pend = ledger.MoveID(uuid.New(), "credit")
	}},
	"transfer of nobody": {[]string{hasCause}, func(f *vending.File, _, _ *vending.Purchase) {
		t := f.Transfers[0]
		t.ID, t.Cause = uuid.New(), uuid.New()
		f.Transfers = append(f.Transfers, t)
	}},
	"cause changed": {[]string{movesState, hasCause}, func(f *vending.File, p, _ *vending.Purchase) {
		f.Transfers[find(*f, p.ID, "money")].Cause = uuid.New()
	}},
	"report removed": {[]string{hasCause}, func(f *vending.File, _, _ *vending.Purchase) { f.Reports = f.Reports[:1] }},
	"register raised": {[]string{hasCause, burntShown}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Reports[1].Consumed++ // its id is another one then
	}},
	"burnt and not posted": {[]string{burntShown}, func(f *vending.File, _, _ *vending.Purchase) { drop(f, f.Reports[1].ID(), "burnt") }},
	"burnt more than shown": {[]string{burntShown}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Transfers[find(*f, f.Reports[1].ID(), "burnt")].Amount.N++
	}},
	"taken more than shown": {[]string{burntShown}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Transfers[find(*f, f.Reports[1].ID(), "taken")].Amount.N++
	}},
	"a report that sells": {[]string{movesMeter}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Transfers = append(f.Transfers, ledger.Transfer{Customer: who, ID: uuid.New(), Kind: ledger.Single, Debit: ledger.Sold,
			Credit: ledger.Card(card), Amount: ledger.Amount{N: 1000, Commodity: ledger.Litre}, Cause: f.Reports[0].ID(), At: noon})
	}},
	"a report that fills from nowhere": {[]string{movesMeter}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Transfers[find(*f, f.Reports[1].ID(), "taken")].Debit = ledger.Sold
	}},
	"another meter's burnt": {[]string{movesMeter, burntShown}, func(f *vending.File, _, _ *vending.Purchase) {
		f.Transfers[find(*f, f.Reports[1].ID(), "burnt")].Credit = ledger.Consumed("10000000000002")
	}},
}

func drop(f *vending.File, cause uuid.UUID, role string) {
	i := find(*f, cause, role)
	f.Transfers = slices.Delete(f.Transfers, i, i+1)
}

func TestAuditNamesEveryCorruption(t *testing.T) {
	t.Parallel()
	for name, c := range corruptions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := file()
			c.change(&f, &f.Purchases[0], &f.Purchases[len(f.Purchases)-1])
			named := map[string]string{}
			for _, v := range f.Audit() {
				named[v.Invariant] = v.Detail
			}
			for _, invariant := range c.want {
				if named[invariant] == "" {
					t.Errorf("not named: %s", invariant)
				}
				delete(named, invariant)
			}
			for invariant, detail := range named {
				t.Errorf("named though not meant: %s: %s", invariant, detail)
			}
		})
	}
}
