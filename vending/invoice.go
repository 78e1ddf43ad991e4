package vending

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// InvoiceState is where an invoice stands.
type InvoiceState string

// The states of an invoice. One that was issued is never changed: it is voided
// with all copies within its month, or a red invoice takes it back.
const (
	InvoiceIssued   InvoiceState = "issued"
	InvoiceVoided   InvoiceState = "voided"   // 作废
	InvoiceReversed InvoiceState = "reversed" // 已红冲
)

// InvoiceEvent is what happens to an invoice.
type InvoiceEvent string

// The events of an invoice.
const (
	CopiesKept InvoiceEvent = "copies kept"
	RedIssued  InvoiceEvent = "red issued"
)

// invoiceMoves is the whole life of an invoice. What is not here cannot happen.
var invoiceMoves = map[InvoiceState]map[InvoiceEvent]InvoiceState{
	InvoiceIssued: {CopiesKept: InvoiceVoided, RedIssued: InvoiceReversed},
}

// What goes wrong with invoices.
var (
	ErrNoInvoice       = &Error{Kind: NotFound, Code: "no_invoice"}
	ErrNoSlip          = &Error{Kind: NotFound, Code: "no_slip"}
	ErrSlipExchanged   = &Error{Kind: NotAllowed, Code: "slip_exchanged"}
	ErrNotInvoiceable  = &Error{Kind: NotAllowed, Code: "not_invoiceable"}
	ErrInvoicesApart   = &Error{Kind: NotAllowed, Code: "invoices_apart"}
	ErrInvoiceEnded    = &Error{Kind: NotAllowed, Code: "invoice_ended"}
	ErrInvoiceMonth    = &Error{Kind: NotAllowed, Code: "invoice_month_past"}
	ErrInvoiceCopies   = &Error{Kind: NotAllowed, Code: "invoice_copies"}
	ErrInvoiceRed      = &Error{Kind: NotAllowed, Code: "invoice_is_red"}
	ErrBuyerInvalid    = &Error{Kind: Invalid, Code: "invoice_buyer_invalid"}
	ErrReasonMissing   = &Error{Kind: Invalid, Code: "reason_missing"}
	ErrInvoiceTooLarge = &Error{Kind: NotAllowed, Code: "invoice_too_large"}
)

// InvoiceRef is how an invoice is called: the tax office's code and the number.
type InvoiceRef struct {
	Code   string
	Number int64
}

// String is the reference as it is printed, "4403201130-00000012".
func (r InvoiceRef) String() string {
	if r == (InvoiceRef{}) {
		return ""
	}
	return r.Code + "-" + invoiceNumber(r.Number)
}

