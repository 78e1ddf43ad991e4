package counter

import (
	"bytes"
	"context"
	"errors"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// MeterTakeOver asks to sell over the line on a meter that has counted purchases before: another program's, or those of its card.
type MeterTakeOver struct {
	Count     uint32 // as somebody saw it, or a rehearsal showed it
	Total     string // likewise, in cubic metres, kWh or yuan
	CostFen   *int64 // what the credit that is left cost; nil where none is new to the books, and of a meter that counts money
	CloseCard bool   // its card was handed in, and nothing is on it
}

// TakeOverMeter makes a meter what credit is sold on as it stands, by one deed. Where the books have sold nothing for it, what two
// answers say becomes the opening of its accounts; where they have, it must show just that. Its card dies with it: a meter has one
// writer (RULES C1). Count and total must be those that the deed confirms, and a second pair of eyes approves it: credit that is
// left is owed to the customer. IssueCard ends it. A rehearsal shows what is to be confirmed.
func (d *Desk) TakeOverMeter(ctx context.Context, deed vending.Deed, m vending.LineMeter, w Wire, req MeterTakeOver) (o vending.MeterOpening, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedMeterOpened, []any{m.Meter, req}
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return o, false, err
	}
	if err := deed.FourEyes(); err != nil && !d.dryRun {
		return o, false, err
	}
	heard, err := w.Hear(ctx)
	if err != nil {
		return o, false, err
	}
	done, err = d.book(ctx, m.Customer, deed, func(tx *store.Tx) error {
		meter, err := tx.OnPremises(ctx, m.Meter)
		if err != nil {
			return err
		}
		if !tx.Customer.Status.MaySell() {
			return vending.ErrCustomerClosed.With("Customer", tx.Customer.No, "Status", tx.Customer.Status)
		}
		if o, err = d.standsAt(ctx, tx, deed, meter, heard.Report, req); err != nil {
			return err
		}
		return d.closeCard(ctx, tx, deed, meter, req.CloseCard)
	})
	return o, done, err
}

// standsAt begins the meter's books where it stands, or finds that they stand there, and takes its report in.
func (d *Desk) standsAt(ctx context.Context, tx *store.Tx, deed vending.Deed, meter vending.Meter, r vending.Report, req MeterTakeOver) (o vending.MeterOpening, err error) {
	sold, err := tx.Sold(ctx, meter.No)
	if err != nil {
		return o, err
	}
	if sold { // what was in doubt ends as always
		if _, err := intake.Into(ctx, tx, r, tx.Now); err != nil {
			return o, err
		}
	}
	if err := settled(ctx, tx, meter.No); err != nil {
		return o, err
	}
	books, err := tx.Books(ctx, meter)
	if err != nil {
		return o, err
	}
	if o, err = vending.OpenMeter(meter, r, books); err != nil {
		return o, err
	}
	if err := d.confirmed(o, req); err != nil {
		return o, err
	}
	if sold {
		err = goesOn(ctx, tx, o)
	} else {
		o, err = d.begins(ctx, tx, deed, o, req.CostFen)
	}
	if err != nil {
		return o, err
	}
	return o, booked(ctx, tx, o)
}

// begins opens the accounts of a meter that nothing was sold for.
func (d *Desk) begins(ctx context.Context, tx *store.Tx, deed vending.Deed, o vending.MeterOpening, cost *int64) (vending.MeterOpening, error) {
	tariff, err := tx.Tariff(ctx)
	if err != nil {
		return o, err
	}
	if o, err = o.Priced(cost, tariff.VATBp); err != nil && !d.dryRun {
		return o, err
	}
	return o, tx.OpenMeter(ctx, o, deed.ID)
}

// goesOn is vending.ErrMeterSays unless the meter shows the last purchase of the books, to a step.
func goesOn(ctx context.Context, tx *store.Tx, o vending.MeterOpening) error {
	count, total, err := tx.LastLoaded(ctx, o.Meter.No)
	if err != nil {
		return err
	}
	if off := o.Offset(); count != o.Report.Count || total != o.Total || off < 0 || off >= o.Report.Resolution {
		books := vending.Shown{Count: count, Total: total, Commodity: o.Meter.Commodity}
		return vending.ErrMeterSays.With("Meter", o.Meter.No, "Shows", o.Shows(), "Books", books.String())
	}
	return tx.ShiftTotal(ctx, o)
}

// booked takes the report of a meter that was taken over in: somebody has looked at it (RULES D4).
func booked(ctx context.Context, tx *store.Tx, o vending.MeterOpening) error {
	if _, err := tx.AddReport(ctx, o.Booked()); err != nil {
		return err
	}
	books, err := tx.Books(ctx, o.Meter)
	if err != nil {
		return err
	}
	return tx.Apply(ctx, o.Booked().Transfers(books)...)
}

// confirmed is vending.ErrOpeningUnseen where the meter does not show what the deed says.
func (d *Desk) confirmed(o vending.MeterOpening, req MeterTakeOver) error {
	if d.dryRun {
		return nil
	}
	total, err := vending.ParseCredit(req.Total, o.Meter.Commodity)
	if err != nil || total != o.Report.Loaded || req.Count != o.Report.Count {
		return vending.ErrOpeningUnseen.With("Meter", o.Meter.No, "Shows", o.Shows(), "Count", req.Count, "Total", req.Total)
	}
	return nil
}

// closeCard lets the card of the meter die, where it was handed in, and takes the number under which the meter follows it.
func (d *Desk) closeCard(ctx context.Context, tx *store.Tx, deed vending.Deed, meter vending.Meter, handedIn bool) error {
	uid, err := lineUID(meter.No)
	if err != nil {
		return err
	}
	card, err := tx.LastCard(ctx, meter.No)
	switch {
	case errors.Is(err, vending.ErrCardNotOurs), err == nil && bytes.Equal(card.UID, uid[:]):
		return nil
	case err != nil:
		return err
	case card.State.Live() && !handedIn:
		return vending.ErrCardTaken.With("Meter", meter.No, "Card", card.No)
	}
	if err := tx.RetireCard(ctx, card.No, vending.CardReturned); err != nil {
		return err
	}
	_, err = d.register(ctx, tx, deed.ID, chip{uid, true}, meter, true)
	return err
}
