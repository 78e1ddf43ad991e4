package vending

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
)

// Opening is a customer taken over from an older system, with what they had there.
type Opening struct {
	Customer   Customer
	Meter      Meter
	Papers     Papers
	AdvanceFen int64
	DepositFen int64
	Consumed   int64 // what the meter had burnt until then, in its unit
	Credit     int64 // what was left in it
	CostFen    int64 // what the credit that is left cost
	VATBp      int64
}

// What is wrong with a table of openings.
var (
	ErrColumnUnknown = &Error{Kind: Invalid, Code: "column_unknown"}
	ErrColumnMissing = &Error{Kind: Invalid, Code: "column_missing"}
	ErrColumnTwice   = &Error{Kind: Invalid, Code: "column_twice"}
	ErrCell          = &Error{Kind: Invalid, Code: "cell_invalid"}
	ErrCreditCost    = &Error{Kind: Invalid, Code: "credit_without_cost"}
)

// column is one column of the table: what it may be called, and what its cells
// say of an opening.
type column struct {
	name, zh string
	must     bool
	read     func(*Opening, string) error
}

var columns = []column{
	{"customer", "户号", true, func(o *Opening, s string) (err error) {
		o.Customer.No, err = strconv.ParseInt(s, 10, 64)
		return err
	}},
	{"name", "户名", true, func(o *Opening, s string) error { o.Customer.Name = s; return nil }},
	{"address", "地址", false, func(o *Opening, s string) error { o.Customer.Address = s; return nil }},
	{"status", "状态", false, readStatus},
	{"tariff", "价格方案", false, func(o *Opening, s string) error { o.Customer.Tariff = s; return nil }},
	{"meter", "表号", true, func(o *Opening, s string) error { o.Meter.No = s; return nil }},
	{"max_credit", "最大余量", false, func(o *Opening, s string) error { return readVolume(&o.Meter.MaxCredit, s) }},
	{"papers", "证件类型", false, func(o *Opening, s string) error { o.Papers.Kind = s; return nil }},
	{"papers_tail", "证件尾号", false, func(o *Opening, s string) error { o.Papers.Tail = TailOf(s); return nil }},
	{"contract", "合同号", false, func(o *Opening, s string) error { o.Papers.Contract = s; return nil }},
	{"advance", "预收余额", false, func(o *Opening, s string) error { return readYuan(&o.AdvanceFen, s) }},
	{"deposit", "押金", false, func(o *Opening, s string) error { return readYuan(&o.DepositFen, s) }},
	{"consumed", "累计用量", false, func(o *Opening, s string) error { return readVolume(&o.Consumed, s) }},
	{"credit", "表内余量", false, func(o *Opening, s string) error { return readVolume(&o.Credit, s) }},
	{"credit_cost", "余量金额", false, func(o *Opening, s string) error { return readYuan(&o.CostFen, s) }},
}

// statusNames are the states as lists of other programs call them.
var statusNames = map[string]Status{"在册": Registered, "待点火": AwaitingIgnition, "点火通气": InService, "空房": Vacant,
	"报停": Suspended, "封停": Sealed, "拆除": Dismantled}

func readStatus(o *Opening, s string) error {
	o.Customer.Status = Status(s)
	if named, ok := statusNames[s]; ok {
		o.Customer.Status = named
	}
	if _, ok := life[o.Customer.Status]; !ok {
		return ErrCell
	}
	return nil
}

// TailOf is what is kept of the number of identity papers: its end (RULES B12).
func TailOf(s string) string {
	r := []rune(s)
	return string(r[max(0, len(r)-PapersTail):])
}

func readYuan(fen *int64, s string) (err error) {
	*fen, err = ParseYuan(s)
	return err
}

func readVolume(n *int64, s string) (err error) {
	*n, err = ParseThousandths(s)
	return err
}

// ParseThousandths reads cubic metres as litres, or kWh as Wh: "76.04" is 76040.
// More than three decimals, a sign and anything else is ErrAmountInvalid.
func ParseThousandths(s string) (int64, error) {
	whole, rest, point := strings.Cut(s, ".")
	if point && (rest == "" || len(rest) > 3) || whole == "" || !digits(whole, len(whole)) || !digits(rest, len(rest)) {
		return 0, ErrAmountInvalid.With("Amount", s)
	}
	n, err := strconv.ParseInt(whole+rest+"000"[len(rest):], 10, 64)
	if err != nil {
		return 0, ErrAmountOverflow.With("Amount", s)
	}
	return n, nil
}

// Header is the first line of a table of openings: which column is where.
type Header []column

