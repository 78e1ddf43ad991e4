package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/bulk"
	"github.com/vendgate/vendgate/vending"
)

// Asked is what facts are wanted about.
type Asked struct {
	UID    []byte          // the chip of the card
	ID     uuid.UUID       // of the sale; may be zero
	Till   string          // that is to take the money; may be empty
	Staff  string          // who sells; may be empty
	Report *vending.Report // what the card brought from its meter; nil where nothing
}

// factsSQL reads all that is one row a card, on one snapshot. Whatever changes
// afterwards changes the head of the book.
var factsSQL = `
select q.n, ledger_now(), c.opened_at, c.no, c.name, c.address, c.status, c.tariff, c.persons,
	d.no, d.uid, d.meter_no, d.state, d.key_version, d.purse, d.counts_from, d.left_behind, m.commodity, m.max_credit,
	coalesce(head.seq, 0), coalesce(head.hash, ''),
	coalesce(w.role, ''), coalesce(s.no, 0), coalesce(s.cashier, ''), coalesce(s.state, ''),
	(select array_agg(body order by valid_from) from tariff_version where code = c.tariff),
	coalesce((select value from life_rule where name = 'debt_share_bp'), 0),
	coalesce((select value from life_rule where name = 'debt_share_min_left_fen'), 0), c.party_since,
	coalesce(last.count, m.base_count), coalesce(last.total, m.base_total), coalesce(history.at, '{}'), coalesce(history.fen, '{}'), coalesce(history.credit, '{}'),
	exists (select from report r where r.customer_no = c.no and r.meter_no = d.meter_no and r.meter_time = q.meter_time
		and r.source = 'card' and r.loaded = q.loaded and r.consumed = q.consumed),
	exists (select from purchase where id = q.id) or exists (select from purchase where customer_no = c.no and card_no = d.no and state = 'pending'),
	balances.accounts, balances.commodities, balances.posted, balances.incoming, balances.outgoing
from unnest($1::asked_row[]) with ordinality q (uid, till, staff, meter_time, loaded, consumed, id, n)
join card_owner o on o.uid = q.uid
join lateral (
	select no, uid, customer_no, meter_no, state, key_version, purse, counts_from, left_behind from card
	where customer_no = o.customer_no and uid = o.uid order by issued_at desc limit 1
) d on true
join customer c on c.no = d.customer_no
join meter m on m.customer_no = d.customer_no and m.no = d.meter_no
left join staff w on w.code = q.staff and w.active
left join shift s on s.till = q.till and s.state <> 'closed'
left join lateral (
	select count, total from purchase where customer_no = c.no and meter_no = d.meter_no and state = 'loaded' order by count desc limit 1
) last on true
left join lateral (
	select array_agg(opened_at) as at, array_agg(cost_fen) as fen, array_agg(credit) as credit from purchase
	where customer_no = c.no and commodity = m.commodity and state <> 'voided' and undone_at is null and credit > 0
		and opened_at > ledger_now() - interval '13 months'
) history on true` + ledger.JoinHead("c.no", "head") + ledger.JoinBalances("c.no", "balances")

// inTheWaySQL finds the purchases that bear on a sale: the one with its id, whoever's
// it is, and the one that is pending on its card.
const inTheWaySQL = `
select ` + purchaseColumns + ` from purchase where id = $1
union all
select ` + purchaseColumns + ` from purchase where customer_no = $2 and card_no = $3 and state = 'pending' and id <> $1`

// asking is a question that waits for its facts.
type asking struct {
	Asked
	facts    vending.Facts
	inTheWay bool // there is a purchase that bears on the sale
}

// Facts reads what a sale on a card depends on, in one round trip, or two where a
// purchase bears on it. It fails with vending.ErrCardNotOurs.
func (s *Store) Facts(ctx context.Context, asked Asked) (vending.Facts, error) {
	a := &asking{Asked: asked}
	select {
	case err := <-s.askings.join(ctx, a):
		if err != nil {
			return vending.Facts{}, err
		}
	case <-ctx.Done(): // whoever reads on may still write into a
		return vending.Facts{}, down(ctx.Err())
	}
	if a.facts.Card.No == "" {
		return a.facts, vending.ErrCardNotOurs
	}
	if a.inTheWay {
		if err := s.inTheWay(ctx, a); err != nil {
			return a.facts, refusal(err)
		}
	}
	return a.facts, refusal(s.consumedBefore(ctx, &a.facts))
}

