package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// PriceOrders lists the new prices that were ordered for a customer's meter, the
// earliest version first.
func (s *Store) PriceOrders(ctx context.Context, customer int64, meter string) ([]vending.PriceOrder, error) {
	list, err := priceOrders(ctx, s.pool, customer, meter)
	return list, refusal(err)
}

// PriceOrders is Store.PriceOrders inside a transaction.
func (t *Tx) PriceOrders(ctx context.Context, meter string) ([]vending.PriceOrder, error) {
	return priceOrders(ctx, t.tx, t.Customer.No, meter)
}

func priceOrders(ctx context.Context, q querier, customer int64, meter string) ([]vending.PriceOrder, error) {
	rows, err := q.Query(ctx, `select customer_no, meter_no, code, valid_from, state, coalesce(confirmed_at, '0001-01-01') from price_order
		where customer_no = $1 and meter_no = $2 order by valid_from, code`, customer, meter)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[vending.PriceOrder])
}

// NextOrder is what a meter that counts money is to be told: the version that is in force,
// unless it has confirmed that. Where nobody has ordered it yet it is scheduled now, and
// takes the place of what was scheduled before. vending.ErrNoPriceOrder where the meter charges it;
// vending.ErrNotMoneyMeter, vending.ErrMeterRemoved.
func (t *Tx) NextOrder(ctx context.Context, meter string) (o vending.PriceOrder, version vending.Tariff, err error) {
	m, err := t.OnPremises(ctx, meter)
	if err != nil {
		return o, version, err
	}
	if version, err = t.Tariff(ctx); err != nil {
		return o, version, err
	}
	if m.Commodity != ledger.CNY || !version.CountsMoney() {
		return o, version, vending.ErrNotMoneyMeter.With("Meter", meter)
	}
	return t.orderOf(ctx, meter, version)
}

// orderOf is the order of a version for a meter, as NextOrder says.
func (t *Tx) orderOf(ctx context.Context, meter string, version vending.Tariff) (o vending.PriceOrder, _ vending.Tariff, err error) {
	orders, err := t.PriceOrders(ctx, meter)
	if err != nil {
		return o, version, err
	}
	for _, o := range orders {
		if o.Is(version) {
			if o.State == vending.OrderConfirmed {
				err = vending.ErrNoPriceOrder.With("Meter", meter)
			}
			return o, version, err
		}
	}
	for _, old := range orders {
		if old.State == vending.OrderScheduled {
			if _, err := t.MoveOrder(ctx, old, vending.OrderReplaced); err != nil {
				return o, version, err
			}
		}
	}
	o = vending.PriceOrder{Customer: t.Customer.No, Meter: meter, Tariff: version.Code, From: version.From, State: vending.OrderScheduled}
	t.Changed("price order", map[string]any{"meter": meter, "tariff": o.Tariff, "from": vending.DateOf(o.From).String()})
	_, err = t.tx.Exec(ctx, `insert into price_order (customer_no, meter_no, code, valid_from, state) values ($1, $2, $3, $4, $5)`,
		o.Customer, o.Meter, o.Tariff, o.From, o.State)
	return o, version, err
}