// ReadHeader reads the first line of a table of openings, in zh-CN or en. It fails
// with ErrColumnUnknown, ErrColumnMissing or ErrColumnTwice.
func ReadHeader(cells []string) (Header, error) {
	var h Header
	seen := map[string]bool{}
	for _, cell := range withoutEmptyEnd(cells) {
		found := false
		for _, c := range columns {
			if cell == c.name || cell == c.zh {
				h, found = append(h, c), true
				if seen[c.name] {
					return nil, ErrColumnTwice.With("Column", cell)
				}
				seen[c.name] = true
			}
		}
		if !found {
			return nil, ErrColumnUnknown.With("Column", cell)
		}
	}
	for _, c := range columns {
		if c.must && !seen[c.name] {
			return nil, ErrColumnMissing.With("Column", c.name+" / "+c.zh)
		}
	}
	return h, nil
}

// Row reads one line; defaults is what empty cells mean. It says what is wrong
// with the first cell that cannot be read, or with the whole.
func (h Header) Row(cells []string, defaults Opening) (Opening, error) {
	o := defaults
	priced := false
	for i, c := range h {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		if cell == "" {
			if c.must {
				return o, ErrCell.With("Column", c.name+" / "+c.zh, "Value", "")
			}
			continue
		}
		if err := c.read(&o, cell); err != nil {
			return o, ErrCell.With("Column", c.name+" / "+c.zh, "Value", cell)
		}
		priced = priced || c.name == "credit_cost"
	}
	if cells = withoutEmptyEnd(cells); len(cells) > len(h) {
		return o, ErrCell.With("Column", strconv.Itoa(len(h)+1), "Value", cells[len(h)])
	}
	if priced != (o.Credit > 0) {
		return o, ErrCreditCost
	}
	return o, o.Valid()
}

// withoutEmptyEnd drops what a spreadsheet counts as cells and people do not see.
func withoutEmptyEnd(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// Valid checks the whole.
func (o Opening) Valid() error {
	if err := o.Customer.Valid(); err != nil {
		return err
	}
	if err := o.Meter.Valid(); err != nil {
		return err
	}
	if o.Consumed > math.MaxInt64-o.Credit {
		return ErrAmountOverflow.With("Amount", FormatThousandths(o.Consumed))
	}
	for _, fen := range []int64{o.AdvanceFen, o.DepositFen, o.CostFen} {
		if fen > MaxChargeFen {
			return ErrAmountOverflow.With("Amount", FormatYuan(fen))
		}
	}
	return nil
}

// ID is of the deed: a customer is taken over once. The same line again is the
// same deed, another line for the same customer is refused.
func (o Opening) ID() uuid.UUID {
	return ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("customer %d taken over", o.Customer.No))
}

// Total is the cumulative credit of the meter: what it burnt and what is left.
func (o Opening) Total() int64 { return o.Consumed + o.Credit }

// Transfers brings into the books what the customer had: their money, and the
// meter's credit, what it burnt included. That it was burnt is said by Report.
func (o Opening) Transfers(at time.Time) []ledger.Transfer {
	no, id := o.Customer.No, o.ID()
	var out []ledger.Transfer
	for _, part := range []struct {
		role     string
		from, to ledger.Account
		amount   ledger.Amount
	}{
		{"advance", ledger.Opening, ledger.Advance(no), ledger.Fen(o.AdvanceFen)},
		{"deposit", ledger.Opening, ledger.Deposit(no), ledger.Fen(o.DepositFen)},
		{"cost", ledger.Opening, ledger.Prepaid(no), ledger.Fen(o.CostFen)},
		{"credit", ledger.Sold, ledger.Meter(o.Meter.No), ledger.Amount{N: o.Total(), Commodity: o.Meter.Commodity}},
	} {
		if part.amount.N > 0 {
			out = append(out, ledger.Transfer{Customer: no, ID: ledger.MoveID(id, part.role), Kind: ledger.Single,
				Debit: part.from, Credit: part.to, Amount: part.amount, Cause: id, At: at})
		}
	}
	return out
}

// Lot is the price of the credit that is left; false where none is.
func (o Opening) Lot() (revenue.Lot, bool) {
	return revenue.Lot{From: o.Consumed, To: o.Total(), Cost: o.CostFen, VATbp: o.VATBp}, o.Credit > 0
}

// Report is the last word of the meter before it was taken over.
func (o Opening) Report(at time.Time) Report {
	return Report{Customer: o.Customer.No, Meter: o.Meter.No, Source: OnSite, MeterTime: at, Loaded: o.Total(),
		Remaining: o.Credit, Consumed: o.Consumed, Resolution: 1, ValveOpen: true}
}
