package vending

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// The kinds of deed of withholding (银行代扣, RULES B3).
const (
	DeedWithholding = "withholding"
	DeedWithheld    = "withholding result"
)

// What is wrong with a result of withholding. It is listed; nothing is changed.
var (
	ErrNotAsked     = &Error{Kind: NotFound, Code: "withholding_not_asked"}
	ErrOtherAmount  = &Error{Kind: NotAllowed, Code: "withholding_other_amount"}
	ErrOtherOutcome = &Error{Kind: NotAllowed, Code: "withholding_other_outcome"}
)

// WithholdingState is how far a line of a batch has come.
type WithholdingState string

// The states of a line.
const (
	WithholdingAsked   WithholdingState = "asked"
	WithholdingPaid    WithholdingState = "paid"
	WithholdingRefused WithholdingState = "refused"
)

// Withholding is a line of a batch: what one customer owes.
type Withholding struct {
	ID       uuid.UUID // the reference in the bank's file
	Customer int64
	Mandate  string
	Name     string
	Fen      int64
	State    WithholdingState
	Reason   string
}

// WithholdingID is the id of a customer's line in a batch.
func WithholdingID(batch uuid.UUID, customer int64) uuid.UUID {
	return uuid.NewSHA1(batch, fmt.Append(nil, customer))
}

// Result is the id of the deed that takes the line's result.
func (l Withholding) Result() uuid.UUID { return uuid.NewSHA1(l.ID, []byte("result")) }

// Reference is the id as files have it: 32 characters.
func (l Withholding) Reference() string { return strings.ReplaceAll(l.ID.String(), "-", "") }

// Transfer is what a withheld amount moves into the customer's book.
func (l Withholding) Transfer(deed uuid.UUID, bank string, day Date) ledger.Transfer {
	return ledger.Transfer{Customer: l.Customer, ID: ledger.MoveID(deed, "withheld"), Kind: ledger.Single, Debit: ledger.Bank(bank),
		Credit: ledger.Advance(l.Customer), Amount: ledger.Fen(l.Fen), Cause: deed, At: day.Midnight()}
}

// WriteWithholdings writes a batch for a bank: number, reference, mandate,
// customer number, name and yuan between bars; at the end T, the count and the total.
func WriteWithholdings(w io.Writer, lines []Withholding) error {
	out := bufio.NewWriter(w)
	total := ledger.Fen(0)
	for i, l := range lines {
		var err error
		if total, err = total.Add(ledger.Fen(l.Fen)); err != nil {
			return err
		}
		fmt.Fprintf(out, "%d|%s|%s|%d|%s|%s\r\n", i+1, l.Reference(), field(l.Mandate), l.Customer, field(l.Name), FormatYuan(l.Fen))
	}
	fmt.Fprintf(out, "T|%d|%s\r\n", len(lines), FormatYuan(total.N))
	return out.Flush()
}

// field is a text without what would end it.
func field(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '|' || r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
