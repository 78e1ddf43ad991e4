package counter

import (
	"context"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// CloseMonth closes a month (RULES C6), for those who keep the books. See
// store.CloseMonth.
func (d *Desk) CloseMonth(ctx context.Context, deed vending.Deed, period int, o store.CloseOptions) (vending.Month, error) {
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return vending.Month{}, err
	}
	return d.Store.CloseMonth(ctx, deed, period, o)
}

// Rows takes a report, row by row, with the values of vending.Monthly's columns:
// string and int64.
type Rows interface{ Row(values ...any) error }

// MonthReport writes a report of a closed month and ties it to the trial balance
// to the fen: vending.ErrNotTied names a difference, and what was written then is not
// to be used. That somebody looked at customers' data is kept (RULES B12).
func (d *Desk) MonthReport(ctx context.Context, by vending.Actor, period int, kind vending.Monthly, to Rows) error {
	if err := by.Permit(vending.MayAccount); err != nil {
		return err
	}
	err := d.Store.MonthBooks(ctx, period, func(b *store.MonthBooks) error {
		r := monthReport{books: b, to: to, period: period}
		var err error
		if r.trial, err = b.Turnovers(ctx); err != nil {
			return err
		}
		switch kind {
		case vending.AdvanceReport:
			return r.advance(ctx)
		case vending.CreditReport:
			return r.credit(ctx)
		case vending.MeterReport:
			return r.meters(ctx)
		case vending.VATReport:
			return r.vat(ctx)
		default:
			return r.revenue(ctx)
		}
	})
	if err != nil {
		return err
	}
	return d.Store.Looked(ctx, 0, by, "month report "+string(kind)+" "+vending.FormatPeriod(period))
}
