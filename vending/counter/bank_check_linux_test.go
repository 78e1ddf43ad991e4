package counter_test

import (
	"strings"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

const (
	paired   = "a line of a bank or agent is the entry that it was paired with"
	taken    = "a collection moves what the agent took"
	withheld = "a withheld line moves its amount"
)

// reconciled is an office whose agent and bank said what is in the books: two
// collections, two moves of cash, and of three withholdings two were paid.
func reconciled(t testing.TB) *office {
	t.Helper()
	o := indebted(t)
	for _, c := range []vending.Collection{collected("P1", 1001, 10000), collected("P2", 1002, 20000)} {
		if err := o.Collect(t.Context(), deed(clerk), c); err != nil {
			t.Fatal(err)
		}
	}
	o.imports(t, post, "20260305|P1|1001||100.00", "20260305|P2|||200.00")
	o.matches(t, counter.Match{Account: post, Days: 3})
	o.moves(t, "bank:main", "safe:main", 50000)
	o.moves(t, "safe:main", "bank:main", 30000)
	lines, _, err := o.Withhold(t.Context(), deed(finance), "main")
	if err != nil {
		t.Fatal(err)
	}
	o.withheld(t, results(lines, func(l vending.Withholding) string {
		return map[int64]string{1001: "10.00|00|", 1002: "20.00|00|", 1003: "30.00|51|no money"}[l.Customer]
	}))
	var today vending.Date
	if err := o.Store.ForCompany(t.Context(), deed(finance), func(tx *store.Tx) error { today = vending.DateOf(tx.Now); return nil }); err != nil {
		t.Fatal(err)
	}
	on := strings.ReplaceAll(today.String(), "-", "")
	bank := ledger.Bank("main")
	o.imports(t, bank, on+"|A|||-500.00", on+"|B|||300.00", "20260310|C|1001||10.00")
	if st := o.matches(t, counter.Match{Account: bank, Days: 3}); len(st.Pairs) != 3 {
		t.Fatalf("%+v", st)
	}
	return o
}

// What was done by hand to matches, collections and withholdings is named.
func TestCheckBooksHoldsPartnersToTheirLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"nothing":                      {`select 1`, nil},
		"a line says more":             {`update bank_line set fen = fen + 1 where reference = 'P1'`, []string{paired}},
		"a bank's line says less":      {`update bank_line set fen = fen - 1 where reference = 'A'`, []string{paired}},
		"the other direction":          {`update bank_line set fen = -fen where reference = 'B'`, []string{paired}},
		"the line of another account":  {`update bank_line set account = 'agent:post' where reference = 'A'`, []string{paired}},
		"of another customer":          {`update bank_match set entry_customer = 1002, entry_id = (select id from collection where customer_no = 1002) where customer_no = 1001 and account = 'agent:post'`, []string{paired}},
		"a transfer that is not there": {`update bank_match set entry_id = gen_random_uuid() where account = 'bank:main' and customer_no = 1001`, []string{paired}},
		"a transfer of another kind":   {`update bank_match set entry_id = (select id from ledger_transfer where customer_no = 1001 and debit like 'agent:%') where account = 'bank:main' and customer_no = 1001`, []string{paired}},
		"an entry twice": {`insert into bank_line select 7, gen_random_uuid(), account, file, 9, day, '', 'Q', fen, '' from bank_line where reference = 'P2';
			insert into bank_match select 7, l.id, m.account, m.entry_customer, m.entry_id, m.deed from bank_line l, bank_match m
			where l.customer_no = 7 and m.entry_customer = 1002 and m.account = 'agent:post'`, []string{paired}},
		"a collection of more":          {`update collection set fen = fen + 1 where customer_no = 1001`, []string{taken, paired}},
		"a collection by another agent": {`update collection set agent = 'bank' where customer_no = 1001`, []string{taken, paired}},
		"a collection that is gone":     {`delete from collection where customer_no = 1001`, []string{taken, paired}},
		"paid, and it was not":          {`update withholding_line set state = 'paid' where customer_no = 1003`, []string{withheld}},
		"not paid, and it was":          {`update withholding_line set state = 'refused' where customer_no = 1002`, []string{withheld}},
		"another amount":                {`update withholding_line set fen = fen + 1 where customer_no = 1002`, []string{withheld}},
		"another bank":                  {`insert into partner values ('bank:other', 'x', ''); update withholding set bank = 'bank:other'`, []string{withheld}},
		"a line that is gone":           {`delete from withholding_line where customer_no = 1002`, []string{withheld}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := reconciled(t)
			o.by(t, c.sql)
			found, err := o.Store.CheckBooks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			named := map[string]bool{}
			for _, v := range found {
				named[v.Invariant] = true
			}
			if len(named) != len(c.want) {
				t.Errorf("found %v, want %v", found, c.want)
			}
			for _, invariant := range c.want {
				if !named[invariant] {
					t.Errorf("%q is not found: %v", invariant, found)
				}
			}
		})
	}
}
