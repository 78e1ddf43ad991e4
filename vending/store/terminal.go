package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

const terminalSQL = `select id, till, host, key, enrolled_at, enrolled_by, may_issue, revoked_at from terminal `

func scanTerminal(row pgx.CollectableRow) (t vending.Terminal, err error) {
	var key []byte
	var revoked *time.Time
	if err := row.Scan(&t.ID, &t.Till, &t.Host, &key, &t.Enrolled, &t.By, &t.MayIssue, &revoked); err != nil {
		return t, err
	}
	copy(t.Key[:], key)
	if revoked != nil {
		t.Revoked = *revoked
	}
	return t, nil
}

func (s *Store) terminals(ctx context.Context, where string, args ...any) ([]vending.Terminal, error) {
	rows, err := s.pool.Query(ctx, terminalSQL+where, args...)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanTerminal)
	return list, refusal(err)
}

// Terminals lists all that were ever enrolled, by till, the newest of each first.
func (s *Store) Terminals(ctx context.Context) ([]vending.Terminal, error) {
	return s.terminals(ctx, `order by till, enrolled_at desc`)
}

// Terminal is the one with that id, revoked or not; vending.ErrNoTerminal.
func (s *Store) Terminal(ctx context.Context, id uuid.UUID) (vending.Terminal, error) {
	return s.oneTerminal(ctx, id.String(), `where id = $1`, id)
}

// TerminalAt is the one that serves a till now; vending.ErrNoTerminal.
func (s *Store) TerminalAt(ctx context.Context, till string) (vending.Terminal, error) {
	return s.oneTerminal(ctx, till, `where till = $1 and revoked_at is null`, till)
}

func (s *Store) oneTerminal(ctx context.Context, which, where string, args ...any) (vending.Terminal, error) {
	list, err := s.terminals(ctx, where, args...)
	if err == nil && len(list) == 0 {
		err = vending.ErrNoTerminal.With("Which", which)
	}
	if err != nil {
		return vending.Terminal{}, err
	}
	return list[0], nil
}

// AddCode stores a code that lets one terminal in, and forgets those that have expired.
func (t *Tx) AddCode(ctx context.Context, c vending.EnrolCode) error {
	_, err := t.tx.Exec(ctx, `with gone as (delete from terminal_code where expires_at < $4::timestamptz - interval '1 day')
		insert into terminal_code (hash, till, made_by, expires_at, may_issue) values ($1, $2, $3, $5, $6)`,
		c.Hash[:], c.Till, c.By, t.Now, c.Expires, c.Issues)
	t.Changed("code", map[string]any{"till": c.Till, "expires": c.Expires, "may_issue": c.Issues})
	return err
}

// EnrolTerminal uses a code up and stores the terminal for the code's till, as whoever
// let the code be shown. It fails with vending.ErrCodeWrong, ErrCodeUsed, ErrCodeExpired or
// ErrTillHasTerminal, and then has stored nothing.
func (s *Store) EnrolTerminal(ctx context.Context, code [32]byte, terminal vending.Terminal, now time.Time) (vending.Terminal, error) {
	err := s.pool.QueryRow(ctx, `select till, made_by, may_issue from terminal_code where hash = $1`, code[:]).
		Scan(&terminal.Till, &terminal.By, &terminal.MayIssue)
	if errors.Is(err, pgx.ErrNoRows) {
		return terminal, vending.ErrCodeWrong
	}
	if err != nil {
		return terminal, refusal(err)
	}
	deed := vending.Deed{Kind: "terminal enrolled", By: vending.Actor{Staff: terminal.By, From: terminal.Host}, Request: terminal.ID, At: now}
	err = s.ForCompany(ctx, deed, func(tx *Tx) error {
		if err := tx.useCode(ctx, code, terminal.ID, now); err != nil {
			return err
		}
		return tx.addTerminal(ctx, terminal)
	})
	if errors.Is(err, vending.ErrTillHasTerminal) {
		err = vending.ErrTillHasTerminal.With("Till", terminal.Till)
	}
	return terminal, err
}

func (t *Tx) useCode(ctx context.Context, code [32]byte, by uuid.UUID, now time.Time) error {
	var expires time.Time
	var used *uuid.UUID
	err := t.tx.QueryRow(ctx, `select expires_at, used_by from terminal_code where hash = $1 for update`, code[:]).Scan(&expires, &used)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return vending.ErrCodeWrong
	case err != nil:
		return err
	case used != nil:
		return vending.ErrCodeUsed
	case now.After(expires):
		return vending.ErrCodeExpired
	}
	_, err = t.tx.Exec(ctx, `update terminal_code set used_by = $2 where hash = $1`, code[:], by)
	return err
}

func (t *Tx) addTerminal(ctx context.Context, n vending.Terminal) error {
	_, err := t.tx.Exec(ctx, `insert into terminal (id, till, host, key, enrolled_at, enrolled_by, may_issue)
		values ($1, $2, $3, $4, $5, $6, $7)`, n.ID, n.Till, n.Host, n.Key[:], n.Enrolled, n.By, n.MayIssue)
	t.Changed("terminal", map[string]any{"id": n.ID, "till": n.Till, "host": n.Host, "may_issue": n.MayIssue})
	return err
}

// RevokeTerminal ends a terminal: it is refused from its next card on. One that is
// revoked already stays so; vending.ErrNoTerminal.
func (t *Tx) RevokeTerminal(ctx context.Context, id uuid.UUID) error {
	tag, err := t.tx.Exec(ctx, `update terminal set revoked_at = coalesce(revoked_at, $2) where id = $1`, id, t.Now)
	if err == nil && tag.RowsAffected() == 0 {
		return vending.ErrNoTerminal.With("Which", id.String())
	}
	t.Changed("terminal", map[string]any{"id": id, "revoked": t.Now})
	return err
}
