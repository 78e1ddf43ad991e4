package vending

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

const invoiceCode = "4403201130"

func book(first, last int64) InvoiceBook {
	return InvoiceBook{Code: invoiceCode, First: first, Last: last, Next: first, Type: OrdinaryInvoice, For: SettledByCash, State: BookInUse}
}

func TestBookIsValid(t *testing.T) {
	t.Parallel()
	rules := DefaultInvoiceRules()
	vat := func(first, last int64) InvoiceBook { b := book(first, last); b.Type = VATInvoice; return b }
	odd := book(1, 10)
	odd.Code = "44032011"
	kindless, aimless := book(1, 10), book(1, 10)
	kindless.Type, aimless.For = "", "barter"
	for name, c := range map[string]struct {
		book InvoiceBook
		want error
	}{
		"ordinary":           {book(1, 10_000), nil},
		"one":                {book(7, 7), nil},
		"last":               {book(99_999_999, 99_999_999), nil},
		"negative stock":     {book(10, 9), ErrBookInvalid},
		"below zero":         {book(-5, 5), ErrBookInvalid},
		"zero":               {book(0, 5), ErrBookInvalid},
		"nine digits":        {book(99_999_999, 100_000_000), ErrBookInvalid},
		"too many":           {book(1, 10_001), ErrBookInvalid},
		"all there can be":   {book(1, math.MaxInt64), ErrBookInvalid},
		"ten VAT":            {vat(1, 10), nil},
		"eleven VAT (B6)":    {vat(1, 11), ErrBookInvalid},
		"code":               {odd, ErrBookInvalid},
		"neither VAT nor":    {kindless, ErrBookInvalid},
		"for neither of two": {aimless, ErrBookInvalid},
	} {
		if err := c.book.Valid(rules); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A book gives every number once, in order, then none; it is handed in when every number is accounted for.
func TestBookGivesEveryNumberOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(1, 1000).Draw(t, "first")
		b := book(first, first+rapid.Int64Range(0, 30).Draw(t, "size"))
		var used []int64
		for range rapid.IntRange(0, 31).Draw(t, "takes") {
			before := b
			n, after, err := b.Take()
			if full := before.Left() == 0; full != errors.Is(err, ErrBookEmpty) || full && after != before {
				t.Fatal(err)
			} else if full {
				break
			}
			used, b = append(used, n), after
			if n != first+int64(len(used))-1 || b.Left() != before.Left()-1 {
				t.Fatalf("number %d after %v", n, used)
			}
		}
		left := b.Left()
		done, err := b.HandIn(used, true, shiftEnd)
		if err != nil || done.Spoiled != left || done.State != BookHandedIn {
			t.Fatal(done, err)
		}
		if _, _, err := done.Take(); !errors.Is(err, ErrBookHandedIn) {
			t.Fatal(err)
		}
		if _, err := done.HandIn(used, true, shiftEnd); !errors.Is(err, ErrBookHandedIn) {
			t.Fatal(err)
		}
		if _, err := b.HandIn(used, false, shiftEnd); (left > 0) != errors.Is(err, ErrBookUnused) {
			t.Fatal(left, err)
		}
		broken := slices.Clone(used)
		switch {
		case len(used) == 0:
			broken = append(broken, first)
		case rapid.Bool().Draw(t, "lose"):
			broken = slices.Delete(broken, len(broken)/2, len(broken)/2+1)
		default:
			broken = append(broken, broken[len(broken)/2])
		}
		if _, err := b.HandIn(broken, true, shiftEnd); !errors.Is(err, ErrBookBroken) {
			t.Fatalf("%v of %d to %d, next %d: %v", broken, b.First, b.Last, b.Next, err)
		}
	})
	if got := (InvoiceBook{First: 5, Last: 12, Next: 10}).Account([]int64{6, 6, 9, 11, 4}); !slices.Equal(got, []int64{4, 5, 6, 7, 8, 11}) {
		t.Error(got)
	}
}

func TestBooksOverlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b InvoiceBook
		want bool
	}{
		{book(1, 10), book(11, 20), false}, {book(1, 10), book(10, 20), true}, {book(5, 6), book(1, 10), true}, {book(1, 10), book(5, 6), true},
	} {
		if c.a.Overlaps(c.b) != c.want || c.b.Overlaps(c.a) != c.want {
			t.Error(c)
		}
	}
	other := book(1, 10)
	other.Code = "4403201131"
	if other.Overlaps(book(1, 10)) {
		t.Error("another code")
	}
}

func paid(fen, bp int64, by Means) Invoiceable {
	return Invoiceable{InvoiceLine{Cause: uuid.New(), Slip: "8100000001-1", TotalFen: fen, VATbp: bp}, by}
}

