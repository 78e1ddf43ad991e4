package counter_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

const invoiceCode = "4403201130"

func numbers(first, last int64) vending.InvoiceBook {
	return vending.InvoiceBook{Code: invoiceCode, First: first, Last: last, Type: vending.OrdinaryInvoice, For: vending.SettledByCash}
}

func (o *office) draws(t testing.TB, b vending.InvoiceBook) {
	t.Helper()
	if _, done, err := o.DrawBook(t.Context(), deed(finance), b); err != nil || !done {
		t.Fatal(done, err)
	}
}

func (f *family) asks(slips ...string) counter.InvoiceRequest {
	return counter.InvoiceRequest{Customer: f.no, Type: vending.OrdinaryInvoice, Buyer: vending.Buyer{Name: "王芳"}, Slips: slips}
}

func (f *family) invoiced(t testing.TB, slips ...string) vending.Invoice {
	t.Helper()
	i, done, err := f.IssueInvoice(t.Context(), deed(clerk), f.asks(slips...))
	if err != nil || !done {
		t.Fatal(done, err)
	}
	return i
}

func because(by vending.Actor, why string) vending.Deed {
	d := deed(by)
	d.Why = why
	return d
}

// An invoice in exchange for slips, its reprint, void, red one, and the book handed in complete (RULES B6).
func TestInvoiceThroughItsLife(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	o.draws(t, numbers(1, 3))
	f := o.family(t, 1001)
	first, second := f.bought(t, "1-1", vending.Cash), f.bought(t, "1-1", vending.Mobile)
	issue := deed(clerk)
	var i vending.Invoice
	for try, want := range []bool{true, false} {
		var done bool
		var err error
		i, done, err = o.IssueInvoice(t.Context(), issue, f.asks(first.Slip(), second.ID.String()))
		if err != nil || done != want || i.Number != 1 || i.TotalFen != 2*19999 || len(i.Lines) != 2 || i.By != "clerk" || i.Buyer.Name != "王芳" {
			t.Fatal(try, i, done, err)
		}
	}
	if _, vat := vending.SplitVAT(19999, 900); i.VATFen != 2*vat || i.Lines[1].Quantity.N != 76040 || i.Lines[1].Slip != second.Slip() {
		t.Errorf("%+v", i)
	}
	_, _, err := o.IssueInvoice(t.Context(), deed(clerk), f.asks(first.Slip()))
	wantErr(t, err, vending.ErrSlipExchanged)

	again := deed(clerk)
	for _, want := range []bool{true, false} {
		if i, done, err := o.ReprintInvoice(t.Context(), again, i.InvoiceRef); err != nil || done != want || i.Reprints != 1 {
			t.Error(i.Reprints, done, err)
		}
	}
	for want := 1; want <= 2; want++ {
		if n, err := o.ReprintSlip(t.Context(), deed(clerk), f.no, first.Slip()); err != nil || n != want {
			t.Error(n, err)
		}
	}
	_, _, err = o.VoidInvoice(t.Context(), because(clerk, "wrong name"), i.InvoiceRef, 2)
	wantErr(t, err, vending.ErrInvoiceCopies)
	void := because(clerk, "wrong name")
	for _, want := range []bool{true, false} {
		if v, done, err := o.VoidInvoice(t.Context(), void, i.InvoiceRef, 3); err != nil || done != want || v.State != vending.InvoiceVoided || v.Copies != 3 {
			t.Error(v, done, err)
		}
	}
	i = f.invoiced(t, first.Slip(), second.Slip()) // the slips of a voided one may be exchanged again
	if i.Number != 2 {
		t.Error(i)
	}
	o.draws(t, vending.InvoiceBook{Code: invoiceCode, First: 50, Last: 50, Type: vending.OrdinaryInvoice, For: vending.SettledByCheque})
	_, _, err = o.RedInvoice(t.Context(), because(clerk, "refund"), i.InvoiceRef)
	wantErr(t, err, vending.ErrNotPermitted)
	order := because(chief, "refund")
	for _, want := range []bool{true, false} {
		red, done, err := o.RedInvoice(t.Context(), order, i.InvoiceRef)
		if err != nil || done != want || red.Number != 3 || red.TotalFen != -2*19999 || red.RedOf != i.InvoiceRef || len(red.Lines) != 2 {
			t.Error(red, done, err)
		}
	}
	if i, err = o.Store.Invoice(t.Context(), i.InvoiceRef); err != nil || i.State != vending.InvoiceReversed || i.Ended.Number != 3 {
		t.Error(i, err)
	}
	_, _, err = o.IssueInvoice(t.Context(), deed(clerk), f.asks(first.Slip()))
	wantErr(t, err, vending.ErrNoNumbers)

	report, err := o.Store.VATReport(t.Context(), i.Period)
	if err != nil || len(report) != 1 || report[0] != (vending.VATLine{Type: vending.OrdinaryInvoice, VATbp: 900, Issued: 1, Voided: 1, Red: 1}) {
		t.Error(report, err)
	}
	end := deed(finance)
	for _, want := range []bool{true, false} {
		if b, done, err := o.HandIn(t.Context(), end, invoiceCode, 1, false); err != nil || done != want || b.State != vending.BookHandedIn || b.Spoiled != 0 {
			t.Error(b, done, err)
		}
	}
	_, _, err = o.HandIn(t.Context(), deed(finance), invoiceCode, 1, false)
	wantErr(t, err, vending.ErrBookHandedIn)
	_, _, err = o.HandIn(t.Context(), deed(finance), invoiceCode, 50, false)
	wantErr(t, err, vending.ErrBookUnused)
	if b, _, err := o.HandIn(t.Context(), deed(finance), invoiceCode, 50, true); err != nil || b.Spoiled != 1 {
		t.Error(b, err)
	}
	o.wantClean(t)
}

func TestInvoicesAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.hires(t, "li")
	o.opens(t, clerk, "1")
	f, g := o.family(t, 1001), o.family(t, 1002)
	cash, cheque := f.bought(t, "1-1", vending.Cash), f.bought(t, "1-1", vending.Cheque)
	doubtful, err := f.opened(t.Context(), "1-1", vending.Cash)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		book vending.InvoiceBook
		want error
	}{
		"negative stock": {numbers(9, 8), vending.ErrBookInvalid},
		"too many":       {numbers(1, 10_001), vending.ErrBookInvalid},
	} {
		_, done, err := o.DrawBook(t.Context(), deed(finance), c.book)
		if wantErr(t, err, c.want); done {
			t.Error(name)
		}
	}
	_, _, err = o.DrawBook(t.Context(), deed(clerk), numbers(1, 10))
	wantErr(t, err, vending.ErrNotPermitted)

	_, _, err = o.IssueInvoice(t.Context(), deed(clerk), f.asks(cash.Slip()))
	wantErr(t, err, vending.ErrNoNumbers)
	held := numbers(11, 20)
	held.Holder = "li"
	o.draws(t, held)
	_, _, err = o.IssueInvoice(t.Context(), deed(clerk), f.asks(cash.Slip()))
	wantErr(t, err, vending.ErrNoNumbers) // a book is its holder's
	for _, overlapping := range []vending.InvoiceBook{numbers(1, 11), numbers(20, 21), numbers(12, 13), numbers(1, 100), held} {
		_, _, err := o.DrawBook(t.Context(), deed(finance), overlapping)
		wantErr(t, err, vending.ErrBookOverlaps)
	}
	o.draws(t, numbers(1, 10))
	for name, c := range map[string]struct {
		by   vending.Actor
		req  counter.InvoiceRequest
		want error
	}{
		"no right":             {finance, f.asks(cash.Slip()), vending.ErrNotPermitted},
		"no customer":          {clerk, counter.InvoiceRequest{Customer: 9}, vending.ErrNoCustomer},
		"another's slip":       {clerk, g.asks(cash.Slip()), vending.ErrNoSlip},
		"another's sale":       {clerk, g.asks(cash.ID.String()), vending.ErrNoSlip},
		"no such sale":         {clerk, f.asks(f.card.No + "-99"), vending.ErrNoSlip},
		"no slip at all":       {clerk, f.asks("slip"), vending.ErrNoSlip},
		"in doubt":             {clerk, f.asks(doubtful.ID.String()), vending.ErrNotInvoiceable},
		"nothing":              {clerk, f.asks(), vending.ErrNotInvoiceable},
		"twice in one":         {clerk, f.asks(cash.Slip(), cash.ID.String()), vending.ErrSlipExchanged},
		"cheque apart":         {clerk, f.asks(cash.Slip(), cheque.Slip()), vending.ErrInvoicesApart},
		"no book for cheques":  {clerk, f.asks(cheque.Slip()), vending.ErrNoNumbers},
		"VAT without a number": {clerk, counter.InvoiceRequest{Customer: f.no, Type: vending.VATInvoice, Buyer: vending.Buyer{Name: "x"}, Slips: []string{cash.Slip()}}, vending.ErrBuyerInvalid},
		"VAT without its book": {clerk, counter.InvoiceRequest{Customer: f.no, Type: vending.VATInvoice, Buyer: vending.Buyer{Name: "x", TaxID: "91440300MA5FXXXX0A"}, Slips: []string{cash.Slip()}}, vending.ErrNoNumbers},
	} {
		t.Run(name, func(t *testing.T) {
			_, done, err := o.IssueInvoice(t.Context(), deed(c.by), c.req)
			if wantErr(t, err, c.want); done {
				t.Error("done")
			}
		})
	}
	// A refusal uses up no number.
	if i := f.invoiced(t, cash.Slip()); i.Number != 1 {
		t.Error(i.Number)
	}
	_, _, err = o.VoidInvoice(t.Context(), because(clerk, "x"), vending.InvoiceRef{Code: invoiceCode, Number: 2}, 3)
	wantErr(t, err, vending.ErrNoInvoice)
	_, _, err = o.HandIn(t.Context(), deed(finance), invoiceCode, 2, true)
	wantErr(t, err, vending.ErrNoBook)
	o.by(t, `update invoice set period = 202001`) // as if the month were over
	_, _, err = o.VoidInvoice(t.Context(), because(clerk, "x"), vending.InvoiceRef{Code: invoiceCode, Number: 1}, 3)
	wantErr(t, err, vending.ErrInvoiceMonth)
}

