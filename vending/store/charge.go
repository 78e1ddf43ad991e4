package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

const chargeColumns = `id, customer_no, kind, note, vat_bp, raised_at, due, amount_fen, paid_fen, fee_fen, fee_paid_fen, accrued, through`

func scanCharge(row pgx.CollectableRow) (vending.Charge, error) {
	var c vending.Charge
	var due, through time.Time
	err := row.Scan(&c.ID, &c.Customer, &c.Kind, &c.Note, &c.VATBp, &c.Raised, &due, &c.Amount, &c.Paid, &c.Fee, &c.FeePaid, &c.Accrued, &through)
	c.Due, c.Through = vending.DateOfUTC(due), vending.DateOfUTC(through)
	return c, err
}

// AddCharge stores a charge on account and books it. What was paid before is
// allotted first: it pays no charge that was not there.
func (t *Tx) AddCharge(ctx context.Context, rules vending.LifeRules, c vending.Charge) error {
	if _, err := t.Arrears(ctx, rules, c.ID); err != nil {
		return err
	}
	return t.raise(ctx, c, c.ID)
}

// raise stores a charge on account and books it in this deed.
func (t *Tx) raise(ctx context.Context, c vending.Charge, cause uuid.UUID) error {
	_, err := t.tx.Exec(ctx, `insert into charge (`+chargeColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, $7)`,
		c.ID, c.Customer, c.Kind, c.Note, c.VATBp, c.Raised, c.Due.UTC(), c.Amount)
	if err != nil {
		return err
	}
	return t.Apply(ctx, c.Sale(cause, ledger.Debt(c.Customer))...)
}

// AddPaidCharge stores a charge that was paid at once, and books it. Nothing of it
// is ever overdue.
func (t *Tx) AddPaidCharge(ctx context.Context, c vending.Charge, by vending.Means, from ledger.Account) error {
	_, err := t.tx.Exec(ctx, `insert into charge (`+chargeColumns+`, means) values ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0, 0, $7, $9)`,
		c.ID, c.Customer, c.Kind, c.Note, c.VATBp, c.Raised, c.Due.UTC(), c.Amount, by)
	if err != nil {
		return err
	}
	t.Changed("charge", c.Kind)
	return t.Apply(ctx, c.Sale(c.ID, from)...)
}

// Arrears brings the customer's charges up to the day it is: payments are allotted,
// late fees accrue, fixed charges fall due, and both are booked in this deed. It
// returns what is open.
func (t *Tx) Arrears(ctx context.Context, rules vending.LifeRules, cause uuid.UUID) (open []vending.Charge, err error) {
	before, payments, seq, err := unsettled(ctx, t.tx, t.Customer.No)
	if err != nil {
		return nil, err
	}
	now, _ := rules.Arrears.Replay(before, payments, vending.DateOf(t.Now))
	var fees []ledger.Transfer
	b := &pgx.Batch{}
	for i, c := range now {
		if c == before[i] {
			continue
		}
		fees = append(fees, c.FeeSale(before[i], rules.Terms[vending.ChargeLateFee].VATBp, cause, t.Now)...)
		b.Queue(`update charge set paid_fen = $3, fee_fen = $4, fee_paid_fen = $5, accrued = $6, through = $7 where customer_no = $1 and id = $2`,
			c.Customer, c.ID, c.Paid, c.Fee, c.FeePaid, c.Accrued, c.Through.UTC())
	}
	if len(payments) > 0 {
		b.Queue(`insert into arrears (customer_no, seq) values ($1, $2) on conflict on constraint arrears_pkey do update set seq = excluded.seq`,
			t.Customer.No, seq)
	}
	if b.Len() > 0 {
		if err := t.tx.SendBatch(ctx, b).Close(); err != nil {
			return nil, err
		}
	}
	if err := t.Apply(ctx, fees...); err != nil {
		return nil, err
	}
	raised, err := t.FallDue(ctx, rules, vending.DateOf(t.Now), cause)
	return append(stillOpen(now), raised...), err
}

// Charges lists a customer's charges as they stand on a day, the oldest due
// first; only what is open where open; none that was paid at once. Late fees that are not booked yet are in it.
func (s *Store) Charges(ctx context.Context, customer int64, rules vending.LifeRules, today vending.Date, open bool) ([]vending.Charge, error) {
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	before, payments, _, err := unsettled(ctx, tx, customer)
	if err != nil {
		return nil, refusal(err)
	}
	now, _ := rules.Arrears.Replay(before, payments, today)
	if open {
		return stillOpen(now), nil
	}
	rows, err := tx.Query(ctx, `select `+chargeColumns+` from charge
		where customer_no = $1 and means = '' and paid_fen = amount_fen and fee_paid_fen = fee_fen order by due, raised_at, id`, customer)
	if err != nil {
		return nil, refusal(err)
	}
	settled, err := pgx.CollectRows(rows, scanCharge)
	return append(settled, now...), refusal(err)
}

func stillOpen(charges []vending.Charge) (open []vending.Charge) {
	for _, c := range charges {
		if c.Owed()+c.FeeOwed() > 0 {
			open = append(open, c)
		}
	}
	return open
}

// unsettled is what the stored charges do not know yet: those that are open, the
// payments of debt since they were last worked out, and the link of the last one.
func unsettled(ctx context.Context, q ledger.Tx, customer int64) (open []vending.Charge, payments []vending.Paid, seq int64, err error) {
	err = q.QueryRow(ctx, `select coalesce((select seq from arrears where customer_no = $1), 0)`, customer).Scan(&seq)
	if err != nil {
		return nil, nil, 0, err
	}
	received, err := ledger.Received(ctx, q, customer, ledger.Debt(customer), seq)
	if err != nil {
		return nil, nil, 0, err
	}
	for _, r := range received {
		payments = append(payments, vending.Paid{On: vending.DateOf(r.Recorded), Fen: r.Amount.N})
		seq = r.Seq
	}
	rows, err := q.Query(ctx, `select `+chargeColumns+` from charge
		where customer_no = $1 and (paid_fen < amount_fen or fee_paid_fen < fee_fen) order by due, raised_at, id`, customer)
	if err != nil {
		return nil, nil, 0, err
	}
	open, err = pgx.CollectRows(rows, scanCharge)
	return open, payments, seq, err
}

// Overdue lists the customers, in the order of their numbers and after one, that
// have a charge which was due before a day.
func (s *Store) Overdue(ctx context.Context, before vending.Date, after int64, limit int) ([]int64, error) {
	list, err := column[int64](ctx, s.pool, `select distinct customer_no from charge
		where (paid_fen < amount_fen or fee_paid_fen < fee_fen) and due < $1 and customer_no > $2 order by customer_no limit $3`,
		before.UTC(), after, limit)
	return list, refusal(err)
}

// Charge is one of the customer's charges as it is stored, or vending.ErrNoCharge.
func (s *Store) Charge(ctx context.Context, customer int64, id uuid.UUID) (vending.Charge, error) {
	rows, err := s.pool.Query(ctx, `select `+chargeColumns+` from charge where customer_no = $1 and id = $2`, customer, id)
	if err != nil {
		return vending.Charge{}, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanCharge)
	if err == nil && len(list) == 0 {
		return vending.Charge{}, vending.ErrNoCharge.With("ID", id)
	}
	if err != nil {
		return vending.Charge{}, refusal(err)
	}
	return list[0], nil
}
