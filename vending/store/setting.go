package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// Settings are the company's settings as they are now.
func (s *Store) Settings(ctx context.Context) (vending.Settings, error) {
	all, err := settings(ctx, s.pool)
	return all, refusal(err)
}

// LifeRules are the company's settings about accounts and charges.
func (s *Store) LifeRules(ctx context.Context) (vending.LifeRules, error) {
	all, err := s.Settings(ctx)
	return all.Life, err
}

func settings(ctx context.Context, q ledger.Tx) (vending.Settings, error) {
	all := vending.DefaultSettings()
	rows, err := q.Query(ctx, `select name, value, word from life_rule`)
	if err != nil {
		return all, err
	}
	known := map[string]vending.Setting{}
	for _, s := range vending.AllSettings() {
		known[s.Name] = s
	}
	var name string
	var value vending.SettingValue
	_, err = pgx.ForEachRow(rows, []any{&name, &value.N, &value.Name}, func() error {
		setting, ok := known[name]
		if !ok {
			return vending.ErrNoSetting.With("Name", name)
		}
		setting.Put(&all, value)
		return nil
	})
	return all, err
}

// Settings are the company's settings as this transaction finds them.
func (t *Tx) Settings(ctx context.Context) (vending.Settings, error) { return settings(ctx, t.tx) }

// Set stores a setting of the company. What it was and is goes into the audit record.
func (t *Tx) Set(ctx context.Context, s vending.Setting, was, now vending.SettingValue) error {
	_, err := t.tx.Exec(ctx, `insert into life_rule (name, value, word) values ($1, $2, $3)
		on conflict on constraint life_rule_pkey do update set value = excluded.value, word = excluded.word`, s.Name, now.N, now.Name)
	t.Changed("setting", s.Name)
	t.Changed("was", was.String())
	t.Changed("now", now.String())
	return err
}

// NoCloseRuns is vending.ErrMonthCloseRuns while the close of a month has begun and
// not ended, running or broken off: one month is closed by one set of rules.
func (t *Tx) NoCloseRuns(ctx context.Context) error {
	var runs bool
	err := t.tx.QueryRow(ctx, `select exists (select from month_close where state = 'running')`).Scan(&runs)
	if err == nil && runs {
		return vending.ErrMonthCloseRuns
	}
	return err
}
