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

// PriceEffect is what a change of the price means to one meter.
type PriceEffect struct {
	Customer int64
	Meter    string
	Units    int64     // outstanding
	Fen      int64     // above zero: the customer owes it; below: it is given back
	AsOf     time.Time // of the meter's last report, from which what is outstanding follows; zero: it never reported
	Result   PriceResult
	Order    vending.OrderState // of a meter that counts money: how far the price has come; empty where nobody has ordered it

	from int64 // of the meter's cumulative credit: what is affected are the units above
}

// move is a change of a price list, with its versions.
type move struct {
	vending.PriceChange
	versions     vending.Versions
	before, next vending.Tariff
}

// PriceResult is what became of it.
type PriceResult string

// The results.
const (
	EffectPlanned PriceResult = "planned" // a preview
	EffectDone    PriceResult = "done"
	EffectBefore  PriceResult = "already" // an earlier run did it
	EffectKept    PriceResult = "kept"    // the credit keeps its price
	EffectDoubt   PriceResult = "doubt"   // a purchase is pending: run again once it has ended
	EffectOrdered PriceResult = "ordered" // the meter counts money, and has not confirmed the price yet
	EffectRefused PriceResult = "refused" // the books do not allow it: see the customer
)

// affectedAtOnce bounds how many customers are held in memory.
const affectedAtOnce = 1000

// PreviewChange says what a change of the price would mean, meter by meter, and
// changes nothing. It fails with vending.ErrNoTariff or ErrNoChange.
func (s *Store) PreviewChange(ctx context.Context, c vending.PriceChange, each func(PriceEffect) error) error {
	m, err := s.move(ctx, c)
	if err != nil {
		return err
	}
	return s.affected(ctx, c.Tariff, func(no int64) error {
		tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx))
		effects, err := m.effectsOn(ctx, tx, no)
		if err != nil {
			return fmt.Errorf("customer %d: %w", no, refusal(err))
		}
		return tell(effects, each)
	})
}

