package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
)

// Seal covers what was done since the last seal with a new one. ok is false where
// nothing was: then it returns the last seal, whose No is 0 where there is none.
func (s *Store) Seal(ctx context.Context) (sealed ledger.Sealed, ok bool, err error) {
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return sealed, false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	var now time.Time
	if err := tx.QueryRow(ctx, `select ledger_now()`).Scan(&now); err != nil {
		return sealed, false, refusal(err)
	}
	sealed, ok, err = ledger.Seal(ctx, tx, now)
	if err != nil || !ok {
		return sealed, false, refusal(err)
	}
	return sealed, true, s.commit(ctx, tx)
}

// LastSeal is the newest seal; its No is 0 where nothing was sealed yet.
func (s *Store) LastSeal(ctx context.Context) (ledger.Sealed, error) {
	sealed, err := ledger.LastSeal(ctx, s.pool)
	return sealed, refusal(err)
}

// KeepSealing seals now and then every interval, until ctx ends. Heads go to the log,
// which is another place from which they cannot be taken back.
func (s *Store) KeepSealing(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		sealed, ok, err := s.Seal(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.ErrorContext(ctx, "books not sealed", "error", err)
		case ok:
			log.InfoContext(ctx, "books sealed", "no", sealed.No, "links", sealed.Links, "head", sealed.Hash)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Verified is what Verify found.
type Verified struct {
	ledger.Report
	Unknown []ledger.Hash // heads that were expected and that no seal has
}

// Clean says that everything holds.
func (v Verified) Clean() bool { return v.Report.Clean() && len(v.Unknown) == 0 }

// Verify proves the books on one snapshot: every chain, every seal, every balance,
// and, where these hold, that purchases and reports moved what they say. Printed heads
// must be among the seals. progress is told how many links were walked; it may be nil.
func (s *Store) Verify(ctx context.Context, printed []ledger.Hash, progress func(done, all int64)) (v Verified, err error) {
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return v, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	for _, head := range printed {
		seal, err := ledger.SealOf(ctx, tx, head)
		if err != nil {
			return v, refusal(err)
		}
		if seal.No == 0 {
			v.Unknown = append(v.Unknown, head)
		}
	}
	if v.Report, err = ledger.Verify(ctx, tx, progress); err != nil || !v.Report.Clean() {
		return v, refusal(err)
	}
	v.Violations, err = checkFiles(ctx, tx)
	return v, refusal(err)
}

// Records lists the audit records of a book after one, in order: who did what, when,
// why and from where. Book 0 is the company's own.
func (s *Store) Records(ctx context.Context, book, after int64, limit int) ([]ledger.Link, error) {
	if book != companyBook {
		if _, err := customerRow(ctx, s.pool, book, ""); err != nil {
			return nil, refusal(err)
		}
	}
	list, err := ledger.Records(ctx, s.pool, book, after, limit)
	return list, refusal(err)
}
