package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger/bulk"
	"github.com/vendgate/vendgate/vending"
)

// purchaseColumns ends with the version of the price list that the purchase was sold at.
const purchaseColumns = `id, customer_no, card_no, meter_no, count, means, till, money_fen, cost_fen, credit, total,
	state, attempt, doubt, proof, opened_at, settled_at, debt_fen, used, persons, months, vat_bp, bank, reference, staff, reverses, undone_at, began,
	(select body from tariff_version v where v.code = purchase.tariff and v.valid_from = purchase.tariff_from) as tariff_body`

func scanPurchase(row pgx.CollectableRow) (vending.Purchase, error) {
	var p vending.Purchase
	var settled, undone *time.Time
	var reverses *uuid.UUID
	var tariff []byte
	err := row.Scan(&p.ID, &p.Customer, &p.Card, &p.Meter, &p.Count, &p.Means, &p.Till, &p.Quote.Money, &p.Quote.Cost, &p.Quote.Credit.N, &p.Total,
		&p.State, &p.Attempt, &p.Doubt, &p.Proof, &p.Opened, &settled,
		&p.Debt, &p.Usage.Used, &p.Usage.Persons, &p.Usage.Months, &p.VAT, &p.Bank, &p.Reference, &p.Staff,
		&reverses, &undone, &p.Began, &tariff)
	if err != nil {
		return p, err
	}
	p.Quote.Change = p.Quote.Money - p.Quote.Cost
	if settled != nil {
		p.Settled = *settled
	}
	if reverses != nil {
		p.Reverses = *reverses
	}
	if undone != nil {
		p.Undone = *undone
	}
	p.Tariff, err = storedTariff(tariff)
	p.Quote.Credit.Commodity = p.Tariff.Commodity
	return p, err
}

func onePurchase(rows pgx.Rows, err error) (vending.Purchase, error) {
	if err != nil {
		return vending.Purchase{}, refusal(err)
	}
	p, err := pgx.CollectOneRow(rows, scanPurchase)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, vending.ErrNoPurchase
	}
	return p, refusal(err)
}

// Purchase returns the purchase with an id, whoever's it is, or
// vending.ErrNoPurchase.
func (s *Store) Purchase(ctx context.Context, id uuid.UUID) (vending.Purchase, error) {
	return onePurchase(s.pool.Query(ctx, `select `+purchaseColumns+` from purchase where id = $1`, id))
}

// Purchases lists purchases, the oldest first: all of a customer, or of every
// customer where customer is 0; only those whose end is not known where inDoubt.
func (s *Store) Purchases(ctx context.Context, customer int64, inDoubt bool, limit int) ([]vending.Purchase, error) {
	rows, err := s.pool.Query(ctx, `select `+purchaseColumns+` from purchase
		where ($1 = 0 or customer_no = $1) and (not $2 or state = 'pending') order by opened_at, id limit $3`, customer, inDoubt, limit)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanPurchase)
	return list, refusal(err)
}

// Purchase returns one of the customer's purchases, or vending.ErrNoPurchase.
func (t *Tx) Purchase(ctx context.Context, id uuid.UUID) (vending.Purchase, error) {
	return onePurchase(t.tx.Query(ctx, `select `+purchaseColumns+` from purchase where customer_no = $1 and id = $2`, t.Customer.No, id))
}

// ClaimID makes this transaction the only one that may make a purchase with an
// id, until it ends, and returns the purchase that has the id already, whoever's
// it is, or vending.ErrNoPurchase. Keys lead with the customer number, so no key
// can see to it that an id is used once over all customers.
func (t *Tx) ClaimID(ctx context.Context, id uuid.UUID) (vending.Purchase, error) {
	if _, err := t.tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, id.String()); err != nil {
		return vending.Purchase{}, err
	}
	return onePurchase(t.tx.Query(ctx, `select `+purchaseColumns+` from purchase where id = $1`, id))
}

