package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// checkedAtOnce bounds the memory of CheckBooks: this many customers are held
// at a time.
const checkedAtOnce = 1000

// CheckBooks checks every invariant of DESIGN.md §1 on one snapshot of the
// database and returns what does not hold: nothing, ever. Purchases whose end is
// not known are no violation; Purchases lists them.
func (s *Store) CheckBooks(ctx context.Context) ([]ledger.Violation, error) {
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	found, err := checkAll(ctx, tx)
	return found, refusal(err)
}

func checkAll(ctx context.Context, tx pgx.Tx) ([]ledger.Violation, error) {
	found, err := ledger.Check(ctx, tx)
	if err != nil {
		return nil, err
	}
	beside, err := checkFiles(ctx, tx)
	return append(found, beside...), err
}

// checkFiles holds the transfers against what caused them.
func checkFiles(ctx context.Context, tx pgx.Tx) ([]ledger.Violation, error) {
	found, err := strangers(ctx, tx)
	if err != nil {
		return nil, err
	}
	numbers, err := checkInvoices(ctx, tx)
	if err != nil {
		return nil, err
	}
	pairs, err := checkMatches(ctx, tx)
	if err != nil {
		return nil, err
	}
	found = append(append(found, numbers...), pairs...)
	for last := int64(math.MinInt64); ; {
		files, err := filesAfter(ctx, tx, last)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			found = append(found, f.Audit()...)
			last = f.Customer
		}
		if len(files) < checkedAtOnce {
			return found, nil
		}
	}
}

// strangers finds transfers in the books of customers that do not exist; no file
// shows them.
func strangers(ctx context.Context, tx pgx.Tx) (found []ledger.Violation, err error) {
	for last := int64(math.MinInt64); ; {
		booked, err := ledger.Customers(ctx, tx, last, checkedAtOnce)
		if err != nil || len(booked) == 0 {
			return found, err
		}
		unknown, err := strangersAmong(ctx, tx, booked)
		if err != nil {
			return nil, err
		}
		found = append(found, unknown...)
		last = booked[len(booked)-1]
	}
}

func strangersAmong(ctx context.Context, tx pgx.Tx, booked []int64) (found []ledger.Violation, err error) {
	unknown, err := column[int64](ctx, tx, `select unnest($1::bigint[]) except select no from customer where no = any($1) except select 0`, booked)
	for _, no := range unknown {
		found = append(found, ledger.Violation{Invariant: "every transfer belongs to a customer", Detail: fmt.Sprintf("there is no customer %d", no)})
	}
	return found, err
}

// filesAfter reads the next customers' files, in the order of their numbers.
func filesAfter(ctx context.Context, tx pgx.Tx, after int64) ([]vending.File, error) {
	numbers, err := column[int64](ctx, tx, `select no from customer where no > $1 order by no limit $2`, after, checkedAtOnce)
	if err != nil {
		return nil, err
	}
	return filesOf(ctx, tx, numbers)
}

// filesOf reads the files of some customers.
func filesOf(ctx context.Context, tx pgx.Tx, numbers []int64) ([]vending.File, error) {
	files := make([]vending.File, len(numbers))
	at := make(map[int64]*vending.File, len(numbers))
	for i, no := range numbers {
		files[i].Customer, files[i].Deeds, files[i].Begun = no, map[uuid.UUID]string{}, map[string]uint32{}
		at[no] = &files[i]
	}
	rows, err := tx.Query(ctx, `select `+purchaseColumns+` from purchase where customer_no = any($1) order by meter_no, count, opened_at`, numbers)
	if err != nil {
		return nil, err
	}
	purchases, err := pgx.CollectRows(rows, scanPurchase)
	if err != nil {
		return nil, err
	}
	for _, p := range purchases {
		at[p.Customer].Purchases = append(at[p.Customer].Purchases, p)
	}
	if err := readBegun(ctx, tx, numbers, at); err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `select `+reportColumns+` from report where customer_no = any($1)`, numbers)
	if err != nil {
		return nil, err
	}
	reports, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Report])
	if err != nil {
		return nil, err
	}
	for _, r := range reports {
		at[r.Customer].Reports = append(at[r.Customer].Reports, r)
	}
	if rows, err = tx.Query(ctx, `select `+chargeColumns+` from charge where customer_no = any($1)`, numbers); err != nil {
		return nil, err
	}
	charges, err := pgx.CollectRows(rows, scanCharge)
	if err != nil {
		return nil, err
	}
	for _, c := range charges {
		at[c.Customer].Charges = append(at[c.Customer].Charges, c)
	}
	if err := readPartners(ctx, tx, numbers, at); err != nil {
		return nil, err
	}
	transfers, err := ledger.Moves(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	for _, t := range transfers {
		at[t.Customer].Transfers = append(at[t.Customer].Transfers, t)
	}
	return files, ledger.Deeds(ctx, tx, numbers, func(book int64, id uuid.UUID, kind string) { at[book].Deeds[id] = kind })
}

// readBegun reads with which purchase counts meters began that had been sold to before.
func readBegun(ctx context.Context, tx pgx.Tx, numbers []int64, at map[int64]*vending.File) error {
	rows, err := tx.Query(ctx, `select customer_no, no, base_count from meter where customer_no = any($1) and base_count > 0`, numbers)
	if err != nil {
		return err
	}
	var customer int64
	var meter string
	var count uint32
	_, err = pgx.ForEachRow(rows, []any{&customer, &meter, &count}, func() error {
		at[customer].Begun[meter] = count
		return nil
	})
	return err
}

// readPartners reads what agents took from the customers and banks were asked to.
func readPartners(ctx context.Context, tx pgx.Tx, numbers []int64, at map[int64]*vending.File) error {
	rows, err := tx.Query(ctx, `select id, agent, customer_no, reference, day, fen from collection where customer_no = any($1)`, numbers)
	if err != nil {
		return err
	}
	taken, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c vending.Taken, err error) {
		var day time.Time
		err = row.Scan(&c.ID, &c.Agent, &c.Customer, &c.Reference, &day, &c.Fen)
		c.Day = vending.DateOf(day)
		return c, err
	})
	if err != nil {
		return err
	}
	for _, c := range taken {
		at[c.Customer].Collections = append(at[c.Customer].Collections, c)
	}
	rows, err = tx.Query(ctx, `select l.id, l.customer_no, l.fen, l.state, w.bank from withholding_line l join withholding w on w.id = l.batch
		where l.customer_no = any($1)`, numbers)
	if err != nil {
		return err
	}
	asked, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w vending.Asked, err error) {
		err = row.Scan(&w.ID, &w.Customer, &w.Fen, &w.State, &w.Bank)
		w.Bank = strings.TrimPrefix(w.Bank, "bank:")
		return w, err
	})
	for _, w := range asked {
		at[w.Customer].Withholdings = append(at[w.Customer].Withholdings, w)
	}
	return err
}

func column[T any](ctx context.Context, q querier, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[T])
}
