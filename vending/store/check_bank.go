package store

import (
	"context"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// match is a line of a partner's file and the entry of our books that it was paired with.
type match struct {
	line, entry     uuid.UUID
	account, lineOf string // of the match and of the line
	fen             int64  // that the line says
	customer, whose int64  // whom the line names, whose book has the entry
	agent           string // of the collection that it was paired with; empty where there is none
	collectedFen    int64
}

// checkMatches holds every pair of a partner's line and our entry against both: the
// same account, amount and customer, and no entry paired twice (RULES B3).
func checkMatches(ctx context.Context, tx pgx.Tx) (found []ledger.Violation, err error) {
	last := match{whose: math.MinInt64}
	for {
		page, err := matchesAfter(ctx, tx, last)
		if err != nil {
			return nil, fmt.Errorf("matches: %w", err)
		}
		moved, err := entriesOf(ctx, tx, page)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			why := m.fault(moved[m.entry])
			if m.entry == last.entry && m.whose == last.whose {
				why = fmt.Sprintf("is paired with line %s too", last.line)
			}
			if why != "" {
				found = append(found, ledger.Violation{Invariant: "a line of a bank or agent is the entry that it was paired with",
					Detail: fmt.Sprintf("line %s of %s: entry %s of book %d %s", m.line, m.account, m.entry, m.whose, why)})
			}
			last = m
		}
		if len(page) < checkedAtOnce {
			return found, nil
		}
	}
}

func matchesAfter(ctx context.Context, q querier, last match) ([]match, error) {
	rows, err := q.Query(ctx, `
		select m.line_id, m.entry_id, m.account, l.account, l.fen, l.customer_no, m.entry_customer, coalesce(c.agent, ''), coalesce(c.fen, 0)
		from bank_match m join bank_line l on l.customer_no = m.customer_no and l.id = m.line_id
		left join collection c on c.customer_no = m.entry_customer and c.id = m.entry_id
		where (m.entry_customer, m.entry_id, m.line_id) > ($1, $2, $3) order by m.entry_customer, m.entry_id, m.line_id limit $4`,
		last.whose, last.entry, last.line, checkedAtOnce)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m match, err error) {
		return m, row.Scan(&m.line, &m.entry, &m.account, &m.lineOf, &m.fen, &m.customer, &m.whose, &m.agent, &m.collectedFen)
	})
}

// entriesOf are the transfers that lines of banks were paired with, by id.
func entriesOf(ctx context.Context, tx pgx.Tx, page []match) (map[uuid.UUID]ledger.Transfer, error) {
	var books []int64
	var ids []uuid.UUID
	for _, m := range page {
		books, ids = append(books, m.whose), append(ids, m.entry)
	}
	list, err := ledger.Find(ctx, tx, books, ids)
	found := make(map[uuid.UUID]ledger.Transfer, len(list))
	for _, t := range list {
		found[t.ID] = t
	}
	return found, err
}

// fault says what a pair does not have in common; empty where it is as it must be.
func (m match) fault(t ledger.Transfer) string {
	account, err := ledger.ParseAccount(m.account)
	if err != nil || m.lineOf != m.account {
		return "is of another account than the line, " + m.lineOf
	}
	fen, of := m.collectedFen, ledger.Agent(m.agent)
	if account.Class == ledger.ClassBank {
		fen, of = through(t, account)
	}
	switch {
	case of != account:
		return "is none of this account"
	case fen != m.fen:
		return fmt.Sprintf("says %s, the line %s", vending.FormatYuan(fen), vending.FormatYuan(m.fen))
	case m.customer != 0 && m.whose != 0 && m.customer != m.whose:
		return fmt.Sprintf("is of another customer than the line, %d", m.customer)
	}
	return ""
}

// through is what a transfer did to a bank account, and the account; none where it did nothing.
func through(t ledger.Transfer, account ledger.Account) (fen int64, of ledger.Account) {
	switch {
	case t.Kind != ledger.Single && t.Kind != ledger.Post:
		return 0, of
	case t.Debit == account:
		return t.Amount.N, account
	case t.Credit == account:
		return -t.Amount.N, account
	}
	return 0, of
}
