package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
		union all select 0, base_total from meter where customer_no = $1 and no = $2
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
select case when not $look or not exists (select from purchase other where other.id = p.id and other.customer_no <> p.customer_no) then id end,
	customer_no, card_no, meter_no, count, means,
	case when not $look or till = '' or exists (select from shift s where s.till = p.shift_till and s.no = p.shift_no and s.state = 'open') then till end,
	tariff, tariff_from, commodity,
	money_fen, cost_fen, credit, total, 'pending', attempt, opened_at, debt_fen, used, persons, months, vat_bp, bank, reference, staff, reverses
from `

func queuePurchases(b *pgx.Batch, look bool, list []vending.Purchase) {
	text := func(name string, of func(vending.Purchase) string) bulk.Column {
		return bulk.Of(name, "text", list, of)
	}
	number := func(name string, of func(vending.Purchase) int64) bulk.Column {
		return bulk.Of(name, "bigint", list, of)
	}
	when := func(name string, of func(vending.Purchase) time.Time) bulk.Column {
		return bulk.Of(name, "timestamptz", list, of)
	}
	small := func(name string, of func(vending.Purchase) int) bulk.Column {
		return bulk.Of(name, "integer", list, func(p vending.Purchase) int32 { return int32(of(p)) })
	}
	sql, args := bulk.Source("p", bulk.Of("id", "uuid", list, func(p vending.Purchase) [16]byte { return p.ID }),
		number("customer_no", func(p vending.Purchase) int64 { return p.Customer }),
		text("card_no", func(p vending.Purchase) string { return p.Card }), text("meter_no", func(p vending.Purchase) string { return p.Meter }),
		number("count", func(p vending.Purchase) int64 { return int64(p.Count) }), text("means", func(p vending.Purchase) string { return string(p.Means) }),
		text("till", func(p vending.Purchase) string { return p.Till }), text("tariff", func(p vending.Purchase) string { return p.Tariff.Code }),
		when("tariff_from", func(p vending.Purchase) time.Time { return p.Tariff.From }),
		text("commodity", func(p vending.Purchase) string { return string(p.Tariff.Commodity) }),
		number("money_fen", func(p vending.Purchase) int64 { return p.Quote.Money }),
		number("cost_fen", func(p vending.Purchase) int64 { return p.Quote.Cost }),
		number("credit", func(p vending.Purchase) int64 { return p.Quote.Credit.N }),
		number("total", func(p vending.Purchase) int64 { return p.Total }), small("attempt", func(p vending.Purchase) int { return p.Attempt }),
		when("opened_at", func(p vending.Purchase) time.Time { return p.Opened }), number("debt_fen", func(p vending.Purchase) int64 { return p.Debt }),
		number("used", func(p vending.Purchase) int64 { return p.Usage.Used }), small("persons", func(p vending.Purchase) int { return p.Usage.Persons }),
		small("months", func(p vending.Purchase) int { return p.Usage.Months }), small("vat_bp", func(p vending.Purchase) int { return p.VAT }),
		text("bank", func(p vending.Purchase) string { return p.Bank }), text("reference", func(p vending.Purchase) string { return p.Reference }),
		text("staff", func(p vending.Purchase) string { return p.Staff }),
		text("shift_till", func(p vending.Purchase) string { till, _, _ := vending.ParseShift(p.Till); return till }),
		number("shift_no", func(p vending.Purchase) int64 { _, no, _ := vending.ParseShift(p.Till); return no }),
		bulk.Of("reverses", "uuid", list, func(p vending.Purchase) *uuid.UUID { return idOrNull(p.Reverses) }))
	args = append(args, look)
	b.Queue(strings.ReplaceAll(purchaseSQL, "$look", fmt.Sprintf("$%d", len(args)))+sql, args...)
	queueReferences(b, list)
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
	_, err := t.tx.Exec(ctx, `update purchase set attempt = attempt + 1 where customer_no = $1 and id = $2 and state = 'pending'`,
		t.Customer.No, id)
	if err != nil {
		return vending.Purchase{}, err
	}
	t.Changed("taken up", id)
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
