package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger/bulk"
	"github.com/vendgate/vendgate/vending"
)

const cardColumns = `no, uid, customer_no, meter_no, state, key_version, purse, counts_from, carried, left_behind`

// Cards lists the customer's cards, the newest first.
func (s *Store) Cards(ctx context.Context, customer int64) ([]vending.Card, error) {
	rows, err := s.pool.Query(ctx, `select `+cardColumns+` from card where customer_no = $1 order by issued_at desc`, customer)
	if err != nil {
		return nil, refusal(err)
	}
	cards, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Card])
	return cards, refusal(err)
}

// CardNamed is the card with a number, whoever's it is, or vending.ErrCardNotOurs.
func (s *Store) CardNamed(ctx context.Context, no string) (vending.Card, error) {
	rows, err := s.pool.Query(ctx, `select `+cardColumns+` from card where no = $1`, no)
	if err != nil {
		return vending.Card{}, refusal(err)
	}
	return oneCard(rows)
}

// lastCard orders a meter's cards: the one that lives, else the one that died last. The
// books have the meter's credit on it.
const lastCard = ` from card where customer_no = $1 and meter_no = $2
	order by state in ('issuing', 'active') desc, issued_at desc, no desc limit 1`

// LastCard is the card of a meter: the one that lives, else the one that died last, or
// vending.ErrCardNotOurs where it never had one.
func (t *Tx) LastCard(ctx context.Context, meter string) (vending.Card, error) {
	rows, err := t.tx.Query(ctx, `select `+cardColumns+lastCard, t.Customer.No, meter)
	if err != nil {
		return vending.Card{}, err
	}
	return oneCard(rows)
}

// Card is one of the customer's cards, or vending.ErrCardNotOurs.
func (t *Tx) Card(ctx context.Context, no string) (vending.Card, error) {
	rows, err := t.tx.Query(ctx, `select `+cardColumns+` from card where customer_no = $1 and no = $2`, t.Customer.No, no)
	if err != nil {
		return vending.Card{}, err
	}
	return oneCard(rows)
}

func oneCard(rows pgx.Rows) (vending.Card, error) {
	card, err := pgx.CollectOneRow(rows, pgx.RowToStructByPos[vending.Card])
	if errors.Is(err, pgx.ErrNoRows) {
		return card, vending.ErrCardNotOurs
	}
	return card, refusal(err)
}

// ChipFree tells whether a chip is nobody's: vending.ErrCardTaken where it is somebody's.
func (t *Tx) ChipFree(ctx context.Context, uid []byte) error {
	var taken bool
	err := t.tx.QueryRow(ctx, `select exists (select from card_owner where uid = $1)`, uid).Scan(&taken)
	if err == nil && taken {
		return vending.ErrCardTaken
	}
	return err
}

// NextCard is the number that the next card would have, for a rehearsal, which takes none.
func (t *Tx) NextCard(ctx context.Context) (no string, err error) {
	err = t.tx.QueryRow(ctx, `select (last_value + is_called::integer)::text from card_number`).Scan(&no)
	return no, err
}

// AddCard makes the chip the customer's and stores the card as issuing; one without a number takes the next, after all that
// may be refused: a number that was taken is not given again, whatever becomes of the transaction.
func (t *Tx) AddCard(ctx context.Context, c vending.Card, at time.Time) (vending.Card, error) {
	c.State = vending.CardIssuing
	_, err := t.tx.Exec(ctx, `insert into card_owner (uid, customer_no) values ($1, $2)`, c.UID, c.Customer)
	if err != nil {
		return c, err
	}
	err = t.tx.QueryRow(ctx, `insert into card (customer_no, no, uid, meter_no, state, key_version, issued_at)
		values ($1, coalesce(nullif($2, ''), nextval('card_number')::text), $3, $4, $5, $6, $7) returning no`,
		c.Customer, c.No, c.UID, c.Meter, c.State, c.KeyVersion, at).Scan(&c.No)
	t.Changed("card", c.No)
	return c, err
}

// KnowCard registers one of the customer's cards under another UID: where a chip has no number, and the card no place for
// one, it is known by the number that was taken for it. It fails with vending.ErrCardNotOurs where it is not being
// issued, and with vending.ErrCardTaken.
func (t *Tx) KnowCard(ctx context.Context, card vending.Card, uid []byte) error {
	t.Changed("card", map[string]any{"no": card.No, "uid": uid})
	tag, err := t.tx.Exec(ctx, `update card set uid = $3 where customer_no = $1 and no = $2 and state = 'issuing'`, t.Customer.No, card.No, uid)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return vending.ErrCardNotOurs
	}
	batch := &pgx.Batch{}
	batch.Queue(`delete from card_owner where uid = $1 and customer_no = $2`, card.UID, t.Customer.No)
	batch.Queue(`insert into card_owner (uid, customer_no) values ($1, $2)`, uid, t.Customer.No)
	return t.tx.SendBatch(ctx, batch).Close()
}

// SetCardState moves one of the customer's cards to a state.
func (t *Tx) SetCardState(ctx context.Context, card string, state vending.CardState) error {
	t.Changed("card", map[string]any{"no": card, "state": state})
	tag, err := t.tx.Exec(ctx, `update card set state = $3 where customer_no = $1 and no = $2`, t.Customer.No, card, state)
	if err == nil && tag.RowsAffected() == 0 {
		return vending.ErrCardNotOurs
	}
	return err
}

