package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// Tx is one transaction on one book. No other transaction changes the same book
// at the same time.
type Tx struct {
	tx       pgx.Tx
	Customer vending.Customer // Customer.No 0 is the company's own book
	Now      time.Time        // the database's clock when the transaction began

	draft   *ledger.Draft
	changed bool
	detail  map[string]any
}

// ForCustomer runs do in one transaction that holds the customer's row, and
// commits if it returns nil, with the audit record of the deed. A deed that changed
// nothing leaves no record.
//
// It fails with vending.ErrNoCustomer, vending.ErrDatabase, vending.ErrRepeated
// where the deed was done before, vending.ErrDeedReused where its id was used for
// another, or vending.ErrCommitInDoubt when the answer to the commit was lost: then
// what do wrote may be there or not, and must be read back.
//
// do is run again where two were in each other's way: where the database says so, and where it was refused on a book that has
// changed meanwhile.
func (s *Store) ForCustomer(ctx context.Context, no int64, deed vending.Deed, do func(*Tx) error) error {
	return s.run(ctx, no, deed, do)
}

// ForCompany is ForCustomer on the company's own book: tills, banks, stock. Deeds
// there take turns.
func (s *Store) ForCompany(ctx context.Context, deed vending.Deed, do func(*Tx) error) error {
	return s.run(ctx, companyBook, deed, do)
}

const companyBook = 0

// tries bounds how often a transaction is run anew.
const tries = 10

// run retries the whole transaction, from outside, where two were in each other's
// way: a retry inside it would keep the locks that the other waits for.
func (s *Store) run(ctx context.Context, book int64, deed vending.Deed, do func(*Tx) error) error {
	if deed.ID == uuid.Nil {
		deed.ID = uuid.Must(uuid.NewV7())
	}
	for try := 1; ; try++ {
		err := s.once(ctx, book, deed, do)
		if errors.Is(err, vending.ErrRepeated) {
			return s.confirm(ctx, err)
		}
		if err == nil || try == tries || !inTheWay(err) {
			return err
		}
	}
}

// inTheWay says whether the same transaction may succeed when it is run again.
func inTheWay(err error) bool { return deadlocked(err) || errors.Is(err, ledger.ErrStale) }

// deadlocked says whether the database ended a transaction for another's sake.
func deadlocked(err error) bool {
	const serializationFailure, deadlock = "40001", "40P01"
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlock)
}

func (s *Store) once(ctx context.Context, book int64, deed vending.Deed, do func(*Tx) error) error {
	tx, err := s.begin(ctx, pgx.TxOptions{})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	t, err := hold(ctx, tx, book, deed)
	if err != nil {
		return refusal(err)
	}
	if err := do(t); err != nil {
		return s.refused(ctx, tx, t, refusal(err))
	}
	// What was done is kept, even if the caller has gone away meanwhile.
	if err := t.close(context.WithoutCancel(ctx), deed); err != nil {
		return refusal(err)
	}
	return s.commit(ctx, tx)
}

// refused undoes a transaction and says why. A sale is opened and ended without its customer's row (sale.go), so do may have
// met half a book of before and half of after, and what refused it then is no refusal: ledger.ErrStale comes with it. Not with
// vending.ErrHeld: somebody else is at it still, and do has waited for them once.
func (s *Store) refused(ctx context.Context, tx *held, t *Tx, why error) error {
	tx.Rollback(context.WithoutCancel(ctx))
	if errors.Is(why, vending.ErrHeld) {
		return why
	}
	if moved, err := t.draft.Overtaken(ctx, s.pool); err == nil && moved {
		return fmt.Errorf("%w: %w", why, ledger.ErrStale)
	}
	return why
}

// hold takes a book: its row, then, in a second statement that sees what whoever
// held it before has done, its head.
func hold(ctx context.Context, tx pgx.Tx, no int64, deed vending.Deed) (*Tx, error) {
	t := &Tx{tx: tx, Customer: vending.Customer{No: no}}
	var err error
	if no == companyBook {
		_, err = tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('vendgate: the company''s book', 0))`)
	} else {
		t.Customer, err = customerRow(ctx, tx, no, "for no key update")
	}
	if err != nil {
		return nil, err
	}
	kind, request, done, err := ledger.Done(ctx, tx, no, deed.ID)
	if err != nil {
		return nil, err
	}
	if done {
		return nil, deed.Repeats(kind, request)
	}
	head, err := ledger.HeadOf(ctx, tx, no)
	if err != nil {
		return nil, err
	}
	if err := tx.QueryRow(ctx, `select ledger_now()`).Scan(&t.Now); err != nil {
		return nil, err
	}
	t.draft = ledger.Begin(head, t.Now, vending.PeriodOf(t.Now))
	return t, nil
}

// Changed says that the deed changed something beside transfers, and what: it goes
// into the audit record.
func (t *Tx) Changed(what string, value any) {
	t.changed = true
	if t.detail == nil {
		t.detail = map[string]any{}
	}
	t.detail[what] = value
}

// close writes the audit record.
func (t *Tx) close(ctx context.Context, deed vending.Deed) error {
	if !t.changed && !t.draft.Moved() {
		return nil
	}
	if deed.Kind == "" || deed.By.Staff == "" {
		return fmt.Errorf("a change of book %d without saying who does what", t.Customer.No)
	}
	if deed.At.IsZero() {
		deed.At = t.Now
	}
	detail, err := json.Marshal(t.detail)
	if err != nil {
		return fmt.Errorf("detail of %q: %w", deed.Kind, err)
	}
	record, err := deed.Record(string(detail))
	if err != nil {
		return err
	}
	return t.draft.Close(ctx, t.tx, record)
}

// Apply posts transfers in this book.
func (t *Tx) Apply(ctx context.Context, transfers ...ledger.Transfer) error {
	return t.draft.Apply(ctx, t.tx, transfers...)
}

// Balance of one of the book's own accounts.
func (t *Tx) Balance(ctx context.Context, a ledger.Account, c ledger.Commodity) (ledger.Balance, error) {
	return ledger.BalanceOf(ctx, t.tx, t.Customer.No, a, c)
}
