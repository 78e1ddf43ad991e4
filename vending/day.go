package vending

import "time"

// What goes wrong with the close of a day.
var (
	ErrDayClosed  = &Error{Kind: NotAllowed, Code: "day_closed"}
	ErrDayNotOver = &Error{Kind: NotAllowed, Code: "day_in_future"}
	ErrShiftsOpen = &Error{Kind: NotAllowed, Code: "day_shifts_open"}
)

// Takings are what one cashier took in one shift by one means from one class of
// customers (RULES B7: 日清日结).
type Takings struct {
	Shift   string
	Cashier string
	Means   Means
	Class   string // tariff of the customers
	Count   int64  // transfers of money
	InFen   int64
	OutFen  int64 // given back
}

// Day is the report of a day whose shifts have closed.
type Day struct {
	Date     Date
	ClosedAt time.Time
	ClosedBy string
	Takings  []Takings
	Shifts   []Shift
	Open     []Matter // purchases in doubt: listed, they do not keep the day open
	Head     []byte   // of the company's chain of audit records when the day was closed
}
