package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// closeChunk closes a stretch of customers in one transaction and returns the lines
// it wrote and how many meters there are. Where a counter was at one of the books
// meanwhile, all of it is done again: nothing is locked while facts are read.
func (s *Store) closeChunk(ctx context.Context, c closing, chunk stretch) (lines []vending.CloseLine, meters int, err error) {
	for try := 1; ; try++ {
		lines, meters, err = s.closeOnce(ctx, c, chunk)
		if err == nil || try == tries || !inTheWay(err) {
			return lines, meters, err
		}
	}
}

func (s *Store) closeOnce(ctx context.Context, c closing, chunk stretch) ([]vending.CloseLine, int, error) {
	// One snapshot for heads and facts: whatever was done since makes the heads stale.
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return nil, 0, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	r := closeRead{close: c, stretch: chunk}
	if err := r.read(ctx, tx); err != nil {
		return nil, 0, refusal(err)
	}
	lines, err := r.lines()
	if err != nil || c.dry || len(lines) == 0 {
		return lines, len(r.meters), err
	}
	links, err := closeLinks(ctx, tx, c, lines)
	if err != nil {
		return nil, 0, refusal(err)
	}
	if err := writeClose(ctx, tx, links, lines); err != nil {
		return nil, 0, refusal(err)
	}
	return lines, len(r.meters), s.commit(ctx, tx)
}

// closeLinks makes one link in the book of each customer of whom something moves.
// The lines are in the order of their customers.
func closeLinks(ctx context.Context, tx pgx.Tx, c closing, lines []vending.CloseLine) ([]ledger.Link, error) {
	var now time.Time
	if err := tx.QueryRow(ctx, `select ledger_now()`).Scan(&now); err != nil {
		return nil, err
	}
	var books []int64
	var of [][]vending.CloseLine
	for from := 0; from < len(lines); {
		to, moves := from, false
		for ; to < len(lines) && lines[to].Customer == lines[from].Customer; to++ {
			moves = moves || len(lines[to].Transfers(now)) > 0
		}
		if moves {
			books, of = append(books, lines[from].Customer), append(of, lines[from:to])
		}
		from = to
	}
	heads, err := ledger.HeadsOf(ctx, tx, books)
	if err != nil {
		return nil, err
	}
	links := make([]ledger.Link, len(heads))
	for i, head := range heads {
		record, err := closeRecord(c, of[i], now)
		if err != nil {
			return nil, err
		}
		var transfers []ledger.Transfer
		for _, l := range of[i] {
			transfers = append(transfers, l.Transfers(now)...)
		}
		links[i] = head.Next(record, c.period, transfers...)
	}
	return links, nil
}

// closeRecord says in a customer's book what was closed, and from which reading.
func closeRecord(c closing, lines []vending.CloseLine, now time.Time) (ledger.Record, error) {
	type said struct {
		Meter string     `json:"meter"`
		Basis string     `json:"basis"`
		Read  *time.Time `json:"read,omitempty"`
		From  int64      `json:"from"`
		To    int64      `json:"to"`
	}
	detail := make([]said, len(lines))
	for i, l := range lines {
		detail[i] = said{l.Meter, string(l.Basis), timeOrNull(l.ReadAt), l.Before.Position, l.After.Position}
	}
	text, err := json.Marshal(map[string]any{"period": c.period, "meters": detail})
	if err != nil {
		return ledger.Record{}, err
	}
	deed := c.deed
	deed.ID, deed.At = vending.CloseID(c.period, lines[0].Customer), now
	r, err := deed.Record(string(text))
	r.Recorded = now
	return r, err
}

const closeLineSQL = `
	insert into close_line (customer_no, meter_no, period, class, commodity, basis, read_at, position_from, position, sold, used,
		paid_fen, earned_fen, earned_vat_fen, month_fen, month_vat_fen)
	select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bigint[],
		$9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[])`

// writeClose writes links and lines in one round trip. The customers have prepaid
// money, so the rows of balances are there.
func writeClose(ctx context.Context, tx pgx.Tx, links []ledger.Link, lines []vending.CloseLine) error {
	type line = vending.CloseLine
	b := &pgx.Batch{}
	if err := ledger.Queue(b, false, links...); err != nil {
		return err
	}
	number := func(of func(line) int64) []int64 { return each(lines, of) }
	text := func(of func(line) string) []string { return each(lines, of) }
	b.Queue(closeLineSQL, number(func(l line) int64 { return l.Customer }), text(func(l line) string { return l.Meter }),
		number(func(l line) int64 { return int64(l.Period) }), text(func(l line) string { return l.Class }),
		text(func(l line) string { return string(l.Commodity) }), text(func(l line) string { return string(l.Basis) }),
		each(lines, func(l line) *time.Time { return timeOrNull(l.ReadAt) }), number(func(l line) int64 { return l.Before.Position }),
		number(func(l line) int64 { return l.After.Position }), number(func(l line) int64 { return l.Sold }),
		number(func(l line) int64 { return l.Used }), number(func(l line) int64 { return l.Paid }),
		number(func(l line) int64 { return l.After.Done.Gross }), number(func(l line) int64 { return l.After.Done.VAT }),
		number(func(l line) int64 { return l.Month.Gross }), number(func(l line) int64 { return l.Month.VAT }))
	return ledger.Refusal(tx.SendBatch(ctx, b).Close())
}
