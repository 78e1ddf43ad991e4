package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// PutPartner adds a partner or changes its name and format; the same again
// changes nothing.
func (t *Tx) PutPartner(ctx context.Context, p vending.Partner) error {
	tag, err := t.tx.Exec(ctx, `insert into partner as p (account, name, format) values ($1, $2, $3)
		on conflict on constraint partner_pkey do update set name = excluded.name, format = excluded.format
		where (p.name, p.format) is distinct from (excluded.name, excluded.format)`, p.Account.String(), p.Name, p.Format)
	if err == nil && tag.RowsAffected() > 0 {
		t.Changed("partner", map[string]string{"account": p.Account.String(), "name": p.Name, "format": p.Format})
	}
	return err
}

// Partner is the partner with an account, or vending.ErrNoPartner.
func (s *Store) Partner(ctx context.Context, account ledger.Account) (vending.Partner, error) {
	p := vending.Partner{Account: account}
	err := s.pool.QueryRow(ctx, `select name, format from partner where account = $1`, account.String()).Scan(&p.Name, &p.Format)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, vending.ErrNoPartner.With("Partner", account.Of)
	}
	return p, refusal(err)
}

// Standing is how a partner stands with us.
type Standing struct {
	vending.Partner
	Files     int64
	Lines     int64 // of its files
	Unmatched int64 // of these, the ones that we have not
	Balance   int64 // fen: what an agent owes us, what a bank account holds
}

// Standings lists the partners of a class, by account.
func (s *Store) Standings(ctx context.Context, class ledger.Class) ([]Standing, error) {
	rows, err := s.pool.Query(ctx, `select p.account, p.name, p.format,
			(select count(*) from bank_file f where f.account = p.account),
			(select count(*) from bank_line l where l.account = p.account),
			(select count(*) from bank_match m where m.account = p.account)
		from partner p where p.account like $1 || ':%' order by 1`, string(class))
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Standing, error) {
		var st Standing
		var account string
		var matched int64
		if err := row.Scan(&account, &st.Name, &st.Format, &st.Files, &st.Lines, &matched); err != nil {
			return st, err
		}
		st.Unmatched = st.Lines - matched
		var err error
		st.Account, err = ledger.ParseAccount(account)
		return st, err
	})
	if err != nil {
		return nil, refusal(err)
	}
	var accounts []ledger.Account
	for _, st := range list {
		accounts = append(accounts, st.Account)
	}
	held, err := ledger.WithPartners(ctx, s.pool, accounts...)
	for i := range list {
		list[i].Balance = held[list[i].Account]
	}
	return list, refusal(err)
}

// Collect takes what an agent collected into the customer's book, or fails with
// vending.ErrCollected where the agent's number of it was used before.
func (t *Tx) Collect(ctx context.Context, deed uuid.UUID, c vending.Collection) error {
	_, err := t.tx.Exec(ctx, `insert into collection (customer_no, id, agent, reference, day, fen) values ($1, $2, $3, $4, $5, $6)`,
		c.Customer, deed, c.Agent, c.Reference, c.Day.UTC(), c.Fen)
	if err != nil {
		return err
	}
	return t.Apply(ctx, c.Transfer(deed))
}
