package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// CorrectMeter gives the customer's premises a meter of another number and takes the
// old number away from them: its household, if there is one, may be given it, and be put
// on a line. Cards for the old number are dead. It fails with vending.ErrMeterUsed where the old number
// is in the books, and vending.ErrMeterTaken where the new one is another customer's.
func (t *Tx) CorrectMeter(ctx context.Context, wrong, right string) error {
	var used bool
	err := t.tx.QueryRow(ctx, `select exists (select from purchase where customer_no = $1 and meter_no = $2)
		or exists (select from report where customer_no = $1 and meter_no = $2) or exists (select from lot where customer_no = $1 and meter_no = $2)
		or (select base_total <> 0 from meter where customer_no = $1 and no = $2)`, t.Customer.No, wrong).Scan(&used)
	if err != nil {
		return err
	}
	if used {
		return vending.ErrMeterUsed.With("Meter", wrong)
	}
	b := &pgx.Batch{}
	b.Queue(`insert into meter_owner (meter_no, customer_no) values ($1, $2)`, right, t.Customer.No)
	b.Queue(`insert into meter (customer_no, no, commodity, max_credit, base_register, installed_at)
		select customer_no, $3, commodity, max_credit, base_register, installed_at from meter where customer_no = $1 and no = $2
		on conflict on constraint meter_pkey do update set removed_at = null`, t.Customer.No, wrong, right)
	b.Queue(`update card set state = $3 where customer_no = $1 and meter_no = $2 and state <> $3`, t.Customer.No, wrong, vending.CardLost)
	b.Queue(`delete from line_meter where customer_no = $1 and meter_no = $2`, t.Customer.No, wrong)
	b.Queue(`delete from card_owner where customer_no = $1 and uid = $2`, t.Customer.No, vending.LineSerial(wrong))
	b.Queue(`update meter set removed_at = $3 where customer_no = $1 and no = $2`, t.Customer.No, wrong, t.Now)
	b.Queue(`delete from meter_owner where meter_no = $1 and customer_no = $2`, wrong, t.Customer.No)
	t.Changed("wrong", wrong)
	t.Changed("right", right)
	return t.tx.SendBatch(ctx, b).Close()
}