// ParseInvoiceRef reads a reference as it is printed.
func ParseInvoiceRef(s string) (InvoiceRef, error) {
	code, number, ok := strings.Cut(s, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || n <= 0 || n > lastInvoice || !digits(code, 10) && !digits(code, 12) {
		return InvoiceRef{}, ErrNoInvoice.With("Invoice", s)
	}
	return InvoiceRef{code, n}, nil
}

// Buyer is to whom an invoice is made out.
type Buyer struct {
	Name    string
	TaxID   string // 纳税人识别号; a VAT invoice wants one
	Address string // with telephone
	Account string // bank and account
}

// InvoiceLine is one thing that was paid for.
type InvoiceLine struct {
	Cause    uuid.UUID     // the purchase or charge
	Slip     string        // the slip that was taken back for it
	What     string        // tariff, or kind of charge
	Quantity ledger.Amount // of credit; zero where it is not counted
	TotalFen int64         // with VAT
	VATbp    int64         // rate, in basis points: 900 is 9 %
	VATFen   int64
}

// Invoice is one number of a book, made out.
type Invoice struct {
	InvoiceRef
	Customer int64
	ID       uuid.UUID // the deed that issued it
	Type     InvoiceType
	For      Settlement
	State    InvoiceState
	Buyer    Buyer
	Lines    []InvoiceLine
	TotalFen int64 // with VAT; below zero on a red one
	VATFen   int64
	Issued   time.Time
	Period   int // month in which it counts, as 202603
	By       string
	RedOf    InvoiceRef // on a red one: what it takes back
	Ended    InvoiceRef // on a reversed one: the red one
	Reason   string     // of the void or the red one
	Copies   int        // of a voided one, kept
	Reprints int
}

// NetFen is the total without VAT.
func (i Invoice) NetFen() int64 { return i.TotalFen - i.VATFen }

// VATLine is what a month's invoices of one type hold at one rate of VAT.
type VATLine struct {
	Type   InvoiceType
	VATbp  int64
	Issued int64 // invoices, without the voided and the red ones
	Voided int64
	Red    int64
	NetFen int64 // without those voided, red ones below zero
	VATFen int64
}

// Slip is the number of the sale's slip: it is derived from the sale, so that no
// counter is shared by all (RULES B6).
func (p Purchase) Slip() string { return fmt.Sprintf("%s-%d", p.Card, p.Count) }

// Invoiceable is something that an invoice may be asked for.
type Invoiceable struct {
	Line  InvoiceLine // VATFen is worked out here
	Means Means
}

// NewInvoice makes out an invoice for what was paid for: all of it by means that
// belong in one book (RULES B6).
func NewInvoice(kind InvoiceType, buyer Buyer, things []Invoiceable) (Invoice, error) {
	i := Invoice{Type: kind, State: InvoiceIssued, Buyer: buyer}
	if err := buyer.valid(kind); err != nil {
		return i, err
	}
	if len(things) == 0 {
		return i, ErrNotInvoiceable.With("Slip", "-")
	}
	i.For = things[0].Means.Settlement()
	total := ledger.Fen(0)
	for _, thing := range things {
		line := thing.Line
		if line.TotalFen <= 0 || line.VATbp < 0 || line.VATbp > 10_000 {
			return i, ErrNotInvoiceable.With("Slip", line.Slip)
		}
		if thing.Means.Settlement() != i.For {
			return i, ErrInvoicesApart
		}
		if slices.ContainsFunc(i.Lines, func(l InvoiceLine) bool { return l.Cause == line.Cause }) {
			return i, ErrSlipExchanged.With("Slip", line.Slip)
		}
		var err error
		if total, err = total.Add(ledger.Fen(line.TotalFen)); err != nil {
			return i, ErrInvoiceTooLarge
		}
		_, line.VATFen = SplitVAT(line.TotalFen, line.VATbp)
		i.Lines = append(i.Lines, line)
		i.VATFen += line.VATFen // not above the total
	}
	i.TotalFen = total.N
	return i, nil
}

// valid checks a buyer. A VAT invoice wants a tax number of 15 to 20 letters and digits.
func (b Buyer) valid(kind InvoiceType) error {
	bad := strings.ContainsFunc(b.TaxID, func(r rune) bool { return !('0' <= r && r <= '9') && !('A' <= r && r <= 'Z') })
	short := len(b.TaxID) < 15 || len(b.TaxID) > 20
	if strings.TrimSpace(b.Name) == "" || bad || (b.TaxID != "" || kind == VATInvoice) && short {
		return ErrBuyerInvalid.With("Name", b.Name, "TaxID", b.TaxID)
	}
	return nil
}

func (i Invoice) next(e InvoiceEvent) (InvoiceState, error) {
	next, ok := invoiceMoves[i.State][e]
	switch {
	case !ok:
		return i.State, ErrInvoiceEnded.With("Invoice", i.String(), "State", string(i.State))
	case i.RedOf != InvoiceRef{}:
		return i.State, ErrInvoiceRed.With("Invoice", i.String())
	}
	return next, nil
}

// Void returns the invoice as it is when all its copies came back in the month
// in which it was issued. Its slips may be exchanged again.
func (i Invoice) Void(copies int, reason string, period int, rules InvoiceRules) (Invoice, error) {
	next, err := i.next(CopiesKept)
	switch {
	case err != nil:
		return i, err
	case strings.TrimSpace(reason) == "":
		return i, ErrReasonMissing
	case period != i.Period:
		return i, ErrInvoiceMonth.With("Invoice", i.String(), "Month", i.Period)
	case copies != rules.Copies:
		return i, ErrInvoiceCopies.With("Invoice", i.String(), "Copies", copies, "Want", rules.Copies)
	}
	i.State, i.Copies, i.Reason = next, copies, reason
	return i, nil
}

// Red makes out the red invoice that takes this one back: the same figures below
// zero (红字发票). It still wants a number; Reverse marks this one with it.
func (i Invoice) Red(reason string) (Invoice, error) {
	if _, err := i.next(RedIssued); err != nil {
		return i, err
	}
	if strings.TrimSpace(reason) == "" {
		return i, ErrReasonMissing
	}
	red := Invoice{Customer: i.Customer, Type: i.Type, For: i.For, State: InvoiceIssued, Buyer: i.Buyer, RedOf: i.InvoiceRef,
		Reason: reason, TotalFen: -i.TotalFen, VATFen: -i.VATFen}
	for _, l := range i.Lines {
		l.TotalFen, l.VATFen = -l.TotalFen, -l.VATFen
		red.Lines = append(red.Lines, l)
	}
	return red, nil
}

// Reverse returns the invoice as it is when a red one took it back.
func (i Invoice) Reverse(red InvoiceRef) (Invoice, error) {
	next, err := i.next(RedIssued)
	if err == nil {
		i.State, i.Ended = next, red
	}
	return i, err
}
