package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// Sold says whether credit was ever sold for one of the customer's meters, and not given back for good.
func (t *Tx) Sold(ctx context.Context, meter string) (sold bool, err error) {
	err = t.tx.QueryRow(ctx, `select exists (select from purchase where customer_no = $1 and meter_no = $2 and state <> 'voided')`,
		t.Customer.No, meter).Scan(&sold)
	return sold, err
}

// ShiftTotal keeps by how much the books' total is more than the one that the meter shows. It fails with vending.ErrOpeningMoved where
// somebody has changed that since the meter was heard.
func (t *Tx) ShiftTotal(ctx context.Context, o vending.MeterOpening) error {
	if o.Offset() == 0 {
		return nil
	}
	heard := o.Report.Offset
	t.Changed("total_offset", heard+o.Offset())
	done, err := t.tx.Exec(ctx, `update meter set total_offset = $3 where customer_no = $1 and no = $2 and total_offset = $4`,
		t.Customer.No, o.Meter.No, heard+o.Offset(), heard)
	if err == nil && done.RowsAffected() == 0 {
		err = vending.ErrOpeningMoved.With("Meter", o.Meter.No)
	}
	return err
}

// OpenMeter begins the books of one of the customer's meters, for which nothing was sold yet, where it stands. What it has burnt is of no
// tier only where the books had begun with nothing of it: since an import, a replacement or an earlier opening they know its use.
// Again, of a meter that agrees with the books, it changes nothing.
func (t *Tx) OpenMeter(ctx context.Context, o vending.MeterOpening, deed uuid.UUID) error {
	_, err := t.tx.Exec(ctx, `update meter set base_count = $3, base_total = $4, base_consumed = case base_total when 0 then $5 else base_consumed end
		where customer_no = $1 and no = $2`,
		t.Customer.No, o.Meter.No, o.Report.Count, o.Total, o.Report.Consumed)
	if err != nil {
		return err
	}
	if err := t.ShiftTotal(ctx, o); err != nil {
		return err
	}
	t.Changed("opening", map[string]any{"meter": o.Meter.No, "shows": o.Report, "total": o.Total, "cost_fen": o.CostFen})
	if err := t.AddLots(ctx, o.Meter.No, deed, "opening", o.Lots()); err != nil {
		return err
	}
	return t.Apply(ctx, o.Transfers(deed, t.Now)...)
}