// Pending returns the purchase that is pending on a meter's card, or
// vending.ErrNoPurchase.
func (t *Tx) Pending(ctx context.Context, meter string) (vending.Purchase, error) {
	return onePurchase(t.tx.Query(ctx, `select `+purchaseColumns+` from purchase
		where customer_no = $1 and meter_no = $2 and state = 'pending'`, t.Customer.No, meter))
}

// LastLoaded returns the purchase count and the cumulative credit that the
// meter's card must show; before the first purchase what the meter began with.
func (t *Tx) LastLoaded(ctx context.Context, meter string) (count uint32, total int64, err error) {
	err = t.tx.QueryRow(ctx, `
		(select count, total from purchase
		where customer_no = $1 and meter_no = $2 and state = 'loaded' order by count desc limit 1)
		union all select base_count, base_total from meter where customer_no = $1 and no = $2
		order by count desc limit 1`, t.Customer.No, meter).Scan(&count, &total)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, nil
	}
	return count, total, err
}

// SoldUpTo is the cumulative credit of the purchase on a meter that has that count, or of the last one before it; what
// the meter began with before the first. What is pending is sold: the meter may be the first to tell of it.
func (s *Store) SoldUpTo(ctx context.Context, customer int64, meter string, count uint32) (total int64, err error) {
	err = s.pool.QueryRow(ctx, `
		select coalesce((select total from purchase
			where customer_no = $1 and meter_no = $2 and state <> 'voided' and count <= $3 order by count desc limit 1), base_total)
		from meter where customer_no = $1 and no = $2`, customer, meter, count).Scan(&total)
	return total, refusal(err)
}

// purchaseSQL stores purchases that are pending. Where it is to look, one whose id
// belongs to another customer's loses it, and one whose shift is not open loses its
// till: a column that may not be null says which (refusal.go).
const purchaseSQL = `
insert into purchase (id, customer_no, card_no, meter_no, count, means, till, tariff, tariff_from, commodity,
	money_fen, cost_fen, credit, total, state, attempt, opened_at, debt_fen, used, persons, months, vat_bp, bank, reference, staff, reverses)
select case when not $2 or not exists (select from purchase other where other.id = p.id and other.customer_no <> p.customer_no) then id end,
	customer_no, card_no, meter_no, count, means,
	case when not $2 or till = '' or exists (select from shift s where s.till = p.shift_till and s.no = p.shift_no and s.state = 'open') then till end,
	tariff, tariff_from, commodity,
	money_fen, cost_fen, credit, total, 'pending', attempt, opened_at, debt_fen, used, persons, months, vat_bp, bank, reference, staff, reverses
from unnest($1::purchase_row[]) p`

func queuePurchases(b *pgx.Batch, look bool, list []vending.Purchase) {
	b.Queue(purchaseSQL, bulk.Of(list, purchaseRow), look)
	queueReferences(b, list)
}

func purchaseRow(r *bulk.Row, p vending.Purchase) {
	till, shift, _ := vending.ParseShift(p.Till)
	r.UUID(p.ID)
	r.Bigint(p.Customer)
	r.Text(p.Card)
	r.Text(p.Meter)
	r.Bigint(int64(p.Count))
	r.Text(string(p.Means))
	r.Text(p.Till)
	r.Text(p.Tariff.Code)
	r.Time(p.Tariff.From)
	r.Text(string(p.Tariff.Commodity))
	r.Bigint(p.Quote.Money)
	r.Bigint(p.Quote.Cost)
	r.Bigint(p.Quote.Credit.N)
	r.Bigint(p.Total)
	r.Integer(int32(p.Attempt))
	r.Time(p.Opened)
	r.Bigint(p.Debt)
	r.Bigint(p.Usage.Used)
	r.Integer(int32(p.Usage.Persons))
	r.Integer(int32(p.Usage.Months))
	r.Integer(int32(p.VAT))
	r.Text(p.Bank)
	r.Text(p.Reference)
	r.Text(p.Staff)
	r.Text(till)
	r.Bigint(shift)
	r.UUIDOrNull(p.Reverses)
}

