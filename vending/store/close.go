package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
)

// CloseOptions say how the month's close is run. What it does follows from the company's settings.
type CloseOptions struct {
	Chunk    int // customers in one transaction: what memory and the wait of a counter depend on
	Workers  int // chunks at a time
	DryRun   bool
	Progress func(done, all int64) // meters; nil for nobody; never called by two at once
}

// closeChunk is how many customers one transaction closes: less than half a second.
const closeChunk = 2000

// DefaultCloseOptions are what a close is run with unless somebody says otherwise.
func DefaultCloseOptions() CloseOptions {
	return CloseOptions{Chunk: closeChunk, Workers: max(2, runtime.NumCPU())}
}

// closing is one run of the close of a month.
type closing struct {
	period      int
	from, until time.Time
	rules       revenue.Rules
	classes     map[string]string
	deed        vending.Deed
	dry         bool
}

// CloseMonth closes a month (RULES C6): of every meter what was burnt is moved from
// prepaid to revenue and VAT, and nothing is posted into the month any more. A month
// that was broken off is taken up where it stopped: a chunk of customers is done or
// not. It fails with vending.ErrRepeated and the month's totals where the month is
// closed; with vending.ErrMonthNotEnded, ErrMonthBefore, ErrMonthPassed,
// ErrMonthShifts or ErrMonthDoubts where it may not be closed; and with
// vending.ErrMonthCloseRuns where somebody else is at it. A dry run says what would be
// posted and changes nothing.
func (s *Store) CloseMonth(ctx context.Context, deed vending.Deed, period int, o CloseOptions) (vending.Month, error) {
	if deed.ID == uuid.Nil {
		deed.ID = uuid.Must(uuid.NewV7())
	}
	deed.Kind, deed.Request = vending.CloseDeed, period
	turn, err := s.pool.Acquire(ctx)
	if err != nil {
		return vending.Month{}, err
	}
	defer turn.Release()
	release, err := closeTurn(ctx, turn.Conn())
	if err != nil {
		return vending.Month{}, refusal(err)
	}
	defer release()
	if err := reused(ctx, turn, deed); err != nil {
		return vending.Month{}, refusal(err)
	}
	month, err := mayClose(ctx, turn, period)
	if err != nil {
		return month, refusal(err)
	}
	c := closing{period: period, from: vending.PeriodStart(period), until: vending.PeriodEnd(period), deed: deed, dry: o.DryRun}
	if c.classes, err = classesOf(ctx, turn); err != nil {
		return month, refusal(err)
	}
	if !o.DryRun && month.State == "" {
		if err := s.beginClose(ctx, c); err != nil {
			return month, err
		}
	}
	// Now that it is begun they do not change until it has ended.
	all, err := s.Settings(ctx)
	if err != nil {
		return month, err
	}
	c.rules = all.Estimate
	total, err := s.closeAll(ctx, c, o)
	if err != nil {
		return month, err
	}
	if o.DryRun {
		total.Period = period
		return total, nil
	}
	return s.endClose(ctx, c)
}

// reused refuses at once the id of something else: it would be found at the end only.
func reused(ctx context.Context, q ledger.Tx, deed vending.Deed) error {
	kind, request, done, err := ledger.Done(ctx, q, companyBook, deed.ID)
	if err != nil || !done {
		return err
	}
	if err := deed.Repeats(kind, request); !errors.Is(err, vending.ErrRepeated) {
		return err
	}
	return nil
}

// closeTurn takes the turn that only one close has, for as long as the connection
// lives or until it is released.
func closeTurn(ctx context.Context, conn *pgx.Conn) (release func(), err error) {
	const key = `hashtextextended('vendgate: the month''s close', 0)`
	var ours bool
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(`+key+`)`).Scan(&ours); err != nil {
		return nil, err
	}
	if !ours {
		return nil, vending.ErrMonthCloseRuns
	}
	return func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(`+key+`)`); err != nil {
			conn.Close(context.WithoutCancel(ctx)) // the server gives the turn back
		}
	}, nil
}

