package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// refusals maps the named constraints of the schema to what they mean.
var refusals = map[string]*vending.Error{
	"purchase_one_pending_per_card": vending.ErrUnresolved,
	"purchase_pkey":                 vending.ErrIDReused,
	"purchase_reversed_once":        vending.ErrReversed,
	"customer_tariff_fkey":          vending.ErrNoTariff,
	"meter_owner_pkey":              vending.ErrMeterTaken,
	"card_owner_pkey":               vending.ErrCardTaken,
	"card_one_live_per_meter":       vending.ErrCardTaken,
	"report_meter_fkey":             vending.ErrNoMeter,
	"record_id_once":                vending.ErrRepeated,
	"collection_once":               vending.ErrCollected,
	"payment_reference_pkey":        vending.ErrReferenceUsed,
	"shift_one_open_per_till":       vending.ErrTillBusy,
	"shift_one_open_per_cashier":    vending.ErrCashierBusy,
	"shift_cashier_fkey":            vending.ErrNoStaff,
	"terminal_one_per_till":         vending.ErrTillHasTerminal,
}

// bookRefusals maps what the ledger refuses.
var bookRefusals = map[error]*vending.Error{
	ledger.ErrOverdrawn: vending.ErrAdvanceShort,
	ledger.ErrDone:      vending.ErrRepeated,
	ledger.ErrClosed:    vending.ErrPeriodClosed,
}

// withheld maps the columns that purchaseSQL leaves out to what it means.
var withheld = map[string]*vending.Error{
	"purchase.id":   vending.ErrIDReused,
	"purchase.till": vending.ErrNoOpenShift,
}

const notNullViolation, checkViolation, dataException, lockNotAvailable = "23502", "23514", "22", "55P03"

// refusal turns what the database said into an error of vending. What it does
// not know stays as it is; a lost connection is vending.ErrDatabase, and vending.ErrHeld says that another was in the way.
func refusal(err error) error {
	var known *vending.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	for of, meaning := range bookRefusals {
		if errors.Is(err, of) {
			return fmt.Errorf("%w: %w", meaning, err)
		}
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return lost(err)
	}
	if meaning, ok := refusals[pg.ConstraintName]; ok {
		return fmt.Errorf("%w: %w", meaning, err)
	}
	if meaning, ok := withheld[pg.TableName+"."+pg.ColumnName]; ok && pg.Code == notNullViolation {
		return fmt.Errorf("%w: %w", meaning, err)
	}
	if pg.Code == lockNotAvailable || deadlocked(pg) {
		return fmt.Errorf("%w: %w", vending.ErrHeld, err)
	}
	if leaving(pg) || strained(pg) {
		return down(err)
	}
	if pg.Code == checkViolation || strings.HasPrefix(pg.Code, dataException) {
		return fmt.Errorf("%w: %w", vending.ErrUnfit.With("Rule", cmp.Or(pg.ConstraintName, pg.Code)), err)
	}
	return err
}

// strained says that the server lacks what it needs, as room on its disk (classes 53 and 58): that is no statement's fault.
func strained(e *pgconn.PgError) bool {
	return strings.HasPrefix(e.Code, "53") || strings.HasPrefix(e.Code, "58")
}

// lost tells a dead connection from an error of our own.
func lost(err error) error {
	if pgconn.Timeout(err) || pgconn.SafeToRetry(err) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) {
		return down(err)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return down(err)
	}
	return err
}
