package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// AddCustomer stores a customer with their meter. The same again changes
// nothing and returns added == false; a number that belongs to others is
// vending.ErrCustomerTaken or vending.ErrMeterTaken.
func (s *Store) AddCustomer(ctx context.Context, c vending.Customer, m vending.Meter, deed vending.Deed) (added bool, err error) {
	tx, err := s.begin(ctx, pgx.TxOptions{})
	if err != nil {
		return false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	tag, err := tx.Exec(ctx, `insert into customer (no, name, address, status, tariff, persons, opened_at, party_since) values ($1, $2, $3, $4, $5, $6, ledger_now(), ledger_now())
		on conflict on constraint customer_pkey do nothing`, c.No, c.Name, c.Address, c.Status, c.Tariff, c.Persons)
	if err == nil && tag.RowsAffected() == 0 {
		return false, sameCustomer(ctx, tx, c, m)
	}
	if err == nil {
		err = addMeter(ctx, tx, c.No, m)
	}
	if err == nil {
		err = opened(ctx, tx, c, m, deed)
	}
	if err != nil {
		return false, named(refusal(err), c)
	}
	return true, s.commit(ctx, tx)
}

// opened begins the book of a customer who was stored just now.
func opened(ctx context.Context, tx pgx.Tx, c vending.Customer, m vending.Meter, deed vending.Deed) error {
	if deed.ID == uuid.Nil {
		deed.ID = uuid.Must(uuid.NewV7())
	}
	book, err := hold(ctx, tx, c.No, deed)
	if err != nil {
		return err
	}
	book.Changed("customer", c)
	book.Changed("meter", m)
	return book.close(ctx, deed)
}

func addMeter(ctx context.Context, tx pgx.Tx, customer int64, m vending.Meter) error {
	batch := &pgx.Batch{}
	batch.Queue(`insert into meter_owner (meter_no, customer_no) values ($1, $2)`, m.No, customer)
	batch.Queue(`insert into meter (customer_no, no, commodity, max_credit) values ($1, $2, $3, $4)`,
		customer, m.No, m.Commodity, m.MaxCredit)
	return tx.SendBatch(ctx, batch).Close()
}

// named tells a refusal which tariff was asked for.
func named(err error, c vending.Customer) error {
	if errors.Is(err, vending.ErrNoTariff) {
		return fmt.Errorf("%w: %w", vending.ErrNoTariff.With("Tariff", c.Tariff), err)
	}
	return err
}

func sameCustomer(ctx context.Context, q querier, c vending.Customer, m vending.Meter) error {
	old, err := customerRow(ctx, q, c.No, "")
	if err != nil {
		return err
	}
	meters, err := metersOf(ctx, q, c.No)
	if err != nil {
		return err
	}
	if old.Name != c.Name || old.Address != c.Address || old.Tariff != c.Tariff || len(meters) != 1 || meters[0] != m {
		return vending.ErrCustomerTaken.With("Customer", c.No)
	}
	return nil
}

// Customer returns a customer and their meters, those on the premises first, or
// vending.ErrNoCustomer.
func (s *Store) Customer(ctx context.Context, no int64) (vending.Customer, []vending.Meter, error) {
	c, err := customerRow(ctx, s.pool, no, "")
	if err != nil {
		return c, nil, err
	}
	meters, err := metersOf(ctx, s.pool, no)
	return c, meters, err
}

func customerRow(ctx context.Context, q querier, no int64, lock string) (vending.Customer, error) {
	var c vending.Customer
	err := q.QueryRow(ctx, `select no, name, address, status, tariff, persons from customer where no = $1 `+lock, no).
		Scan(&c.No, &c.Name, &c.Address, &c.Status, &c.Tariff, &c.Persons)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, vending.ErrNoCustomer.With("Customer", no)
	}
	return c, refusal(err)
}

func metersOf(ctx context.Context, q querier, customer int64) ([]vending.Meter, error) {
	rows, err := q.Query(ctx, `select no, commodity, max_credit from meter
		where customer_no = $1 order by removed_at nulls first, no`, customer)
	if err != nil {
		return nil, refusal(err)
	}
	meters, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Meter])
	return meters, refusal(err)
}

// MeterOwner returns the customer of a meter, or vending.ErrNoMeter.
func (s *Store) MeterOwner(ctx context.Context, meter string) (int64, error) {
	var customer int64
	err := s.pool.QueryRow(ctx, `select customer_no from meter_owner where meter_no = $1`, meter).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, vending.ErrNoMeter.With("Meter", meter)
	}
	return customer, refusal(err)
}

// Meter returns one of the customer's meters, be it removed or not, or vending.ErrNoMeter: what a meter said before it was
// removed may come late.
func (t *Tx) Meter(ctx context.Context, no string) (vending.Meter, error) {
	m, _, err := t.meter(ctx, no)
	return m, err
}

// OnPremises is Meter of one that is to be sold on or told something: vending.ErrMeterRemoved where it is not on the premises
// any more. Its credit is in the meter that replaced it, or was paid out.
func (t *Tx) OnPremises(ctx context.Context, no string) (vending.Meter, error) {
	m, removed, err := t.meter(ctx, no)
	if err == nil {
		err = still(no, removed)
	}
	return m, err
}

func (t *Tx) meter(ctx context.Context, no string) (m vending.Meter, removed *time.Time, err error) {
	m.No = no
	err = t.tx.QueryRow(ctx, `select commodity, max_credit, removed_at from meter where customer_no = $1 and no = $2`, t.Customer.No, no).
		Scan(&m.Commodity, &m.MaxCredit, &removed)
	if errors.Is(err, pgx.ErrNoRows) {
		err = vending.ErrNoMeter.With("Meter", no)
	}
	return m, removed, err
}

// still is vending.ErrMeterRemoved where the meter was removed at some time.
func still(meter string, removed *time.Time) error {
	if removed == nil {
		return nil
	}
	return vending.ErrMeterRemoved.With("Meter", meter, "Date", vending.DateOf(*removed).String())
}

// Balances lists every account of a customer.
func (s *Store) Balances(ctx context.Context, customer int64) ([]ledger.Balance, error) {
	balances, err := ledger.CustomerBalances(ctx, s.pool, customer)
	return balances, refusal(err)
}

// Trial is the trial balance over all customers.
func (s *Store) Trial(ctx context.Context) ([]ledger.Balance, error) {
	balances, err := ledger.Trial(ctx, s.pool)
	if err != nil {
		return nil, fmt.Errorf("trial balance: %w", refusal(err))
	}
	return balances, nil
}