// A charge that was paid can be invoiced, alone or with a sale; one that is owed cannot.
func TestChargesAreInvoiced(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	o.draws(t, numbers(1, 10))
	f := o.family(t, 1001)
	charge := func(payment *vending.Payment) string {
		c, done, err := o.Charge(t.Context(), deed(clerk), counter.ChargeRequest{Customer: f.no, Kind: vending.ChargeInspection, Payment: payment})
		if err != nil || !done {
			t.Fatal(done, err)
		}
		return c.ID.String()
	}
	owed, cash := charge(nil), charge(&vending.Payment{Means: vending.Cash})
	cheque := charge(&vending.Payment{Means: vending.Cheque, Bank: "icbc", Reference: "0001"})
	_, _, err := o.IssueInvoice(t.Context(), deed(clerk), f.asks(owed))
	wantErr(t, err, vending.ErrNotInvoiceable)
	_, _, err = o.IssueInvoice(t.Context(), deed(clerk), f.asks(cash, cheque))
	wantErr(t, err, vending.ErrInvoicesApart)
	i := f.invoiced(t, cash, f.bought(t, "1-1", vending.Cash).Slip())
	if i.TotalFen != 2500+19999 || i.Lines[0].What != "inspection" || i.Lines[0].VATbp != 600 || i.Lines[1].VATbp != 900 {
		t.Errorf("%+v", i)
	}
	if _, _, _, err := o.PayDebt(t.Context(), deed(clerk), counter.DebtPayment{Customer: f.no, Payment: vending.Payment{Means: vending.Cash}}); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.Charge(t.Context(), deed(clerk), counter.ChargeRequest{Customer: f.no, Kind: vending.ChargeInspection,
		Payment: &vending.Payment{Means: vending.Cheque, Bank: "ICBC", Reference: "0001"}})
	wantErr(t, err, vending.ErrReferenceUsed)
	o.wantClean(t)
}

