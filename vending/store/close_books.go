package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
)

// MonthBooks are the books of a closed month, all from one snapshot.
type MonthBooks struct {
	Month vending.Month
	tx    pgx.Tx
}

// MonthLine is a line of the close with what had been sold by the month before.
type MonthLine struct {
	vending.CloseLine
	SoldBefore int64
	Installed  bool // at the month's end; what was removed keeps its line
}

// MonthPage is some customers: their lines, and everything that their books hold.
type MonthPage struct {
	Customers []int64
	Lines     []MonthLine
	Transfers []ledger.Transfer // by customer; of all periods
}

// MonthBooks runs do on the books of a month; vending.ErrMonthNotClosed where it is
// not closed.
func (s *Store) MonthBooks(ctx context.Context, period int, do func(*MonthBooks) error) error {
	return s.snapshot(ctx, func(tx pgx.Tx) (err error) {
		b := &MonthBooks{tx: tx}
		if b.Month, err = monthOf(ctx, tx, period); err != nil {
			return err
		}
		if b.Month.State != vending.MonthClosed {
			return vending.ErrMonthNotClosed.With("Period", vending.FormatPeriod(period))
		}
		return do(b)
	})
}

// snapshot runs do in a transaction that reads one state of the database.
func (s *Store) snapshot(ctx context.Context, do func(pgx.Tx) error) error {
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	return refusal(do(tx))
}

// Turnovers is the trial balance of the month.
func (b *MonthBooks) Turnovers(ctx context.Context) ([]ledger.Turnover, error) {
	return ledger.Turnovers(ctx, b.tx, b.Month.Period, b.Month.Period)
}

// Sources says where the month's revenue and VAT come from.
func (b *MonthBooks) Sources(ctx context.Context) ([]ledger.Source, error) {
	return ledger.Sources(ctx, b.tx, b.Month.Period)
}

const pageCustomers = 1000

// Pages hands over all customers in the order of their numbers, some at a time;
// with what their books hold only where that is wanted.
func (b *MonthBooks) Pages(ctx context.Context, transfers bool, each func(MonthPage) error) error {
	for after := int64(companyBook); ; {
		var p MonthPage
		var err error
		if p.Customers, err = column[int64](ctx, b.tx, `select no from customer where no > $1 order by no limit $2`, after, pageCustomers); err != nil {
			return err
		}
		if len(p.Customers) == 0 {
			return nil
		}
		last := p.Customers[len(p.Customers)-1]
		if p.Lines, err = b.lines(ctx, stretch{after, last}); err != nil {
			return err
		}
		if transfers {
			if p.Transfers, err = ledger.Moves(ctx, b.tx, p.Customers); err != nil {
				return err
			}
		}
		if err := each(p); err != nil {
			return err
		}
		after = last
	}
}

func (b *MonthBooks) lines(ctx context.Context, of stretch) ([]MonthLine, error) {
	rows, err := b.tx.Query(ctx, `
		select l.customer_no, l.meter_no, l.period, l.class, l.commodity, l.basis, l.position_from, l.position, l.sold, l.used,
			l.paid_fen, l.earned_fen, l.earned_vat_fen, l.month_fen, l.month_vat_fen, coalesce(b.sold, 0), m.removed_at is null or m.removed_at >= $5
		from close_line l
		join meter m on m.customer_no = l.customer_no and m.no = l.meter_no
		left join close_line b on b.customer_no = l.customer_no and b.meter_no = l.meter_no and b.period = $4
		where l.customer_no > $1 and l.customer_no <= $2 and l.period = $3 order by l.customer_no, l.meter_no`,
		of.after, of.upTo, b.Month.Period, vending.PreviousPeriod(b.Month.Period), vending.PeriodEnd(b.Month.Period))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l MonthLine, err error) {
		err = row.Scan(&l.Customer, &l.Meter, &l.Period, &l.Class, &l.Commodity, &l.Basis, &l.Before.Position, &l.After.Position, &l.Sold, &l.Used,
			&l.Paid, &l.After.Done.Gross, &l.After.Done.VAT, &l.Month.Gross, &l.Month.VAT, &l.SoldBefore, &l.Installed)
		l.Beyond = max(0, l.Used-l.Sold)
		l.Before.Done = revenue.Sum{Gross: l.After.Done.Gross - l.Month.Gross, VAT: l.After.Done.VAT - l.Month.VAT}
		return l, err
	})
}

// Turnovers is the trial balance of the months from first to last.
func (s *Store) Turnovers(ctx context.Context, first, last int) (list []ledger.Turnover, err error) {
	err = s.snapshot(ctx, func(tx pgx.Tx) error {
		list, err = ledger.Turnovers(ctx, tx, first, last)
		return err
	})
	return list, err
}

// Export hands over every transfer of the months from first to last, in order.
func (s *Store) Export(ctx context.Context, first, last int, each func(seq int64, t ledger.Transfer) error) error {
	return s.snapshot(ctx, func(tx pgx.Tx) error { return ledger.Export(ctx, tx, first, last, each) })
}