// beginClose says in the company's book that the month is being closed.
func (s *Store) beginClose(ctx context.Context, c closing) error {
	deed := c.deed
	deed.ID = ledger.MoveID(vending.CloseID(c.period, companyBook), "begin")
	err := s.ForCompany(ctx, deed, func(t *Tx) error {
		t.Changed("month", vending.MonthRunning)
		_, err := t.tx.Exec(ctx, `insert into month_close (period, state, started_at) values ($1, $2, $3)`, c.period, vending.MonthRunning, t.Now)
		return err
	})
	if errors.Is(err, vending.ErrRepeated) {
		return nil
	}
	return err
}

// closeAll closes the meters, chunk by chunk, some at a time.
func (s *Store) closeAll(ctx context.Context, c closing, o CloseOptions) (vending.Month, error) {
	var all int64
	if err := s.pool.QueryRow(ctx, `select count(*) from meter`).Scan(&all); err != nil {
		return vending.Month{}, refusal(err)
	}
	chunks := make(chan stretch)
	var total vending.Month
	var turn sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(chunks)
		return s.stretches(ctx, o.Chunk, chunks)
	})
	for range o.Workers {
		g.Go(func() error {
			for chunk := range chunks {
				lines, seen, err := s.closeChunk(ctx, c, chunk)
				if err != nil {
					return err
				}
				turn.Lock()
				err = total.Add(lines...)
				total.Meters += int64(seen - len(lines)) // closed by an earlier run
				if o.Progress != nil {
					o.Progress(total.Meters, all)
				}
				turn.Unlock()
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return total, g.Wait()
}

// stretches cuts the customers, in the order of their numbers, into chunks.
func (s *Store) stretches(ctx context.Context, size int, out chan<- stretch) error {
	for after := int64(companyBook); ; {
		var last *int64
		err := s.pool.QueryRow(ctx, `select max(no) from (select no from customer where no > $1 order by no limit $2) next`, after, size).Scan(&last)
		if err != nil {
			return refusal(err)
		}
		if last == nil {
			return nil
		}
		select {
		case out <- stretch{after, *last}:
		case <-ctx.Done():
			return ctx.Err()
		}
		after = *last
	}
}

// endClose closes the period of the ledger and keeps the totals, which are those of
// the lines, whoever wrote them.
func (s *Store) endClose(ctx context.Context, c closing) (month vending.Month, err error) {
	err = s.ForCompany(ctx, c.deed, func(t *Tx) error {
		const sql = `
			update month_close set state = 'closed', closed_at = $2, meters = l.meters, measured = l.measured, estimated = l.estimated,
				beyond = l.beyond, gross_fen = l.gross, vat_fen = l.vat
			from (
				select count(*) as meters, count(*) filter (where basis = 'measured') as measured,
					count(*) filter (where basis = 'estimated') as estimated, count(*) filter (where used > sold) as beyond,
					coalesce(sum(month_fen), 0) as gross, coalesce(sum(month_vat_fen), 0) as vat
				from close_line where period = $1
			) l where period = $1`
		if _, err := t.tx.Exec(ctx, sql, c.period, t.Now); err != nil {
			return err
		}
		if month, err = monthOf(ctx, t.tx, c.period); err != nil {
			return err
		}
		t.Changed("month", month)
		return ledger.ClosePeriod(ctx, t.tx, c.period)
	})
	return month, err
}

const monthColumns = `period, state, started_at, coalesce(closed_at, 'epoch'), meters, measured, estimated, beyond, gross_fen, vat_fen`

// monthOf is the close of a month, or vending.ErrMonthNotClosed where none was begun.
func monthOf(ctx context.Context, q querier, period int) (vending.Month, error) {
	var m vending.Month
	err := q.QueryRow(ctx, `select `+monthColumns+` from month_close where period = $1`, period).
		Scan(&m.Period, &m.State, &m.Started, &m.Closed, &m.Meters, &m.Measured, &m.Estimated, &m.Beyond, &m.Earned.Gross, &m.Earned.VAT)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, vending.ErrMonthNotClosed.With("Period", vending.FormatPeriod(period))
	}
	return m, err
}
