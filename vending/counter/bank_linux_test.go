package counter_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

const agentsFormat = `{"delimiter": "|", "date": "YYYYMMDD", "amount": "yuan",
	"columns": {"date": 1, "reference": 2, "customer": 3, "card": 4, "amount": 5}, "trailer": {"begins": "T", "count": 2, "total": 3}}`

var post = ledger.Agent("post")

// withPartners is an office with an agent, a bank, and customers 1001 to 1003.
func withPartners(t testing.TB) (*office, []*family) {
	t.Helper()
	o := newOffice(t)
	for _, p := range []vending.Partner{{Account: post, Name: "邮政", Format: agentsFormat}, {Account: ledger.Bank("main"), Name: "工行", Format: agentsFormat}} {
		if err := o.AddPartner(t.Context(), deed(finance), p); err != nil {
			t.Fatal(err)
		}
	}
	return o, []*family{o.family(t, 1001), o.family(t, 1002), o.family(t, 1003)}
}

// agentFile is a file with lines such as "20260305|P1|1001||12.34".
func agentFile(t testing.TB, lines ...string) string {
	t.Helper()
	total := int64(0)
	for _, l := range lines {
		at := strings.LastIndex(l, "|")
		text, minus := strings.CutPrefix(l[at+1:], "-")
		fen, err := vending.ParseYuan(text)
		if err != nil {
			t.Fatal(err)
		}
		if minus {
			fen = -fen
		}
		total += fen
	}
	return strings.Join(append(lines, fmt.Sprintf("T|%d|%s", len(lines), vending.FormatYuan(total))), "\n")
}