func each[S, T any](list []S, of func(S) T) []T {
	out := make([]T, len(list))
	for i, item := range list {
		out[i] = of(item)
	}
	return out
}

// AddPurchase stores the intent inside a transaction of the caller's, who has looked
// whether its shift is open (UseShift), and posts what it means. A second pending
// purchase on the card is vending.ErrUnresolved.
func (t *Tx) AddPurchase(ctx context.Context, p vending.Purchase) error {
	b := &pgx.Batch{}
	queuePurchases(b, false, []vending.Purchase{p})
	if err := t.tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return t.Apply(ctx, p.OpenTransfers()...)
}

// Carry makes another card the one that carries a pending purchase, for the one it was
// begun on is dead.
func (t *Tx) Carry(ctx context.Context, p vending.Purchase, card string) error {
	t.Changed("carried", map[string]any{"id": p.ID, "from": p.Card, "to": card})
	_, err := t.tx.Exec(ctx, `update purchase set card_no = $3, began = case began when '' then card_no else began end
		where customer_no = $1 and id = $2 and state = 'pending'`, t.Customer.No, p.ID, card)
	return err
}

// TakeUp makes the caller the one who may write a pending purchase to its card,
// and returns the purchase as it is then: one that has ended is returned as it
// ended, and must not be written. Whoever had taken it up before may still find it
// on the card, but no longer say that it is not.
func (t *Tx) TakeUp(ctx context.Context, id uuid.UUID) (vending.Purchase, error) {
	tag, err := t.tx.Exec(ctx, `update purchase set attempt = attempt + 1 where customer_no = $1 and id = $2 and state = 'pending'`,
		t.Customer.No, id)
	if err != nil {
		return vending.Purchase{}, err
	}
	if tag.RowsAffected() > 0 {
		t.Changed("taken up", id)
	}
	return t.Purchase(ctx, id)
}

// Settle is how every purchase ends, whoever learned something about it: at the
// counter, at start-up, when the card is seen again or by a meter's report. It
// follows the transition table and returns the purchase as it is then. One that
// has ended stays as it ended, and one that somebody else has taken up since stays
// pending, if all that is known is that the card was untouched: it may be written
// at this moment. why is kept while it is pending, for people.
func (t *Tx) Settle(ctx context.Context, p vending.Purchase, e vending.Event, by vending.Proof, why string, at time.Time) (vending.Purchase, error) {
	now, err := t.Purchase(ctx, p.ID)
	if err != nil {
		return now, err
	}
	if e == vending.ProvedUntouched && now.Attempt != p.Attempt {
		e = vending.NothingProved
	}
	next, moves := now.Next(e)
	switch {
	case !moves:
		return now, nil
	case next == vending.Pending:
		now.Doubt = why
	default:
		now.State, now.Proof, now.Settled = next, by, at
		if err := t.Apply(ctx, now.SettleTransfers(next, at)...); err != nil {
			return now, err
		}
	}
	t.Changed("purchase", map[string]any{"id": now.ID, "state": now.State, "proof": now.Proof, "doubt": now.Doubt})
	_, err = t.tx.Exec(ctx, `update purchase set state = $3, proof = $4, doubt = $5, settled_at = $6,
			recorded_at = case when $3 <> 'pending' then ledger_now() end
		where customer_no = $1 and id = $2`,
		now.Customer, now.ID, now.State, now.Proof, now.Doubt, timeOrNull(now.Settled))
	if err == nil && now.IsReversal() && next != vending.Pending {
		return t.endReversal(ctx, now)
	}
	return now, err
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// OldestPending is when the oldest purchase that is still pending was opened;
// zero where there is none.
func (s *Store) OldestPending(ctx context.Context) (time.Time, error) {
	var oldest *time.Time
	err := s.pool.QueryRow(ctx, `select min(opened_at) from purchase where state = 'pending'`).Scan(&oldest)
	if err != nil || oldest == nil {
		return time.Time{}, refusal(err)
	}
	return *oldest, nil
}
