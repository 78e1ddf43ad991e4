package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

const shiftColumns = `till, no, cashier, state, opened_at, float_fen, counted, expected_fen, counted_fen, counts, bank_fen, bank, safe,
	reason, approved, closed_at`

func scanShift(row pgx.CollectableRow) (vending.Shift, error) {
	var s vending.Shift
	var counted []byte
	var closed *time.Time
	err := row.Scan(&s.Till, &s.No, &s.Cashier, &s.State, &s.Opened, &s.FloatFen, &counted, &s.Expected, &s.Counted, &s.Counts,
		&s.BankFen, &s.Bank, &s.Safe, &s.Reason, &s.Approved, &closed)
	if closed != nil {
		s.Closed = *closed
	}
	if err == nil {
		err = json.Unmarshal(counted, &s.Count)
	}
	return s, err
}

func oneShift(rows pgx.Rows, err error, missing error) (vending.Shift, error) {
	if err != nil {
		return vending.Shift{}, refusal(err)
	}
	s, err := pgx.CollectOneRow(rows, scanShift)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, missing
	}
	return s, refusal(err)
}

// ShiftAt is the shift of a till that is not closed, or vending.ErrNoOpenShift.
func (s *Store) ShiftAt(ctx context.Context, till string) (vending.Shift, error) {
	rows, err := s.pool.Query(ctx, `select `+shiftColumns+` from shift where till = $1 and state <> 'closed'`, till)
	return oneShift(rows, err, vending.ErrNoOpenShift.With("Till", till))
}

// Shift is the shift with a number, as "1-17", or vending.ErrNoShift.
func (s *Store) Shift(ctx context.Context, number string) (vending.Shift, error) {
	return shiftRow(ctx, s.pool, number)
}

func shiftRow(ctx context.Context, q querier, number string) (vending.Shift, error) {
	till, no, err := vending.ParseShift(number)
	if err != nil {
		return vending.Shift{}, err
	}
	rows, err := q.Query(ctx, `select `+shiftColumns+` from shift where till = $1 and no = $2`, till, no)
	return oneShift(rows, err, vending.ErrNoShift.With("Shift", number))
}

// ShiftOpenedBy is the shift that a deed opened.
func (s *Store) ShiftOpenedBy(ctx context.Context, deed uuid.UUID) (vending.Shift, error) {
	rows, err := s.pool.Query(ctx, `select `+shiftColumns+` from shift where opened_by = $1`, deed)
	return oneShift(rows, err, vending.ErrNoShift.With("Shift", deed.String()))
}

// ShiftsOf lists the shifts that opened on a day, by when they did; all that are
// not closed, whenever they opened, where open.
func (s *Store) ShiftsOf(ctx context.Context, day vending.Date, open bool) ([]vending.Shift, error) {
	from, until := span(day)
	if open {
		until = time.Now().AddDate(1, 0, 0)
	}
	return shiftsIn(ctx, s.pool, from, until, open)
}

func shiftsIn(ctx context.Context, q querier, from, until time.Time, open bool) ([]vending.Shift, error) {
	rows, err := q.Query(ctx, `select `+shiftColumns+` from shift
		where (opened_at >= $1 or $3) and opened_at < $2 and (not $3 or state <> 'closed') order by opened_at, till, no`, from, until, open)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanShift)
	return list, refusal(err)
}

// AddShift opens the next shift of a till. The company's book is held, so numbers
// have no gap. It fails with vending.ErrTillBusy or vending.ErrCashierBusy.
func (t *Tx) AddShift(ctx context.Context, s vending.Shift, deed uuid.UUID) (vending.Shift, error) {
	s.State, s.Opened = vending.ShiftOpen, t.Now
	err := t.tx.QueryRow(ctx, `
		insert into shift (till, no, cashier, state, opened_at, float_fen, safe, opened_by)
		values ($1, (select coalesce(max(no), 0) + 1 from shift where till = $1), $2, $3, $4, $5, $6, $7) returning no`,
		s.Till, s.Cashier, s.State, s.Opened, s.FloatFen, s.Safe, deed).Scan(&s.No)
	if err != nil {
		return s, busy(refusal(err), s)
	}
	t.Changed("shift", s.Number())
	return s, nil
}