// askAll reads the facts of all who ask, on one snapshot; a card that is not ours has
// no number.
func (s *Store) askAll(ctx context.Context, list []*asking) error {
	own := time.Now()
	rows, err := s.stages.Query(ctx, factsSQL, bulk.Of(list, askedRow))
	if err != nil {
		return refusal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scanFacts(rows, list); err != nil {
			return err
		}
	}
	for _, a := range list {
		a.facts.ReadAt(own)
	}
	return refusal(rows.Err())
}

// inTheWay reads the purchases that bear on a sale. One that has ended since the facts
// were read has changed the head of its book.
func (s *Store) inTheWay(ctx context.Context, a *asking) error {
	f := &a.facts
	rows, err := s.pool.Query(ctx, inTheWaySQL, a.ID, f.Customer.No, f.Card.No)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, scanPurchase)
	for _, p := range found {
		if p.ID == a.ID {
			f.Same = &p
		}
		if p.State == vending.Pending && p.Customer == f.Customer.No && p.Card == f.Card.No {
			f.Pending = &p
		}
	}
	return err
}

// consumedBefore reads, where the tariff counts consumption, what the customer's meters
// had burnt when the counting began. That lies in the past and does not change. What
// a meter had burnt when it was taken over from an older system does not count.
func (s *Store) consumedBefore(ctx context.Context, f *vending.Facts) error {
	t, err := f.Prices.InForce(f.Now)
	if err != nil || t.Counted != vending.OnConsumption {
		return nil // what there is no price for is refused by the sale
	}
	return s.pool.QueryRow(ctx, `select coalesce(sum(burnt), 0)::bigint from (
			select greatest(m.base_consumed, max(r.consumed)) as burnt from meter m join customer c on c.no = m.customer_no
			left join report r on r.customer_no = m.customer_no and r.meter_no = m.no
				and (r.recorded_at < $3 or m.base_total > 0 and r.recorded_at = m.installed_at and m.installed_at = c.opened_at)
			where m.customer_no = $1 and m.commodity = $2
			group by m.no, m.base_consumed) m`, f.Customer.No, f.Meter.Commodity, f.CountedFrom(t)).Scan(&f.Consumed)
}

func askedRow(r *bulk.Row, a *asking) {
	r.Bytes(a.UID)
	r.Text(a.Till)
	r.Text(a.Staff)
	if a.Report == nil {
		r.TimeOrNull(nil)
		r.BigintOrNull(nil)
		r.BigintOrNull(nil)
	} else {
		r.Time(a.Report.MeterTime)
		r.Bigint(a.Report.Loaded)
		r.Bigint(a.Report.Consumed)
	}
	r.UUID(a.ID)
}

// scanFacts reads the facts of one who asks.
func scanFacts(row pgx.Rows, list []*asking) error {
	var n int
	var f vending.Facts
	var inTheWay bool
	var hash []byte
	var prices [][]byte
	var at []time.Time
	var fen, credit []int64
	var since *time.Time
	var b ledger.Columns
	err := row.Scan(&n, &f.Now, &f.Since, &f.Customer.No, &f.Customer.Name, &f.Customer.Address, &f.Customer.Status, &f.Customer.Tariff, &f.Customer.Persons,
		&f.Card.No, &f.Card.UID, &f.Card.Meter, &f.Card.State, &f.Card.KeyVersion, &f.Card.Purse, &f.Card.CountsFrom, &f.Card.LeftBehind, &f.Meter.Commodity, &f.Meter.MaxCredit,
		&f.Head.Seq, &hash, &f.Seller.Role, &f.Shift.No, &f.Shift.Cashier, &f.Shift.State,
		&prices, &f.Share.Bp, &f.Share.MinLeft, &since,
		&f.Count, &f.Total, &at, &fen, &credit, &f.Heard, &inTheWay,
		&b.Accounts, &b.Commodities, &b.Posted, &b.Incoming, &b.Outgoing)
	if err != nil {
		return err
	}
	f.Head.Book, f.Card.Customer, f.Meter.No = f.Customer.No, f.Customer.No, f.Card.Meter
	copy(f.Head.Hash[:], hash)
	for _, body := range prices {
		version, err := storedTariff(body)
		if err != nil {
			return err
		}
		f.Prices = append(f.Prices, version)
	}
	if since != nil {
		f.Party = *since
	}
	for i := range at {
		f.History = append(f.History, vending.Before{At: at[i], Fen: fen[i], Credit: credit[i]})
	}
	a := list[n-1]
	f.Seller.Staff, f.Shift.Till = a.Staff, a.Till
	f.Balances, err = b.Balances(f.Customer.No)
	a.facts, a.inTheWay = f, inTheWay
	return err
}
