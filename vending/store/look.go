package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// Look is one look-up of a customer's data (RULES B12).
type Look struct {
	Customer int64
	Who      string
	From     string
	What     string
	At       time.Time
}

// Looked keeps that somebody looks up a customer's data (RULES B12); 0 is the data of
// all customers. Whoever shows them calls it first: what cannot be logged is not shown.
func (s *Store) Looked(ctx context.Context, customer int64, by vending.Actor, what string) error {
	return s.LookedAll(ctx, []int64{customer}, by, what)
}

// LookedAll is Looked at several customers.
func (s *Store) LookedAll(ctx context.Context, customers []int64, by vending.Actor, what string) error {
	customers = slices.Clone(customers)
	slices.Sort(customers)
	b := &pgx.Batch{}
	b.Queue(`insert into look (customer_no, id, who, origin, what) select no, gen_random_uuid(), $2, $3, $4 from unnest($1::bigint[]) no`,
		slices.Compact(customers), by.Staff, by.From, what)
	return s.pipeline(ctx, b)
}

// Looks lists who looked up a customer's data, the newest first.
func (s *Store) Looks(ctx context.Context, customer int64, limit int) ([]Look, error) {
	rows, err := s.pool.Query(ctx, `select customer_no, who, origin, what, at from look where customer_no = $1 order by at desc, id limit $2`,
		customer, limit)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Look])
	return list, refusal(err)
}
