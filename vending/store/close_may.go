package store

import (
	"context"
	"errors"
	"strings"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// mayClose says how far a month is and why it may not be closed now: it has not
// ended, another must be closed first, shifts are open from it, or purchases are in
// doubt (RULES B7, C6). vending.ErrRepeated where it is closed.
func mayClose(ctx context.Context, q ledger.Tx, period int) (vending.Month, error) {
	month, err := monthOf(ctx, q, period)
	switch {
	case err == nil && month.State == vending.MonthClosed:
		return month, vending.ErrRepeated
	case err != nil && !errors.Is(err, vending.ErrMonthNotClosed):
		return month, err
	}
	for _, why := range []func(context.Context, ledger.Tx, int) error{hasEnded, isNext, noShifts, noDoubts} {
		if err := why(ctx, q, period); err != nil {
			return month, err
		}
	}
	return month, nil
}

// hasEnded asks for the end of the month, and of every transaction that began in it:
// what they write is of that month.
func hasEnded(ctx context.Context, q ledger.Tx, period int) error {
	var ended bool
	err := q.QueryRow(ctx, `
		select ledger_now() >= $1 and not exists (
			select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ledger_now() - (now() - xact_start) < $1
		)`, vending.PeriodEnd(period)).Scan(&ended)
	if err == nil && !ended {
		return vending.ErrMonthNotEnded.With("Period", vending.FormatPeriod(period))
	}
	return err
}

// isNext asks for the months in their order, from the first in which anything was posted.
func isNext(ctx context.Context, q ledger.Tx, period int) error {
	var last, first int
	if err := q.QueryRow(ctx, `select coalesce(max(period), 0) from month_close where state = 'closed'`).Scan(&last); err != nil {
		return err
	}
	next := vending.NextPeriod(last)
	if last == 0 {
		if err := q.QueryRow(ctx, `select coalesce(min(period), $1) from ledger_transfer`, period).Scan(&first); err != nil {
			return err
		}
		next = first
	}
	switch {
	case period > next:
		return vending.ErrMonthBefore.With("Period", vending.FormatPeriod(period), "Next", vending.FormatPeriod(next))
	case period < next:
		return vending.ErrMonthPassed.With("Period", vending.FormatPeriod(period), "Next", vending.FormatPeriod(next))
	}
	return nil
}

// shown bounds how many shifts or purchases a refusal names.
const shown = 5

func noShifts(ctx context.Context, q ledger.Tx, period int) error {
	open, err := column[string](ctx, q, `select till || '-' || no from shift where state <> 'closed' and opened_at < $1 order by opened_at`,
		vending.PeriodEnd(period))
	if err != nil || len(open) == 0 {
		return err
	}
	return vending.ErrMonthShifts.With("Count", len(open), "Shifts", strings.Join(open[:min(shown, len(open))], ", "))
}

func noDoubts(ctx context.Context, q ledger.Tx, period int) error {
	doubts, err := column[string](ctx, q, `select id::text from purchase where state = 'pending' and opened_at < $1 order by opened_at`,
		vending.PeriodEnd(period))
	if err != nil || len(doubts) == 0 {
		return err
	}
	return vending.ErrMonthDoubts.With("Count", len(doubts), "IDs", strings.Join(doubts[:min(shown, len(doubts))], ", "))
}
