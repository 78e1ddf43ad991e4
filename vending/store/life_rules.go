package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// LifeRules are the company's settings about accounts and charges.
func (s *Store) LifeRules(ctx context.Context) (vending.LifeRules, error) {
	rules := vending.DefaultLifeRules()
	rows, err := s.pool.Query(ctx, `select kind, fen, vat_bp from charge_term`)
	if err != nil {
		return rules, refusal(err)
	}
	terms, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.ChargeTerms])
	if err != nil {
		return rules, refusal(err)
	}
	for _, t := range terms {
		rules.Terms[t.Kind] = t
	}
	if rows, err = s.pool.Query(ctx, `select name, value from life_rule`); err != nil {
		return rules, refusal(err)
	}
	var name string
	var value int64
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		if !rules.Set(name, value) {
			return fmt.Errorf("there is no setting %q", name)
		}
		return nil
	})
	return rules, refusal(err)
}
