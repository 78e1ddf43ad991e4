package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
)

// roundsOverlap is how long a transaction may take and still be seen by the next check of
// what has changed; one that takes longer is seen when everything is checked.
const roundsOverlap = 10 * time.Minute

// rounds is what is known of the books between checks. Everything is checked at first and
// then rarely; in between only books to which a link was added since, each as a whole.
type rounds struct {
	store *Store
	all   time.Duration // how often everything is checked

	checked  time.Time                 // by the clock of the books, what had changed until then was checked
	replayed time.Time                 // as that, everything
	links    map[int64]int64           // of the books that changed lately: the link up to which each was checked
	found    map[ledger.Violation]bool // stays until a check of everything does not find it any more
}

// check checks what is due, and returns what was not known before.
func (w *rounds) check(ctx context.Context) (news []ledger.Violation, err error) {
	tx, err := w.store.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	var now time.Time
	if err := tx.QueryRow(ctx, `select ledger_now()`).Scan(&now); err != nil {
		return nil, refusal(err)
	}
	if w.replayed.IsZero() || now.Sub(w.replayed) >= w.all {
		return w.everything(ctx, tx, now)
	}
	return w.changed(ctx, tx, now)
}

func (w *rounds) everything(ctx context.Context, tx pgx.Tx, now time.Time) ([]ledger.Violation, error) {
	found, err := checkAll(ctx, tx)
	if err != nil {
		return nil, refusal(err)
	}
	before := w.found
	w.found, w.links, w.replayed, w.checked = map[ledger.Violation]bool{}, nil, now, now
	return w.take(found, before), nil
}

func (w *rounds) changed(ctx context.Context, tx pgx.Tx, now time.Time) ([]ledger.Violation, error) {
	links, err := ledger.Written(ctx, tx, w.checked.Add(-roundsOverlap))
	if err != nil {
		return nil, refusal(err)
	}
	var books []int64
	for _, book := range slices.Sorted(maps.Keys(links)) {
		if links[book] != w.links[book] {
			books = append(books, book)
		}
	}
	var found []ledger.Violation
	for page := range slices.Chunk(books, checkedAtOnce) {
		broken, err := checkSome(ctx, tx, page)
		if err != nil {
			return nil, refusal(err)
		}
		found = append(found, broken...)
	}
	w.links, w.checked = links, now
	return w.take(found, w.found), nil
}

// take keeps what was found, and returns what is not among what was known before.
func (w *rounds) take(found []ledger.Violation, before map[ledger.Violation]bool) (news []ledger.Violation) {
	for _, v := range found {
		if !before[v] {
			news = append(news, v)
		}
	}
	for _, v := range found {
		w.found[v] = true
	}
	return news
}

// checkSome checks some books, and holds their transfers against what caused them.
func checkSome(ctx context.Context, tx pgx.Tx, books []int64) ([]ledger.Violation, error) {
	found, err := ledger.CheckSome(ctx, tx, books)
	if err != nil {
		return nil, err
	}
	unknown, err := strangersAmong(ctx, tx, books)
	if err != nil {
		return nil, err
	}
	found = append(found, unknown...)
	known, err := column[int64](ctx, tx, `select no from customer where no = any($1)`, books)
	if err != nil {
		return nil, err
	}
	files, err := filesOf(ctx, tx, known)
	for _, f := range files {
		found = append(found, f.Audit()...)
	}
	return found, err
}
