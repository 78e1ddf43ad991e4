package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// PutMeterModel describes a model from now on, in the place of what it was.
func (t *Tx) PutMeterModel(ctx context.Context, m vending.MeterModel) error {
	t.Changed("model", m.Name)
	t.Changed("now", m.Description)
	_, err := t.tx.Exec(ctx, `insert into meter_model (name, description) values ($1, $2)
		on conflict on constraint meter_model_pkey do update set description = excluded.description`, m.Name, string(m.Description))
	return err
}

// RemoveMeterModel removes a description; what it was is in the record.
func (t *Tx) RemoveMeterModel(ctx context.Context, m vending.MeterModel) error {
	t.Changed("model", m.Name)
	t.Changed("was", m.Description)
	_, err := t.tx.Exec(ctx, `delete from meter_model where name = $1`, m.Name)
	return err
}

// MetersOfModel are the first meters on lines that have a model, most at most; those that were taken down since are among them.
func (t *Tx) MetersOfModel(ctx context.Context, name string, most int) ([]string, error) {
	rows, err := t.tx.Query(ctx, `select meter_no from line_meter where model = $1 order by meter_no limit $2`, name, most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// MeterModel is a model as this transaction finds it; found is false where there is none.
func (t *Tx) MeterModel(ctx context.Context, name string) (m vending.MeterModel, found bool, err error) {
	return meterModel(ctx, t.tx, name)
}

// MeterModel is a model that was described; found is false where there is none of that name.
func (s *Store) MeterModel(ctx context.Context, name string) (m vending.MeterModel, found bool, err error) {
	m, found, err = meterModel(ctx, s.pool, name)
	return m, found, refusal(err)
}

func meterModel(ctx context.Context, q querier, name string) (m vending.MeterModel, found bool, err error) {
	rows, err := q.Query(ctx, `select name, description from meter_model where name = $1`, name)
	if err != nil {
		return m, false, err
	}
	m, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[vending.MeterModel])
	if errors.Is(err, pgx.ErrNoRows) {
		return m, false, nil
	}
	return m, err == nil, err
}

// MeterModels lists the models that were described, by name.
func (s *Store) MeterModels(ctx context.Context) ([]vending.MeterModel, error) {
	rows, err := s.pool.Query(ctx, `select name, description from meter_model order by name`)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.MeterModel])
	return list, refusal(err)
}