// MoveOrder is what happens to a price order, as it stands in the books now.
// vending.ErrOrderEvent where that cannot happen, vending.ErrNoPriceOrder where there is none.
func (t *Tx) MoveOrder(ctx context.Context, o vending.PriceOrder, e vending.OrderEvent) (vending.PriceOrder, error) {
	const key = ` where customer_no = $1 and meter_no = $2 and code = $3 and valid_from = $4`
	err := t.tx.QueryRow(ctx, `select state from price_order`+key+` for update`, t.Customer.No, o.Meter, o.Tariff, o.From).Scan(&o.State)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, vending.ErrNoPriceOrder.With("Meter", o.Meter)
	}
	if err != nil {
		return o, err
	}
	next, ok := o.State.Next(e)
	if !ok {
		return o, vending.ErrOrderEvent.With("Meter", o.Meter, "State", o.State, "Event", string(e))
	}
	if o.State, o.Confirmed = next, (time.Time{}); next == vending.OrderConfirmed {
		o.Confirmed = t.Now
	}
	t.Changed("price order", map[string]any{"meter": o.Meter, "tariff": o.Tariff, "from": vending.DateOf(o.From).String(), "event": e, "state": next})
	_, err = t.tx.Exec(ctx, `update price_order set state = $5, confirmed_at = $6,
		since = case state when 'confirmed' then ledger_now() else since end`+key, t.Customer.No, o.Meter, o.Tariff, o.From, o.State, timeOrNull(o.Confirmed))
	return o, err
}

// HearPrices takes in which prices a meter says that it charges. The order of their version is
// proved, whether it was sent or set by hand; another that was sent, or a later one that the meter had
// confirmed, is to be sent again. It returns the version; the zero Tariff where no version that
// was ordered or is in force has these prices.
func (t *Tx) HearPrices(ctx context.Context, meter string, tiers []vending.Tier) (said vending.Tariff, err error) {
	versions, err := t.Versions(ctx)
	if err != nil {
		return said, err
	}
	orders, err := t.PriceOrders(ctx, meter)
	if err != nil {
		return said, err
	}
	said, known := versions.Saying(tiers, orders, t.Now)
	last, _, _ := vending.MeterCharges(orders)
	for _, o := range orders {
		lost := o.State == vending.OrderConfirmed && o == last && !(known && !said.From.Before(o.From))
		if lost || o.State == vending.OrderSent && !(known && o.Is(said)) {
			if _, err := t.MoveOrder(ctx, o, vending.OrderRefused); err != nil {
				return said, err
			}
		}
	}
	switch {
	case !known:
		t.Changed("prices of nobody", tiers)
		return said, nil
	case last.Is(said):
		return said, nil
	}
	return said, t.confirm(ctx, meter, said, orders)
}

// confirm proves the order of a version; there need not have been one.
func (t *Tx) confirm(ctx context.Context, meter string, said vending.Tariff, orders []vending.PriceOrder) error {
	at := slices.IndexFunc(orders, func(o vending.PriceOrder) bool { return o.Is(said) })
	switch {
	case at < 0:
		if _, _, err := t.orderOf(ctx, meter, said); err != nil {
			return err
		}
	case orders[at].State == vending.OrderWithdrawn: // set by hand, and not for long
		return nil
	}
	_, err := t.MoveOrder(ctx, vending.PriceOrder{Meter: meter, Tariff: said.Code, From: said.From}, vending.OrderProved)
	return err
}

// Charged is what a meter that counts money charges.
type Charged struct {
	Version   vending.Tariff // that it confirmed last
	Since     time.Time      // of that; zero where it has confirmed none
	Uncertain []vending.PriceOrder
	Due       bool // another version is in force
}

// Charged says what a customer's meter charges now, by what it confirmed (vending.MeterCharges).
func (s *Store) Charged(ctx context.Context, customer int64, meter string) (c Charged, err error) {
	orders, err := s.PriceOrders(ctx, customer, meter)
	if err != nil {
		return c, err
	}
	last, known, uncertain := vending.MeterCharges(orders)
	c.Uncertain, c.Due = uncertain, true
	if !known {
		return c, nil
	}
	versions, err := s.Versions(ctx, last.Tariff)
	if err != nil {
		return c, err
	}
	if c.Version, err = versions.InForce(last.From); err != nil {
		return c, err
	}
	c.Since = last.Confirmed
	var clock time.Time
	if err := s.pool.QueryRow(ctx, `select ledger_now()`).Scan(&clock); err != nil {
		return c, refusal(err)
	}
	now, err := versions.InForce(clock)
	c.Due = !last.Is(now)
	return c, err
}
