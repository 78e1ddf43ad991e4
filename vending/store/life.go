package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// Account is what the books hold of a customer's contract.
type Account struct {
	Papers  vending.Papers
	Mandate string          // number of the bank's withholding mandate; empty where there is none
	Meters  []vending.Meter // on the premises; of old ones only the books speak
	Base    map[string]int64
}

// Account returns the customer's contract and the meters on the premises.
func (t *Tx) Account(ctx context.Context) (Account, error) {
	return accountOf(ctx, t.tx, t.Customer.No)
}

// Account returns a customer's contract and the meters on the premises.
func (s *Store) Account(ctx context.Context, no int64) (Account, error) {
	a, err := accountOf(ctx, s.pool, no)
	return a, refusal(err)
}

func accountOf(ctx context.Context, q querier, no int64) (Account, error) {
	a := Account{Base: map[string]int64{}}
	err := q.QueryRow(ctx, `select papers, papers_tail, contract, mandate from customer where no = $1`, no).
		Scan(&a.Papers.Kind, &a.Papers.Tail, &a.Papers.Contract, &a.Mandate)
	if err != nil {
		return a, err
	}
	rows, err := q.Query(ctx, `select no, commodity, max_credit, base_register from meter where customer_no = $1 and removed_at is null order by no`, no)
	if err != nil {
		return a, err
	}
	var m vending.Meter
	var register int64
	_, err = pgx.ForEachRow(rows, []any{&m.No, &m.Commodity, &m.MaxCredit, &register}, func() error {
		a.Meters = append(a.Meters, m)
		a.Base[m.No] = register
		return nil
	})
	return a, err
}

// SetPapers stores what the account was opened on.
func (t *Tx) SetPapers(ctx context.Context, p vending.Papers) error {
	_, err := t.tx.Exec(ctx, `update customer set papers = $2, papers_tail = $3, contract = $4 where no = $1`,
		t.Customer.No, p.Kind, p.Tail, p.Contract)
	t.Changed("papers", p)
	return err
}

// SetMandate stores the number of the bank's withholding mandate; empty cancels it.
func (t *Tx) SetMandate(ctx context.Context, mandate string) error {
	_, err := t.tx.Exec(ctx, `update customer set mandate = $2 where no = $1`, t.Customer.No, mandate)
	t.Changed("mandate", mandate)
	return err
}

// SetParty gives the account to another party, who is supplied from now on.
func (t *Tx) SetParty(ctx context.Context, name string) error {
	_, err := t.tx.Exec(ctx, `update customer set name = $2, party_since = $3 where no = $1`, t.Customer.No, name, t.Now)
	t.Changed("party before", t.Customer.Name)
	t.Changed("party", name)
	t.Customer.Name = name
	return err
}

// Step is one step in the life of an account, as it was taken.
type Step struct {
	ID        uuid.UUID // of the deed
	Step      vending.Step
	From, To  vending.Status
	Reason    string
	Who       string
	Register  *int64 // the final register, where it was read
	At        time.Time
	Remaining *int64 // what a meter that counts money had left, in fen
}

// AddStep takes a step: the customer's status is what it leads to.
func (t *Tx) AddStep(ctx context.Context, s Step) error {
	b := &pgx.Batch{}
	b.Queue(`update customer set status = $2 where no = $1`, t.Customer.No, s.To)
	b.Queue(`insert into account_step (customer_no, id, step, from_status, to_status, reason, who, register, at, remaining)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, t.Customer.No, s.ID, s.Step, s.From, s.To, s.Reason, s.Who, s.Register, s.At, s.Remaining)
	t.Changed("step", s.Step)
	t.Changed("status", s.To)
	t.Customer.Status = s.To
	return t.tx.SendBatch(ctx, b).Close()
}

// Steps lists the steps in the life of an account, the oldest first.
func (s *Store) Steps(ctx context.Context, customer int64) ([]Step, error) {
	rows, err := s.pool.Query(ctx, `select id, step, from_status, to_status, reason, who, register, at, remaining
		from account_step where customer_no = $1 order by at, id`, customer)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Step])
	return list, refusal(err)
}

// Swap is a meter that was replaced (RULES A7).
type Swap struct {
	ID          uuid.UUID // of the deed
	Old, New    string
	Position    int64 // all that the old meter consumed
	OldRegister int64 // final
	NewRegister int64 // first
	Carried     int64 // credit, in the meters' unit
	CarriedFen  int64 // what it cost
	At          time.Time
}

// AddSwap takes the old meter out of the premises and puts the new one in, whose
// cumulative credit begins with what is carried.
func (t *Tx) AddSwap(ctx context.Context, s Swap, fresh vending.Meter) error {
	if err := addMeter(ctx, t.tx, t.Customer.No, fresh); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`update meter set removed_at = $3 where customer_no = $1 and no = $2`, t.Customer.No, s.Old, s.At)
	b.Queue(`update meter set base_total = $3, base_register = $4 where customer_no = $1 and no = $2`,
		t.Customer.No, s.New, s.Carried, s.NewRegister)
	b.Queue(`insert into meter_swap (customer_no, id, old_meter, new_meter, old_position, old_register, new_register, carried, carried_fen, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, t.Customer.No, s.ID, s.Old, s.New, s.Position, s.OldRegister, s.NewRegister,
		s.Carried, s.CarriedFen, s.At)
	t.Changed("swap", s)
	return t.tx.SendBatch(ctx, b).Close()
}

// Swaps lists the meters that were replaced at a customer's, the oldest first.
func (s *Store) Swaps(ctx context.Context, customer int64) ([]Swap, error) {
	rows, err := s.pool.Query(ctx, `select id, old_meter, new_meter, old_position, old_register, new_register, carried, carried_fen, at
		from meter_swap where customer_no = $1 order by at, id`, customer)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Swap])
	return list, refusal(err)
}

// RemoveMeter takes a meter out of the premises.
func (t *Tx) RemoveMeter(ctx context.Context, meter string) error {
	_, err := t.tx.Exec(ctx, `update meter set removed_at = $3 where customer_no = $1 and no = $2`, t.Customer.No, meter, t.Now)
	t.Changed("meter removed", meter)
	return err
}

// CashierShift is the open shift of a cashier, as "1-17", or vending.ErrNoShiftOfYours;
// it stays open until this transaction ends.
func (t *Tx) CashierShift(ctx context.Context, cashier string) (string, error) {
	list, err := column[string](ctx, t.tx, `select till || '-' || no from shift where cashier = $1 and state = 'open'`, cashier)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", vending.ErrNoShiftOfYours.With("Staff", cashier)
	}
	return list[0], t.UseShift(ctx, list[0])
}
