package vending

import (
	"fmt"
	"slices"
	"time"
)

// InvoiceType is which paper of the tax office an invoice is on.
type InvoiceType string

// The types of invoice.
const (
	VATInvoice      InvoiceType = "vat"      // 增值税专用发票
	OrdinaryInvoice InvoiceType = "ordinary" // 普通发票
)

// Settlement keeps invoices for money that is there apart from those for a
// cheque that may bounce (RULES B6).
type Settlement string

// The two kinds of book.
const (
	SettledByCash   Settlement = "cash"
	SettledByCheque Settlement = "cheque"
)

// Settlement is the kind of book that a means of payment wants.
func (m Means) Settlement() Settlement {
	if m == Cheque {
		return SettledByCheque
	}
	return SettledByCash
}

// BookState is where a book of invoices stands.
type BookState string

// A book is in use until it is handed in, complete.
const (
	BookInUse    BookState = "in_use"
	BookHandedIn BookState = "handed_in"
)

// What goes wrong with books of invoices.
var (
	ErrNoBook       = &Error{Kind: NotFound, Code: "no_invoice_book"}
	ErrNoNumbers    = &Error{Kind: NotAllowed, Code: "no_invoice_numbers"}
	ErrBookInvalid  = &Error{Kind: Invalid, Code: "invoice_book_invalid"}
	ErrBookOverlaps = &Error{Kind: NotAllowed, Code: "invoice_book_overlaps"}
	ErrBookEmpty    = &Error{Kind: NotAllowed, Code: "invoice_book_empty"}
	ErrBookHandedIn = &Error{Kind: NotAllowed, Code: "invoice_book_handed_in"}
	ErrBookUnused   = &Error{Kind: NotAllowed, Code: "invoice_book_unused"}
	ErrBookBroken   = &Error{Kind: Failed, Code: "invoice_book_broken"}
)

// InvoiceRules are the settings of the utility about invoices (RULES B6).
type InvoiceRules struct {
	DrawVAT      int64 // most VAT invoices of one draw
	DrawOrdinary int64 // most ordinary invoices of one draw
	Copies       int   // of an invoice on paper; a voided one keeps all of them
}

// DefaultInvoiceRules are the settings as shipped.
func DefaultInvoiceRules() InvoiceRules {
	return InvoiceRules{DrawVAT: 10, DrawOrdinary: 10_000, Copies: 3}
}

// InvoiceBook is a range of numbers drawn from the company's stock.
type InvoiceBook struct {
	Code     string // of the tax office, 10 or 12 digits
	First    int64
	Last     int64
	Next     int64 // Last+1 when all are used
	Type     InvoiceType
	For      Settlement
	Holder   string // member of the staff; empty: whoever sells in the company
	State    BookState
	Drawn    time.Time
	DrawnBy  string
	HandedIn time.Time // zero until then
	Spoiled  int64     // numbers that were unused when it was handed in, all copies kept
}

const lastInvoice = 99_999_999 // an invoice's number has 8 digits

// invoiceNumber writes a number as it is printed.
func invoiceNumber(n int64) string { return fmt.Sprintf("%08d", n) }

// Valid checks a book that is to be drawn.
func (b InvoiceBook) Valid(rules InvoiceRules) error {
	most := rules.DrawOrdinary
	if b.Type == VATInvoice {
		most = rules.DrawVAT
	}
	switch {
	case !digits(b.Code, 10) && !digits(b.Code, 12):
		return ErrBookInvalid.With("Code", b.Code, "First", b.First, "Last", b.Last, "Want", "invoice_code")
	case b.Type != VATInvoice && b.Type != OrdinaryInvoice, b.For != SettledByCash && b.For != SettledByCheque:
		return ErrBookInvalid.With("Code", b.Code, "First", b.First, "Last", b.Last, "Want", "invoice_kind")
	case b.First <= 0 || b.Last > lastInvoice || b.Last < b.First:
		return ErrBookInvalid.With("Code", b.Code, "First", b.First, "Last", b.Last, "Want", "invoice_range")
	case b.Last-b.First >= most:
		return ErrBookInvalid.With("Code", b.Code, "First", b.First, "Last", b.Last, "Want", "invoice_draw", "Most", most)
	}
	return nil
}

// Overlaps says whether two books hold a number in common.
func (b InvoiceBook) Overlaps(o InvoiceBook) bool {
	return b.Code == o.Code && b.First <= o.Last && o.First <= b.Last
}

// Left is how many numbers are not used.
func (b InvoiceBook) Left() int64 { return b.Last + 1 - b.Next }

// Take uses the next number.
func (b InvoiceBook) Take() (number int64, after InvoiceBook, err error) {
	switch {
	case b.State != BookInUse:
		return 0, b, ErrBookHandedIn.With("Code", b.Code, "First", b.First)
	case b.Left() <= 0:
		return 0, b, ErrBookEmpty.With("Code", b.Code, "First", b.First, "Last", b.Last)
	}
	number = b.Next
	b.Next++
	return number, b, nil
}

// HandIn returns the book as it is when it was given back. Every number that it
// gave away must be one of the invoices; those that were never used are spoiled,
// which somebody has to say.
func (b InvoiceBook) HandIn(numbers []int64, spoil bool, at time.Time) (InvoiceBook, error) {
	if b.State != BookInUse {
		return b, ErrBookHandedIn.With("Code", b.Code, "First", b.First)
	}
	if faults := b.Account(numbers); len(faults) > 0 {
		return b, ErrBookBroken.With("Code", b.Code, "First", b.First, "Numbers", fmt.Sprint(faults))
	}
	if b.Left() > 0 && !spoil {
		return b, ErrBookUnused.With("Code", b.Code, "First", b.First, "Left", b.Left())
	}
	b.State, b.HandedIn, b.Spoiled = BookHandedIn, at, b.Left()
	return b, nil
}

// Account holds the invoices that were made from the book against it and returns the
// numbers that are missing, doubled, or were never given away; none, ever.
func (b InvoiceBook) Account(numbers []int64) (faults []int64) {
	sorted := slices.Sorted(slices.Values(numbers))
	want := b.First
	for _, n := range sorted {
		if n < want || n >= b.Next {
			faults = append(faults, n) // doubled, or not given away
			continue
		}
		for ; want < n; want++ {
			faults = append(faults, want)
		}
		want++
	}
	for ; want < b.Next; want++ {
		faults = append(faults, want)
	}
	return faults
}