// Books are used in order, one's own before those that everybody may use.
func TestBooksAreUsedInOrder(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	f := o.family(t, 1001)
	own := numbers(31, 32)
	own.Holder = "clerk"
	o.draws(t, numbers(21, 21))
	o.draws(t, numbers(11, 12))
	o.draws(t, own)
	var got []string
	for range 5 {
		i := f.invoiced(t, f.bought(t, "1-1", vending.Cash).Slip())
		got = append(got, strconv.FormatInt(i.Number, 10))
	}
	if order := strings.Join(got, " "); order != "31 32 21 11 12" {
		t.Error(order)
	}
}

// What is done to invoices past the counter is found: a number that is gone, one that is there twice, one of no book.
func TestTamperedInvoicesAreFound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	o.draws(t, numbers(1, 5))
	f, g := o.family(t, 1001), o.family(t, 1002)
	for range 3 {
		f.invoiced(t, f.bought(t, "1-1", vending.Cash).Slip())
	}
	o.wantClean(t)
	for _, c := range []struct {
		tamper, repair string
		args           []any
	}{
		{`update invoice_book set next = next + 1`, `update invoice_book set next = next - 1`, nil},
		{`update invoice_book set next = next - 1`, `update invoice_book set next = next + 1`, nil},
		{`insert into invoice (customer_no, code, number, id, type, settled, state, buyer, total_fen, vat_fen, issued_at, period, staff)
			select $1, code, number, id, type, settled, state, buyer, total_fen, vat_fen, issued_at, period, staff from invoice where number = 1`,
			`delete from invoice where customer_no = $1`, []any{g.no}},
		{`insert into invoice (customer_no, code, number, id, type, settled, state, buyer, total_fen, vat_fen, issued_at, period, staff)
			select $1, code, 99, id, type, settled, state, buyer, total_fen, vat_fen, issued_at, period, staff from invoice where number = 1`,
			`delete from invoice where customer_no = $1`, []any{g.no}},
	} {
		o.by(t, c.tamper, c.args...)
		if found, err := o.Store.CheckBooks(t.Context()); err != nil || len(found) == 0 {
			t.Errorf("%s: not found, %v", c.tamper, err)
		}
		o.by(t, c.repair, c.args...)
		o.wantClean(t)
	}
}

// The last number of a book is given to one of many who ask for it at once.
func TestLastNumberIsGivenOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	o.draws(t, numbers(1, 2))
	o.draws(t, numbers(11, 12))
	const racers = 8
	results := make(chan error, racers)
	for n := range racers {
		f := o.family(t, int64(1001+n))
		slip := f.bought(t, "1-1", vending.Cash).Slip()
		go func() {
			_, _, err := o.IssueInvoice(t.Context(), vending.Deed{ID: uuid.New(), By: clerk}, f.asks(slip))
			results <- err
		}()
	}
	issued := 0
	for range racers {
		if err := <-results; err == nil {
			issued++
		} else {
			wantErr(t, err, vending.ErrNoNumbers)
		}
	}
	if issued != 4 {
		t.Errorf("%d invoices from 4 numbers", issued)
	}
	o.wantWhole(t, 1, 11)
}

// wantWhole holds books against the invoices that were made from them: no number is missing, none is doubled.
func (o *office) wantWhole(t testing.TB, firsts ...int64) {
	t.Helper()
	for _, first := range firsts {
		b, err := o.Store.InvoiceBook(t.Context(), invoiceCode, first)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := o.sql.Query(t.Context(), `select number from invoice where code = $1 and number between $2 and $3`, b.Code, b.First, b.Last)
		if err != nil {
			t.Fatal(err)
		}
		var used []int64
		for rows.Next() {
			var n int64
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			used = append(used, n)
		}
		if faults := b.Account(used); len(faults) > 0 || rows.Err() != nil {
			t.Errorf("book from %d on: %v, %v", first, faults, rows.Err())
		}
	}
}
