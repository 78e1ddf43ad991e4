package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

const bookColumns = `code, first, last, next, type, settled, holder, state, drawn_at, drawn_by, handed_in_at, spoiled`

func scanBook(row pgx.CollectableRow) (vending.InvoiceBook, error) {
	var b vending.InvoiceBook
	var handedIn *time.Time
	err := row.Scan(&b.Code, &b.First, &b.Last, &b.Next, &b.Type, &b.For, &b.Holder, &b.State, &b.Drawn, &b.DrawnBy, &handedIn, &b.Spoiled)
	if handedIn != nil {
		b.HandedIn = *handedIn
	}
	return b, err
}

func oneBook(rows pgx.Rows, err error) (vending.InvoiceBook, error) {
	if err != nil {
		return vending.InvoiceBook{}, err
	}
	b, err := pgx.CollectOneRow(rows, scanBook)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, vending.ErrNoBook
	}
	return b, err
}

func namedBook(err error, code string, first int64) error {
	if errors.Is(err, vending.ErrNoBook) {
		return vending.ErrNoBook.With("Code", code, "First", first)
	}
	return refusal(err)
}

// InvoiceBooks lists the books, those in use only where inUse.
func (s *Store) InvoiceBooks(ctx context.Context, inUse bool) ([]vending.InvoiceBook, error) {
	rows, err := s.pool.Query(ctx, `select `+bookColumns+` from invoice_book where not $1 or state = 'in_use' order by drawn_at, code, first`, inUse)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanBook)
	return list, refusal(err)
}

// InvoiceBook is the book of a code that begins with a number, or vending.ErrNoBook.
func (s *Store) InvoiceBook(ctx context.Context, code string, first int64) (vending.InvoiceBook, error) {
	b, err := oneBook(s.pool.Query(ctx, `select `+bookColumns+` from invoice_book where code = $1 and first = $2`, code, first))
	return b, namedBook(err, code, first)
}

// HoldBook is the book of a code that begins with a number; nobody takes a number
// from it until this transaction ends. vending.ErrNoBook where there is none.
func (t *Tx) HoldBook(ctx context.Context, code string, first int64) (vending.InvoiceBook, error) {
	b, err := oneBook(t.tx.Query(ctx, `select `+bookColumns+` from invoice_book where code = $1 and first = $2 for update`, code, first))
	return b, namedBook(err, code, first)
}

// AddBook stores a book that was drawn. The company's book is held, so that two
// draws see each other: vending.ErrBookOverlaps where a number was drawn before.
func (t *Tx) AddBook(ctx context.Context, b vending.InvoiceBook) error {
	other, err := oneBook(t.tx.Query(ctx, `select `+bookColumns+` from invoice_book where code = $1 and first <= $3 and last >= $2
		order by first limit 1`, b.Code, b.First, b.Last))
	switch {
	case err == nil:
		return vending.ErrBookOverlaps.With("Code", b.Code, "First", b.First, "Last", b.Last, "Other", other.First)
	case !errors.Is(err, vending.ErrNoBook):
		return err
	}
	_, err = t.tx.Exec(ctx, `insert into invoice_book (code, first, last, next, type, settled, holder, state, drawn_at, drawn_by)
		values ($1, $2, $3, $2, $4, $5, $6, 'in_use', $7, $8)`, b.Code, b.First, b.Last, b.Type, b.For, b.Holder, b.Drawn, b.DrawnBy)
	t.Changed("book", b)
	return err
}

// SetBook stores where a book stands. The caller holds it.
func (t *Tx) SetBook(ctx context.Context, b vending.InvoiceBook) error {
	_, err := t.tx.Exec(ctx, `update invoice_book set next = $3, state = $4, handed_in_at = $5, spoiled = $6 where code = $1 and first = $2`,
		b.Code, b.First, b.Next, b.State, timeOrNull(b.HandedIn), b.Spoiled)
	return err
}

// NumbersOf lists the numbers of the invoices that were made from a book.
func (t *Tx) NumbersOf(ctx context.Context, b vending.InvoiceBook) ([]int64, error) {
	return column[int64](ctx, t.tx, `select number from invoice where code = $1 and number between $2 and $3 order by number`, b.Code, b.First, b.Last)
}

// TakeNumber uses the next number of the oldest book with numbers left that
// somebody holds, or else of one that everybody may use. The book's row stays
// held until this transaction ends, so the number commits with its invoice or not
// at all: call it last. vending.ErrNoNumbers where no number is left.
func (t *Tx) TakeNumber(ctx context.Context, kind vending.InvoiceType, settled vending.Settlement, holder string) (vending.InvoiceRef, error) {
	for {
		code, first, err := t.bookWithNumbers(ctx, kind, settled, holder)
		if err != nil {
			return vending.InvoiceRef{}, err
		}
		book, err := t.HoldBook(ctx, code, first)
		if err != nil {
			return vending.InvoiceRef{}, err
		}
		number, after, err := book.Take()
		if errors.Is(err, vending.ErrBookEmpty) || errors.Is(err, vending.ErrBookHandedIn) {
			continue // somebody took the last number while this one waited
		}
		return vending.InvoiceRef{Code: code, Number: number}, t.SetBook(ctx, after)
	}
}

func (t *Tx) bookWithNumbers(ctx context.Context, kind vending.InvoiceType, settled vending.Settlement, holder string) (code string, first int64, err error) {
	err = t.tx.QueryRow(ctx, `select code, first from invoice_book
		where type = $1 and settled = $2 and holder in ($3, '') and state = 'in_use' and next <= last
		order by holder = '', drawn_at, code, first limit 1`, kind, settled, holder).Scan(&code, &first)
	if errors.Is(err, pgx.ErrNoRows) {
		err = vending.ErrNoNumbers.With("Holder", holder, "Type", string(kind), "For", string(settled))
	}
	return code, first, err
}
