package store_test

import (
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending/store"
)

// lived makes a household that bought twice, is in doubt about a third purchase,
// and whose meter reported.
func (d *database) lived(t *testing.T, no int64) *household {
	t.Helper()
	h := d.household(t, no)
	h.sold(t, 1)
	h.sold(t, 2)
	if err := h.add(t.Context(), h.sale(3)); err != nil {
		t.Fatal(err)
	}
	h.take(t, h.report(2*76040, 1200))
	return h
}

func transfer(customer int64, from, to ledger.Account) ledger.Transfer {
	return ledger.Transfer{Customer: customer, ID: uuid.New(), Kind: ledger.Single, Debit: from, Credit: to,
		Amount: ledger.Amount{N: 10, Commodity: ledger.Litre}, Cause: uuid.New(), At: noon}
}

// tampered is what was done by hand in the books of each customer, and what the
// check says of it.
var tampered = map[int64]struct {
	sql  string
	want []string
}{
	1001: {`select $1::bigint`, nil}, // nothing was done
	1002: {`update purchase set state = 'voided', settled_at = now(), recorded_at = now(), proof = 'card' where customer_no = $1 and count = 3`,
		[]string{"a purchase moves what its state says"}},
	1003: {`update purchase set state = 'voided' where customer_no = $1 and count = 2`,
		[]string{"a purchase moves what its state says", "purchase counts and totals run on without a gap"}},
	1004: {`update purchase set count = 7 where customer_no = $1 and count = 3`, []string{"purchase counts and totals run on without a gap"}},
	1005: {`update purchase set total = total + 10 where customer_no = $1 and count = 3`, []string{"purchase counts and totals run on without a gap"}},
	1006: {`update purchase set money_fen = money_fen + 100 where customer_no = $1 and count = 1`, []string{"a purchase moves what its state says"}},
	1007: {`update purchase set tariff_from = (select max(valid_from) from tariff_version) where customer_no = $1 and count = 1`, []string{"credit costs what the tariff says"}},
	1008: {`delete from purchase where customer_no = $1 and count = 3`, []string{"every transfer has its purchase, report or deed"}},
	1009: {`delete from report where customer_no = $1`, []string{"every transfer has its purchase, report or deed"}},
	1010: {`update report set consumed = consumed + 1 where customer_no = $1`,
		[]string{"every transfer has its purchase, report or deed", "a meter took and burnt what it says"}},
	1011: {`update ledger_balance set credits_posted = credits_posted + 10 where customer_no = $1 and account like 'card:%'`,
		[]string{"every balance is the sum of its transfers"}},
	1012: {`update purchase set state = 'loaded', settled_at = now(), recorded_at = now(), proof = 'card' where customer_no = $1 and count = 3`,
		[]string{"a purchase moves what its state says"}},
}

var ofCustomer = regexp.MustCompile(`customer (-?\d+)`)

// What was done by hand is named, with the customer it was done to, and nobody
// else is.
func TestCheckBooksNamesCorruption(t *testing.T) {
	t.Parallel()
	d := open(t)
	for no := range tampered {
		d.lived(t, no)
	}
	d.by(t, `insert into tariff_version (code, valid_from, body) select code, '2040-01-01', jsonb_set(body, '{tiers,0,price_fen}', '262') from tariff_version`)
	d.wantClean(t)
	want := map[string][]string{}
	for no, c := range tampered {
		d.by(t, c.sql, no)
		if c.want != nil {
			want[strconv.FormatInt(no, 10)] = c.want
		}
	}
	// Transfers that nothing caused: in the books of a customer, and of nobody.
	h := d.lived(t, 1013)
	h.must(t, func(tx *store.Tx) error {
		return tx.Apply(t.Context(), transfer(1013, ledger.Sold, ledger.Card(h.card.No)))
	})
	d.by(t, `insert into ledger_transfer (customer_no, seq, id, kind, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at)
		select book, 1, gen_random_uuid(), 'single', 'sold:all', 'till:1', 'L', 5, gen_random_uuid(), 202603, now(), now() from unnest('{999999,-1}'::bigint[]) book;
		insert into ledger_record (customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash)
		select book, 1, gen_random_uuid(), '', '', '', '', '', sha256(''), '', now(), now(), sha256('') from unnest('{999999,-1}'::bigint[]) book`)
	want["1013"] = []string{"every transfer has its purchase, report or deed"}
	want["999999"] = []string{"every transfer belongs to a customer"}
	want["-1"] = []string{"every transfer belongs to a customer"}

	found, err := d.CheckBooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, v := range found {
		if who := ofCustomer.FindStringSubmatch(v.Detail); who != nil {
			got[who[1]] = append(got[who[1]], v.Invariant)
		} else if v.Invariant != "all balances of a commodity sum to zero" {
			t.Errorf("of whom? %s", v)
		}
	}
	for no, invariants := range want {
		slices.Sort(invariants)
		slices.Sort(got[no])
		if !slices.Equal(invariants, slices.Compact(got[no])) {
			t.Errorf("customer %s: got %q, want %q", no, got[no], invariants)
		}
		delete(got, no)
	}
	if len(got) > 0 {
		t.Errorf("named though untouched: %v", got)
	}
}

// More customers than are held in memory at a time: the last is looked at too.
func TestCheckBooksLooksAtEveryone(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.by(t, `insert into customer (no, name, address, status, tariff, opened_at)
		select n, 'n', '', 'in_service', 'gas-residential', now() from generate_series(-5, 2500) n`)
	last := d.household(t, 3000)
	last.sold(t, 1)
	d.wantClean(t)
	d.by(t, `update purchase set count = 2`)
	found, err := d.CheckBooks(t.Context())
	if err != nil || len(found) != 1 || found[0].Invariant != "purchase counts and totals run on without a gap" {
		t.Error(found, err)
	}
}

// Purchases in doubt are no violation, and selling goes on while the books are
// checked.
func TestCheckBooksWhileSelling(t *testing.T) {
	t.Parallel()
	d := open(t)
	stop := make(chan struct{})
	sold := make(chan error)
	h := d.household(t, 1001)
	go func() {
		for n := uint32(1); ; n++ {
			select {
			case <-stop:
				sold <- nil
				return
			default:
			}
			p := h.sale(n)
			if err := h.add(t.Context(), p); err != nil {
				sold <- err
				return
			}
			h.settle(t, p, "proved loaded", "")
		}
	}()
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		d.wantClean(t)
	}
	close(stop)
	if err := <-sold; err != nil {
		t.Error(err)
	}
	d.wantClean(t)
}
