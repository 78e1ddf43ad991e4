package store

import (
	"context"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
)

// Migrations are those of the schemas of the database, in their order, and Versions the tables of their versions.
var Migrations, Versions = []fs.FS{schemas[0].files, schemas[1].files}, []string{schemas[0].versions, schemas[1].versions}

// Pipeline is what the stages of a sale are stored with.
var Pipeline = (*Store).pipeline

// Batch runs statements on a connection that is not for the stages of a sale.
func Batch(s *Store, ctx context.Context, b *pgx.Batch) error {
	tx, err := s.begin(ctx, pgx.TxOptions{})
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	return tx.SendBatch(ctx, b).Close()
}

// Hold takes another customer's row in the same transaction, in whatever order.
func Hold(t *Tx, ctx context.Context, no int64) error {
	_, err := customerRow(ctx, t.tx, no, "for no key update")
	return err
}

// Rounds are what Health.Watch does, a round at a time.
type Rounds struct{ rounds }

// NewRounds has everything checked as often as all says.
func NewRounds(s *Store, all time.Duration) *Rounds { return &Rounds{rounds{store: s, all: all}} }

// Check is the next round.
func (r *Rounds) Check(ctx context.Context) ([]ledger.Violation, error) { return r.check(ctx) }

// Found is how many violations are known.
func (r *Rounds) Found() int { return len(r.found) }

// Age lets the last check of everything be so long ago.
func (r *Rounds) Age(by time.Duration) { r.replayed = r.replayed.Add(-by) }
