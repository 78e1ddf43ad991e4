package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// endReversal is what follows when what takes a purchase back has ended. Done, both
// halves know of each other. Not done, the meter may have taken the credit: what it has
// reported meanwhile can be moved now.
func (t *Tx) endReversal(ctx context.Context, p vending.Purchase) (vending.Purchase, error) {
	if p.State == vending.Voided {
		return p, t.takenMeanwhile(ctx, p)
	}
	_, err := t.tx.Exec(ctx, `update purchase p set undone_at = o.recorded_at from purchase o
		where p.customer_no = $1 and o.customer_no = $1 and (p.id, o.id) in (($2, $3), ($3, $2))`, p.Customer, p.ID, p.Reverses)
	if err != nil {
		return p, err
	}
	return t.Purchase(ctx, p.ID)
}

func (t *Tx) takenMeanwhile(ctx context.Context, p vending.Purchase) error {
	meter, err := t.Meter(ctx, p.Meter)
	if err != nil {
		return err
	}
	books, err := t.Books(ctx, meter)
	if err != nil {
		return err
	}
	reports, err := t.highest(ctx, p.Meter)
	if err != nil || len(reports) == 0 {
		return err
	}
	return t.Apply(ctx, reports[0].Later(books)...)
}

// highest is the report in which a meter says that it has taken most, and the one by
// which it may have taken most; none where it was never heard.
func (t *Tx) highest(ctx context.Context, meter string) ([]vending.Report, error) {
	rows, err := t.tx.Query(ctx, `
		(select `+reportColumns+` from report where customer_no = $1 and meter_no = $2 order by loaded desc limit 1)
		union all
		(select `+reportColumns+` from report where customer_no = $1 and meter_no = $2 order by loaded + resolution desc limit 1)`,
		t.Customer.No, meter)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Report])
}

// Reversal reads what taking a purchase back depends on, the card and what it shows
// left out: the purchase that name says (its id or its slip's number), the meter's last
// ones, reports, the invoice, and the open shift of who acts, which stays open until
// this transaction ends. It fails with vending.ErrNoPurchase.
func (t *Tx) Reversal(ctx context.Context, name string, cashier string) (r vending.Reversal, err error) {
	r.Now, r.Status = t.Now, t.Customer.Status
	if r.Sale, err = t.slipPurchase(ctx, name); err != nil {
		return r, err
	}
	if err := t.lastOf(ctx, &r); err != nil {
		return r, err
	}
	reports, err := t.highest(ctx, r.Sale.Meter)
	if err != nil {
		return r, err
	}
	for _, heard := range reports {
		r.Heard = r.Heard || heard.Refutes(r.Sale)
	}
	meter, err := t.Meter(ctx, r.Sale.Meter)
	if err != nil {
		return r, err
	}
	books, err := t.Books(ctx, meter)
	if err != nil {
		return r, err
	}
	r.Free = books.OnCard.N - books.Leaving
	err = t.tx.QueryRow(ctx, `select invoice_code, invoice_number from slip where customer_no = $1 and cause = $2`, t.Customer.No, r.Sale.ID).
		Scan(&r.Invoice.Code, &r.Invoice.Number)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return r, err
	}
	err = t.tx.QueryRow(ctx, `select exists (select from lot where customer_no = $1 and meter_no = $2 and to_total > $3)`,
		t.Customer.No, r.Sale.Meter, r.Sale.Total-r.Sale.Quote.Credit.N).Scan(&r.TruedUp)
	if err != nil {
		return r, err
	}
	number, err := t.CashierShift(ctx, cashier)
	if errors.Is(err, vending.ErrNoShiftOfYours) {
		return r, nil
	}
	if err == nil {
		r.Shift, err = t.Shift(ctx, number)
	}
	return r, err
}

// lastOf reads the last purchase of the meter, and the last sale that stands.
func (t *Tx) lastOf(ctx context.Context, r *vending.Reversal) error {
	for where, last := range map[string]*vending.Purchase{"": &r.Head, " and reverses is null and undone_at is null": &r.Last} {
		p, err := onePurchase(t.tx.Query(ctx, `select `+purchaseColumns+` from purchase
			where customer_no = $1 and meter_no = $2 and state = 'loaded'`+where+` order by count desc limit 1`, t.Customer.No, r.Sale.Meter))
		if err != nil && !errors.Is(err, vending.ErrNoPurchase) {
			return err
		}
		*last = p
	}
	return nil
}