func (o *office) imports(t testing.TB, account ledger.Account, lines ...string) store.Imported {
	t.Helper()
	in := counter.Import{Account: account, Name: "test", Progress: func(int) {}}
	_, done, err := o.ImportFile(t.Context(), deed(finance), in, strings.NewReader(agentFile(t, lines...)))
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func (o *office) matches(t testing.TB, m counter.Match) counter.Standing {
	t.Helper()
	st, err := o.MatchPartner(t.Context(), deed(finance), m)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// counts are matched, theirs, ours and posted.
func counts(st counter.Standing) [4]int {
	return [4]int{len(st.Pairs), len(st.Theirs), len(st.Ours), len(st.Posted)}
}

func collected(ref string, customer, fen int64) vending.Collection {
	day, _ := vending.ParseDate("2026-03-05")
	return vending.Collection{Agent: "post", Customer: customer, Reference: ref, Day: day, Fen: fen}
}

// What an agent reported at once and what its file says are the same money, once;
// what only the file says is posted once, however often it is asked for.
func TestAgentsFile(t *testing.T) {
	t.Parallel()
	o, families := withPartners(t)
	for _, c := range []vending.Collection{collected("P1", 1001, 10000), collected("P2", 1002, 20000), collected("P9", 1003, 900)} {
		if err := o.Collect(t.Context(), deed(clerk), c); err != nil {
			t.Fatal(err)
		}
	}
	lines := []string{
		"20260305|P1|1001||100.00", "20260306|P2|1002||200.01", // an amount that is not ours
		"20260305|P3||" + families[2].card.No + "|30.00", // only they have it; it names the card
		"20260305|P4|7777||40.00", "20260305|P5|||50.00", "20260305|P6|1001||-1.00",
	}
	if got := o.imports(t, post, lines...); got != (store.Imported{New: 6}) {
		t.Errorf("%+v", got)
	}
	if st := o.matches(t, counter.Match{Account: post, Days: 3, DryRun: true, Post: true}); counts(st) != [4]int{1, 5, 2, 0} {
		t.Errorf("dry: %v", counts(st))
	}
	before := o.trial(t)
	if before["agent:post"] != 30900 || before["advance:1003"] != -900 {
		t.Error(before)
	}
	st := o.matches(t, counter.Match{Account: post, Days: 3, Post: true})
	if counts(st) != [4]int{1, 4, 2, 1} || len(st.Refused) != 2 {
		t.Errorf("%v, %v", counts(st), st.Refused)
	}
	for _, l := range st.Theirs {
		want := map[string]error{"P2": vending.ErrCollected, "P4": vending.ErrNoCustomer}[l.Reference]
		if err := st.Refused[l.ID]; !errors.Is(err, want) {
			t.Errorf("%s: %v", l.Reference, err)
		}
	}
	after := o.trial(t)
	if after["agent:post"] != 33900 || after["advance:1003"] != -3900 {
		t.Error(after)
	}
	if st := o.matches(t, counter.Match{Account: post, Days: 3, Post: true}); counts(st) != [4]int{0, 4, 2, 0} {
		t.Errorf("again: %v", counts(st))
	}
	// The agent pays what it owes.
	pay := deed(finance)
	for _, want := range []error{nil, vending.ErrRepeated} {
		wantErr(t, o.Settle(t.Context(), pay, "post", "main", 33900), want)
	}
	if o.imports(t, ledger.Bank("main"), "20260305|x|||339.00"); o.trial(t)["bank:main"] != 33900 || o.trial(t)["agent:post"] != 0 {
		t.Error(o.trial(t))
	}
	o.wantClean(t)
}

// A bank's line is held against what went through the account, in both directions
// and within the days that are allowed.
func TestBanksFile(t *testing.T) {
	t.Parallel()
	o, _ := withPartners(t)
	o.moves(t, "bank:main", "safe:main", 50000)
	o.moves(t, "safe:main", "bank:main", 30000)
	o.moves(t, "safe:main", "bank:main", 700)
	var today vending.Date
	err := o.Store.ForCompany(t.Context(), deed(finance), func(tx *store.Tx) error { today = vending.DateOf(tx.Now); return nil })
	if err != nil {
		t.Fatal(err)
	}
	on := func(d vending.Date) string { return strings.ReplaceAll(d.String(), "-", "") }
	bank := ledger.Bank("main")
	o.imports(t, bank, on(today)+"|A|||-500.00", on(today+2)+"|B|||300.00", on(today+9)+"|C|||7.00", on(today)+"|D|||1.00")
	if st := o.matches(t, counter.Match{Account: bank, Since: today, Days: 3}); counts(st) != [4]int{2, 2, 1, 0} {
		t.Errorf("%v", counts(st))
	}
	if st := o.matches(t, counter.Match{Account: bank, Since: today, Days: 30}); counts(st) != [4]int{1, 1, 0, 0} {
		t.Errorf("%v", counts(st))
	}
	list, err := o.Store.Standings(t.Context(), ledger.ClassBank)
	if err != nil || len(list) != 1 || list[0].Unmatched != 1 || list[0].Lines != 4 || list[0].Files != 1 || list[0].Balance != -19300 {
		t.Errorf("%+v, %v", list, err)
	}
}

// Whatever files overlap, in whatever order and however often they are imported,
// each line is there once, is matched at most once, and what is matched and not
// matched together is what the agent said.
func TestFilesImportedAnyhow(t *testing.T) {
	t.Parallel()
	o, _ := withPartners(t)
	random := rand.New(rand.NewPCG(3, 7))
	var all []string
	total := int64(0)
	for i := range 60 {
		customer, fen := 1001+random.Int64N(3), 1+random.Int64N(3)
		all = append(all, fmt.Sprintf("202603%02d|P%d|%d||%s", 1+i/10, i, customer, vending.FormatYuan(fen)))
		total += fen
		if random.IntN(3) == 0 {
			if err := o.Collect(t.Context(), deed(clerk), collected(fmt.Sprint("P", i), customer, fen)); err != nil {
				t.Fatal(err)
			}
		}
	}
	added := int64(0)
	pairs := map[uuid.UUID]int{}
	for range 25 {
		from := random.IntN(len(all))
		part := slices.Clone(all[from:min(len(all), from+1+random.IntN(30))])
		random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		added += o.imports(t, post, part...).New
		if random.IntN(2) == 0 {
			for _, p := range o.matches(t, counter.Match{Account: post, Days: 3, Post: random.IntN(2) == 0}).Pairs {
				pairs[p.Line.ID]++
			}
		}
	}
	added += o.imports(t, post, all...).New
	if again := o.imports(t, post, all...); !again.Repeated || again.New != 0 || added != 60 {
		t.Errorf("%+v, %d added", again, added)
	}
	for _, p := range o.matches(t, counter.Match{Account: post, Days: 3, Post: true}).Pairs {
		pairs[p.Line.ID]++
	}
	for id, n := range pairs {
		if n > 1 {
			t.Errorf("line %s was matched %d times", id, n)
		}
	}
	st := o.matches(t, counter.Match{Account: post, Days: 3, Post: true})
	if counts(st) != [4]int{} || o.trial(t)["agent:post"] != total {
		t.Errorf("%v, %v, want %d", counts(st), o.trial(t), total)
	}
	var lines, matched int64
	err := o.sql.QueryRow(t.Context(), `select (select sum(fen) from bank_line), (select sum(l.fen) from bank_line l
		join bank_match m on m.customer_no = l.customer_no and m.line_id = l.id)`).Scan(&lines, &matched)
	if err != nil || lines != total || matched != total {
		t.Errorf("%d in lines, %d matched, want %d, %v", lines, matched, total, err)
	}
	o.wantClean(t)
}

// A file that is not good changes nothing, and who may not does nothing.
func TestFilesRefused(t *testing.T) {
	t.Parallel()
	o, _ := withPartners(t)
	good := agentFile(t, "20260305|P1|1001||1.00", "20260305|P2|1001||2.00")
	wrong := strings.Replace(good, "|1.00\n", "|1.0O\n", 1)
	in := counter.Import{Account: post, Progress: func(int) {}}
	for content, want := range map[string]error{strings.Split(good, "T")[0]: bankfile.ErrTruncated, wrong: counter.ErrLinesWrong} {
		_, _, err := o.ImportFile(t.Context(), deed(finance), in, strings.NewReader(content))
		wantErr(t, err, want)
	}
	_, _, err := o.ImportFile(t.Context(), deed(clerk), in, strings.NewReader(good))
	wantErr(t, err, vending.ErrNotPermitted)
	_, _, err = o.ImportFile(t.Context(), deed(finance), counter.Import{Account: ledger.Agent("nobody")}, strings.NewReader(good))
	wantErr(t, err, vending.ErrNoPartner)
	wantErr(t, o.AddPartner(t.Context(), deed(finance), vending.Partner{Account: ledger.Agent("A B"), Name: "x"}), vending.ErrPartnerInvalid)
	wantErr(t, o.AddPartner(t.Context(), deed(finance), vending.Partner{Account: post, Name: "x", Format: "{}"}), bankfile.ErrDescription)
	wantErr(t, o.Settle(t.Context(), deed(finance), "post", "nobody", 1), vending.ErrNoPartner)
	c := collected("P1", 1001, 100)
	if err := o.Collect(t.Context(), deed(clerk), c); err != nil {
		t.Fatal(err)
	}
	wantErr(t, o.Collect(t.Context(), deed(clerk), c), vending.ErrCollected)
	var rows int
	if err := o.sql.QueryRow(t.Context(), `select count(*) from bank_line`).Scan(&rows); err != nil || rows != 0 {
		t.Error(rows, err)
	}
	in.SkipWrong = true
	f, done, err := o.ImportFile(t.Context(), deed(finance), in, strings.NewReader(wrong))
	if err != nil || len(f.Wrong) != 1 || done.New != 1 {
		t.Error(f.Wrong, done, err)
	}
}