func TestInvoiceIsMadeOut(t *testing.T) {
	t.Parallel()
	person, company := Buyer{Name: "张三"}, Buyer{Name: "某某公司", TaxID: "91440300MA5FXXXX0A"}
	same := paid(100, 900, Cash)
	for name, c := range map[string]struct {
		kind   InvoiceType
		buyer  Buyer
		things []Invoiceable
		want   error
	}{
		"one":                   {OrdinaryInvoice, person, []Invoiceable{paid(19999, 900, Cash)}, nil},
		"several means of cash": {OrdinaryInvoice, person, []Invoiceable{paid(1, 900, Mobile), paid(2, 600, Cash)}, nil},
		"cheque apart (B6)":     {OrdinaryInvoice, company, []Invoiceable{paid(1, 900, Cheque), paid(2, 900, Cash)}, ErrInvoicesApart},
		"the same twice":        {OrdinaryInvoice, person, []Invoiceable{same, same}, ErrSlipExchanged},
		"nothing":               {OrdinaryInvoice, person, nil, ErrNotInvoiceable},
		"no money":              {OrdinaryInvoice, person, []Invoiceable{paid(0, 900, Cash)}, ErrNotInvoiceable},
		"beyond 64 bits":        {OrdinaryInvoice, person, []Invoiceable{paid(math.MaxInt64, 0, Cash), paid(1, 0, Cash)}, ErrInvoiceTooLarge},
		"nobody":                {OrdinaryInvoice, Buyer{Name: " "}, []Invoiceable{paid(1, 900, Cash)}, ErrBuyerInvalid},
		"VAT to a person":       {VATInvoice, person, []Invoiceable{paid(1, 900, Cash)}, ErrBuyerInvalid},
		"VAT":                   {VATInvoice, company, []Invoiceable{paid(1, 900, Cash)}, nil},
		"tax number":            {OrdinaryInvoice, Buyer{Name: "x", TaxID: "9144-300"}, []Invoiceable{paid(1, 900, Cash)}, ErrBuyerInvalid},
	} {
		i, err := NewInvoice(c.kind, c.buyer, c.things)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && (i.State != InvoiceIssued || len(i.Lines) != len(c.things) || i.NetFen()+i.VATFen != i.TotalFen) {
			t.Errorf("%s: %+v", name, i)
		}
	}
	i, _ := NewInvoice(OrdinaryInvoice, person, []Invoiceable{paid(10900, 900, Cash), paid(10600, 600, Cash)})
	if i.VATFen != 1500 || i.TotalFen != 21500 || i.For != SettledByCash {
		t.Errorf("%+v", i)
	}
}

func TestInvoiceEnds(t *testing.T) {
	t.Parallel()
	rules := DefaultInvoiceRules()
	i, err := NewInvoice(OrdinaryInvoice, Buyer{Name: "张三"}, []Invoiceable{paid(19999, 900, Cash), paid(1, 0, Cash)})
	if err != nil {
		t.Fatal(err)
	}
	i.InvoiceRef, i.Period, i.Issued = InvoiceRef{invoiceCode, 12}, 202603, time.Now()
	if i.String() != "4403201130-00000012" || (InvoiceRef{}).String() != "" {
		t.Error(i.String())
	}
	for name, c := range map[string]struct {
		copies int
		reason string
		period int
		want   error
	}{
		"all copies":       {3, "wrong name", 202603, nil},
		"a copy is gone":   {2, "wrong name", 202603, ErrInvoiceCopies},
		"one too many":     {4, "wrong name", 202603, ErrInvoiceCopies},
		"no reason":        {3, " ", 202603, ErrReasonMissing},
		"after its month":  {3, "wrong name", 202604, ErrInvoiceMonth},
		"before its month": {3, "wrong name", 202602, ErrInvoiceMonth},
	} {
		v, err := i.Void(c.copies, c.reason, c.period, rules)
		if !errors.Is(err, c.want) || (err == nil) != (v.State == InvoiceVoided) {
			t.Errorf("%s: %v %s", name, err, v.State)
		}
	}
	red, err := i.Red("refund")
	if err != nil || red.TotalFen != -20000 || red.VATFen != -i.VATFen || red.RedOf != i.InvoiceRef || len(red.Lines) != 2 {
		t.Error(red, err)
	}
	red.InvoiceRef, red.Period = InvoiceRef{invoiceCode, 13}, 202603
	reversed, err := i.Reverse(red.InvoiceRef)
	if err != nil || reversed.State != InvoiceReversed || reversed.Ended != red.InvoiceRef {
		t.Error(reversed, err)
	}
	voided, _ := i.Void(3, "x", 202603, rules)
	for name, ended := range map[string]Invoice{"reversed": reversed, "voided": voided} {
		_, void := ended.Void(3, "x", 202603, rules)
		_, again := ended.Red("x")
		_, reverse := ended.Reverse(red.InvoiceRef)
		for _, err := range []error{void, again, reverse} {
			if !errors.Is(err, ErrInvoiceEnded) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := red.Red("x"); !errors.Is(err, ErrInvoiceRed) {
		t.Error(err)
	}
	if _, err := red.Void(3, "x", 202603, rules); !errors.Is(err, ErrInvoiceRed) {
		t.Error(err)
	}
	if _, err := i.Red(""); !errors.Is(err, ErrReasonMissing) {
		t.Error(err)
	}
}