func tell(effects []PriceEffect, each func(PriceEffect) error) error {
	for _, e := range effects {
		if err := each(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) move(ctx context.Context, c vending.PriceChange) (m move, err error) {
	m.PriceChange = c
	if m.versions, err = s.Versions(ctx, c.Tariff); err == nil {
		m.before, m.next, err = c.Between(m.versions)
	}
	return m, err
}

// affected calls do with every customer of a price list, in the order of their
// numbers.
func (s *Store) affected(ctx context.Context, code string, do func(no int64) error) error {
	for last := int64(0); ; {
		numbers, err := column[int64](ctx, s.pool, `select no from customer where tariff = $1 and no > $2 order by no limit $3`,
			code, last, affectedAtOnce)
		if err != nil {
			return refusal(err)
		}
		for _, no := range numbers {
			if err := do(no); err != nil {
				return err
			}
			last = no
		}
		if len(numbers) < affectedAtOnce {
			return nil
		}
	}
}

// ApplyChange decides what becomes of the credit that was out when a version came
// into force, and does it, one customer at a time. It may be run again, with the
// same id or another: what was done is not done twice. The deed needs
// vending.MayPrice and a second person. It fails, before anything is done, with
// vending.ErrNoTariff, ErrNoChange, ErrNotInForce or ErrPolicySet.
func (s *Store) ApplyChange(ctx context.Context, deed vending.Deed, c vending.PriceChange, each func(PriceEffect) error) error {
	if err := errors.Join(deed.By.Permit(vending.MayPrice), deed.FourEyes()); err != nil {
		return err
	}
	m, err := s.move(ctx, c)
	if err != nil {
		return err
	}
	deed.Kind, deed.Request = "price change decided", c
	id, err := s.decide(ctx, deed, c)
	if err != nil {
		return err
	}
	return s.affected(ctx, c.Tariff, func(no int64) error {
		effects, err := s.applyTo(ctx, no, deed, id, m)
		if err != nil {
			return fmt.Errorf("customer %d: %w", no, err)
		}
		return tell(effects, each)
	})
}

// decide stores the policy of a change and returns its id, that of the first who
// decided.
func (s *Store) decide(ctx context.Context, deed vending.Deed, c vending.PriceChange) (id uuid.UUID, err error) {
	var policy vending.Policy
	read := func(q querier) error {
		return q.QueryRow(ctx, `select id, policy from price_change where code = $1 and valid_from = $2`, c.Tariff, c.From).Scan(&id, &policy)
	}
	err = s.ForCompany(ctx, deed, func(tx *Tx) error {
		if tx.Now.Before(c.From) {
			return vending.ErrNotInForce.With("Tariff", c.Tariff, "At", vending.DateOf(tx.Now).String())
		}
		err := read(tx.tx)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		id, policy = deed.ID, c.Policy
		tx.Changed("price change", c)
		_, err = tx.tx.Exec(ctx, `insert into price_change (code, valid_from, policy, id) values ($1, $2, $3, $4)`, c.Tariff, c.From, c.Policy, id)
		return err
	})
	if errors.Is(err, vending.ErrRepeated) {
		err = refusal(read(s.pool))
	}
	if err == nil && policy != c.Policy {
		err = vending.ErrPolicySet.With("Tariff", c.Tariff, "From", vending.DateOf(c.From).String(), "Policy", policy)
	}
	return id, err
}

// applyTo is the part of one customer, all meters in one transaction. A customer with a
// purchase in doubt is left as they are: what is outstanding is not known.
func (s *Store) applyTo(ctx context.Context, no int64, deed vending.Deed, id uuid.UUID, m move) (effects []PriceEffect, err error) {
	deed.ID, deed.Kind = vending.CustomerChange(id, no), "price change"
	err = s.ForCustomer(ctx, no, deed, func(tx *Tx) error {
		if effects, err = m.effectsOn(ctx, tx.tx, no); err != nil {
			return err
		}
		for _, e := range effects {
			if e.Result == EffectDoubt {
				return nil
			}
		}
		for i := range effects {
			if err := tx.effect(ctx, &effects[i], deed.ID, m); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, vending.ErrRepeated):
		effects, err = m.effectsOn(ctx, s.pool, no)
	case errors.Is(err, vending.ErrAdvanceShort):
		for i := range effects {
			effects[i].Result = EffectRefused
		}
		err = nil
	}
	return effects, err
}

// effect does what a change means to a meter, unless it was done before.
func (t *Tx) effect(ctx context.Context, e *PriceEffect, cause uuid.UUID, m move) error {
	switch {
	case e.Result == EffectBefore || e.Result == EffectKept:
		return nil
	case e.Result == EffectOrdered:
		o, _, err := t.NextOrder(ctx, e.Meter)
		e.Order = o.State
		return err
	}
	u := vending.TrueUp{Units: e.Units, Fen: e.Fen}
	if err := t.Apply(ctx, u.Transfers(e.Customer, e.Meter, cause, t.Now)...); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`insert into price_trueup (customer_no, meter_no, code, valid_from, to_total, units, fen, cause) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.Customer, e.Meter, m.Tariff, m.From, e.from+e.Units, e.Units, e.Fen, cause)
	if e.Fen != 0 {
		batch.Queue(`insert into lot (customer_no, meter_no, id, from_total, to_total, cost_fen, vat_bp, cause) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			e.Customer, e.Meter, ledger.MoveID(cause, "lot "+e.Meter), e.from, e.from+e.Units, e.Fen, m.next.VATBp, cause)
	}
	e.Result = EffectDone
	t.Changed("true-up of meter "+e.Meter, map[string]any{"tariff": m.Tariff, "from": vending.DateOf(m.From).String(), "units": e.Units, "fen": e.Fen})
	return t.tx.SendBatch(ctx, batch).Close()
}