// SetPurse keeps what the books know of a card that is an e-purse.
func (t *Tx) SetPurse(ctx context.Context, c vending.Card) error {
	t.Changed("purse", map[string]any{"no": c.No, "counts_from": c.CountsFrom, "carried": c.Carried, "left_behind": c.LeftBehind})
	_, err := t.tx.Exec(ctx, `update card set purse = $3, counts_from = $4, carried = $5, left_behind = $6 where customer_no = $1 and no = $2`,
		t.Customer.No, c.No, c.Purse, c.CountsFrom, c.Carried, c.LeftBehind)
	return err
}

// CardBefore is the card of a meter that was issued before another, or
// vending.ErrCardNotOurs where that is the first.
func (t *Tx) CardBefore(ctx context.Context, c vending.Card) (vending.Card, error) {
	rows, err := t.tx.Query(ctx, `select `+cardColumns+` from card where customer_no = $1 and meter_no = $2 and no <> $3
		order by issued_at desc, no desc limit 1`, t.Customer.No, c.Meter, c.No)
	if err != nil {
		return vending.Card{}, err
	}
	return oneCard(rows)
}

// SetCardKeys keeps the key version that one of the customer's cards was seen to have.
func (t *Tx) SetCardKeys(ctx context.Context, card string, version uint8) error {
	t.Changed("key_version", version)
	_, err := t.tx.Exec(ctx, `update card set key_version = $3 where customer_no = $1 and no = $2`, t.Customer.No, card, version)
	return err
}

// CardsByKeys counts the live cards by their key version; 0 are those that say none, or were not seen since they were issued by a
// release that did not keep it.
func (s *Store) CardsByKeys(ctx context.Context) (map[uint8]int64, error) {
	rows, err := s.pool.Query(ctx, `select key_version, count(*) from card where state in ('issuing', 'active') group by key_version`)
	if err != nil {
		return nil, refusal(err)
	}
	counts := map[uint8]int64{}
	var version uint8
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&version, &n}, func() error { counts[version] = n; return nil })
	return counts, refusal(err)
}

// RetireCard lets a live card die; one that is dead stays as it died.
func (t *Tx) RetireCard(ctx context.Context, card string, state vending.CardState) error {
	t.Changed("card", map[string]any{"no": card, "state": state})
	_, err := t.tx.Exec(ctx, `update card set state = $3 where customer_no = $1 and no = $2 and state in ('issuing', 'active')`,
		t.Customer.No, card, state)
	return err
}

// LastPurchases lists the last loaded purchases of a meter, the newest first.
func (t *Tx) LastPurchases(ctx context.Context, meter string, n int) ([]vending.Purchase, error) {
	return lastPurchases(ctx, t.tx, t.Customer.No, meter, n)
}

// LastPurchases lists the last loaded purchases of a customer's meter, the newest first.
func (s *Store) LastPurchases(ctx context.Context, customer int64, meter string, n int) ([]vending.Purchase, error) {
	list, err := lastPurchases(ctx, s.pool, customer, meter, n)
	return list, refusal(err)
}

func lastPurchases(ctx context.Context, q querier, customer int64, meter string, n int) ([]vending.Purchase, error) {
	rows, err := q.Query(ctx, `select `+purchaseColumns+` from purchase
		where customer_no = $1 and meter_no = $2 and state = 'loaded' order by count desc limit $3`, customer, meter, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPurchase)
}

// PurchasesOn lists the purchases that a card carries, by their counts; one that was voided
// stands before the one that has its count.
func (s *Store) PurchasesOn(ctx context.Context, customer int64, card string) ([]vending.Purchase, error) {
	rows, err := s.pool.Query(ctx, `select `+purchaseColumns+` from purchase
		where customer_no = $1 and card_no = $2 order by count, opened_at`, customer, card)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanPurchase)
	return list, refusal(err)
}

// Seen is what a terminal last read on a card. One without a time was not read.
type Seen struct {
	Generation uint32
	Count      uint32
	Total      int64
	At         time.Time
	Books      int64 // the total that the books know for that count; 0 where they know none
}

// seenSQL keeps what terminals read on cards. An older generation does not replace
// a newer one; the zero time.Time is long before the epoch.
const seenSQL = `
insert into card_seen as old (customer_no, card_no, generation, count, total, seen_at)
select customer_no, card_no, generation, count, total, seen_at
from unnest($1::card_seen_row[]) where seen_at > 'epoch'
on conflict (customer_no, card_no) do update set generation = excluded.generation,
	count = excluded.count, total = excluded.total, seen_at = excluded.seen_at
where excluded.generation >= old.generation`

// CardSeen keeps what a terminal read on a card.
func (s *Store) CardSeen(ctx context.Context, customer int64, card string, seen Seen) error {
	return s.write(ctx, seenSQL, bulk.Of([]Seen{seen}, func(r *bulk.Row, seen Seen) { seenRow(r, customer, card, seen) }))
}

func seenRow(r *bulk.Row, customer int64, card string, seen Seen) {
	r.Bigint(customer)
	r.Text(card)
	r.Bigint(int64(seen.Generation))
	r.Bigint(int64(seen.Count))
	r.Bigint(seen.Total)
	r.Time(seen.At)
}
