package vending

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
)

// CloseDeed is the kind of deed of the month's close, in the customers' books and
// in the company's.
const CloseDeed = "month close"

// MonthState is how far the close of a month is.
type MonthState string

// The states. A month that is running may be taken up again where it stopped.
const (
	MonthRunning MonthState = "running"
	MonthClosed  MonthState = "closed"
)

// Month is the close of a month and its totals.
type Month struct {
	Period    int // as 202610
	State     MonthState
	Started   time.Time
	Closed    time.Time // zero while running
	Meters    int64
	Measured  int64 // of the meters, those that were read (RULES C6)
	Estimated int64 // those whose use was estimated (RULES C5); of the others nothing is known
	Beyond    int64 // those that burnt more than was sold
	Earned    revenue.Sum
}

// Add counts meters' lines in. It fails with ledger.ErrOverflow.
func (m *Month) Add(lines ...CloseLine) (err error) {
	for _, l := range lines {
		m.Meters++
		switch l.Basis {
		case revenue.Measured:
			m.Measured++
		case revenue.Estimated:
			m.Estimated++
		}
		if l.Beyond > 0 {
			m.Beyond++
		}
		if m.Earned, err = m.Earned.Add(l.Month); err != nil {
			return err
		}
	}
	return nil
}

// CloseLine is one meter's month in the close.
type CloseLine struct {
	Customer  int64
	Meter     string
	Period    int
	Class     string           // use class (RULES A3), or what else its revenue goes to
	Commodity ledger.Commodity // of Sold, Used and the positions
	ReadAt    time.Time        // by the meter's clock: the reading behind the line; zero where there is none
	revenue.Line
}

// CloseID is the id of the deed that closes a month in a customer's book: the same
// whoever closes it, and however often it was broken off.
func CloseID(period int, customer int64) uuid.UUID {
	return ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("%s %d %d", CloseDeed, period, customer))
}

// Transfers is what the line posts: from prepaid to revenue and VAT what was
// earned, and back what an estimate had overshot (RULES C6). All are of the month
// that is closed.
func (l CloseLine) Transfers(at time.Time) []ledger.Transfer {
	return l.earn(CloseID(l.Period, l.Customer), l.Month, at)
}

// TakenBack is what takes back, between two closes, what they recognised too much;
// over is above zero.
func (l CloseLine) TakenBack(over revenue.Sum, deed uuid.UUID, at time.Time) []ledger.Transfer {
	return l.earn(deed, revenue.Sum{Gross: -over.Gross, VAT: -over.VAT}, at)
}

func (l CloseLine) earn(cause uuid.UUID, sum revenue.Sum, at time.Time) []ledger.Transfer {
	var out []ledger.Transfer
	for _, part := range []struct {
		role string
		to   ledger.Account
		fen  int64
	}{
		{"revenue ", ledger.Revenue(l.Class), sum.Net()},
		{"vat ", ledger.Output, sum.VAT},
	} {
		t := ledger.Transfer{Customer: l.Customer, ID: ledger.MoveID(cause, part.role+l.Meter), Kind: ledger.Single,
			Debit: ledger.Prepaid(l.Customer), Credit: part.to, Amount: ledger.Fen(part.fen), Cause: cause, At: at, Period: l.Period}
		if part.fen < 0 {
			t.Debit, t.Credit, t.Amount.N = t.Credit, t.Debit, -part.fen
		}
		if part.fen != 0 {
			out = append(out, t)
		}
	}
	return out
}

// ParsePeriod reads a month as people write it, "2026-10", into 202610.
func ParsePeriod(s string) (int, error) {
	at, err := time.ParseInLocation("2006-01", s, Zone)
	if err != nil || at.Year() < 2000 {
		return 0, ErrPeriodInvalid.With("Period", s)
	}
	return PeriodOf(at), nil
}

// FormatPeriod writes 202610 as "2026-10".
func FormatPeriod(period int) string {
	return strconv.Itoa(period/100) + "-" + fmt.Sprintf("%02d", period%100)
}

// PreviousPeriod is the month before.
func PreviousPeriod(period int) int { return PeriodOf(PeriodStart(period).AddDate(0, -1, 0)) }

// What the month's close refuses. Nothing was posted then.
var (
	ErrPeriodInvalid  = &Error{Kind: Invalid, Code: "period_invalid"}
	ErrMonthNotEnded  = &Error{Kind: NotAllowed, Code: "month_not_ended"}
	ErrMonthBefore    = &Error{Kind: NotAllowed, Code: "month_before_open"}
	ErrMonthPassed    = &Error{Kind: NotAllowed, Code: "month_passed"}
	ErrMonthShifts    = &Error{Kind: NotAllowed, Code: "month_shifts_open"}
	ErrMonthDoubts    = &Error{Kind: Doubtful, Code: "month_doubts_open"}
	ErrMonthCloseRuns = &Error{Kind: Locked, Code: "month_close_runs"}
	ErrMonthMeter     = &Error{Kind: Failed, Code: "month_meter"}
	ErrFileNotWritten = &Error{Kind: Failed, Code: "file_not_written"}
	ErrMonthNotClosed = &Error{Kind: NotFound, Code: "month_not_closed"}
)
