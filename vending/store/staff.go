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

// Looked keeps that somebody looked a customer's data up (RULES B12).
func (s *Store) Looked(ctx context.Context, customer int64, by vending.Actor, what string) error {
	_, err := s.pool.Exec(ctx, `insert into look (customer_no, id, who, origin, what) values ($1, gen_random_uuid(), $2, $3, $4)`,
		customer, by.Staff, by.From, what)
	return refusal(err)
}