func busy(err error, s vending.Shift) error {
	switch {
	case errors.Is(err, vending.ErrTillBusy):
		return vending.ErrTillBusy.With("Till", s.Till)
	case errors.Is(err, vending.ErrCashierBusy):
		return vending.ErrCashierBusy.With("Cashier", s.Cashier)
	}
	return err
}

// Shift is the shift with a number, or vending.ErrNoShift.
func (t *Tx) Shift(ctx context.Context, number string) (vending.Shift, error) {
	return shiftRow(ctx, t.tx, number)
}

// SetShift stores where a shift stands.
func (t *Tx) SetShift(ctx context.Context, s vending.Shift) error {
	counted, err := json.Marshal(s.Count)
	if err != nil {
		return err
	}
	if s.Count == nil {
		counted = []byte("{}")
	}
	_, err = t.tx.Exec(ctx, `
		update shift set state = $3, counted = $4, expected_fen = $5, counted_fen = $6, bank_fen = $7, bank = $8, safe = $9,
			reason = $10, approved = $11, closed_at = $12, counts = $13 where till = $1 and no = $2`,
		s.Till, s.No, s.State, counted, s.Expected, s.Counted, s.BankFen, s.Bank, s.Safe, s.Reason, s.Approved, timeOrNull(s.Closed), s.Counts)
	t.Changed("shift", s.Number())
	t.Changed("state", s.State)
	return err
}

// UseShift keeps a shift from closing until this transaction ends. Whatever moves
// money at a till calls it; vending.ErrShiftClosed where it sells no more.
func (t *Tx) UseShift(ctx context.Context, number string) error {
	if _, err := t.tx.Exec(ctx, `select pg_advisory_xact_lock_shared(hashtextextended('shift:' || $1, 0))`, number); err != nil {
		return err
	}
	// A statement of its own: it sees what whoever held the lock has committed.
	s, err := shiftRow(ctx, t.tx, number)
	if err == nil && s.State != vending.ShiftOpen {
		err = vending.ErrShiftClosed.With("Shift", number)
	}
	return err
}

// DrainShift waits until no transaction that uses the shift is in flight.
func (t *Tx) DrainShift(ctx context.Context, number string) error {
	_, err := t.tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('shift:' || $1, 0))`, number)
	return err
}

// HeldByShift is what the ledger says a shift holds, by means, in fen.
func (t *Tx) HeldByShift(ctx context.Context, number string) (map[vending.Means]int64, error) {
	return heldByShift(ctx, t.tx, number)
}

// HeldByShift is what the ledger says a shift holds, by means, in fen.
func (s *Store) HeldByShift(ctx context.Context, number string) (map[vending.Means]int64, error) {
	held, err := heldByShift(ctx, s.pool, number)
	return held, refusal(err)
}

func heldByShift(ctx context.Context, q ledger.Tx, number string) (map[vending.Means]int64, error) {
	var accounts []ledger.Account
	for _, m := range vending.AllMeans {
		accounts = append(accounts, m.Account(number))
	}
	in, err := ledger.InTills(ctx, q, accounts...)
	if err != nil {
		return nil, err
	}
	held := map[vending.Means]int64{}
	for _, m := range vending.AllMeans {
		if n := in[m.Account(number)]; n != 0 {
			held[m] = n
		}
	}
	return held, nil
}

// HoldsCash refuses to pay more cash out of a shift's drawer than there is in it by
// the books: vending.ErrTillShort, which does not say how much that is, for the count is
// blind. Who pays out of one drawer takes turns until this transaction ends. Who pays
// in, as every sale does, takes none: what is not committed yet is not counted.
func (t *Tx) HoldsCash(ctx context.Context, drawer ledger.Account, fen int64) error {
	if _, err := t.tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('drawer:' || $1, 0))`, drawer.Of); err != nil {
		return err
	}
	// A statement of its own: it sees what whoever had the turn before has paid out.
	held, err := ledger.InTills(ctx, t.tx, drawer)
	if err == nil && held[drawer] < fen {
		err = vending.ErrTillShort.With("Shift", drawer.Of, "Amount", vending.FormatYuan(fen))
	}
	return err
}

// HeldByCompany is what a safe or bank account of the company holds by its own book, in fen.
func (t *Tx) HeldByCompany(ctx context.Context, a ledger.Account) (int64, error) {
	held, err := ledger.InBook(ctx, t.tx, companyBook, a)
	return held[a], err
}
