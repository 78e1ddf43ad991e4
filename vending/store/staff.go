package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// Actor is a member of the staff who is at work, as who acts from somewhere; or
// vending.ErrNoStaff.
func (s *Store) Actor(ctx context.Context, code, from string) (vending.Actor, error) {
	a := vending.Actor{Staff: code, From: from}
	err := s.pool.QueryRow(ctx, `select role from staff where code = $1 and active`, code).Scan(&a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, vending.ErrNoStaff.With("Staff", code)
	}
	return a, refusal(err)
}

// Staff lists the members of the staff, by code.
func (s *Store) Staff(ctx context.Context) ([]vending.Staff, error) {
	rows, err := s.pool.Query(ctx, `select code, name, role, active from staff order by code`)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Staff])
	return list, refusal(err)
}

// SetStaff stores a member of the staff, a new one or as they are from now on.
func (t *Tx) SetStaff(ctx context.Context, m vending.Staff) error {
	_, err := t.tx.Exec(ctx, `insert into staff (code, name, role, active) values ($1, $2, $3, $4)
		on conflict on constraint staff_pkey do update set name = excluded.name, role = excluded.role, active = excluded.active`,
		m.Code, m.Name, m.Role, m.Active)
	t.Changed("staff", m)
	return err
}
