package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// PrintSlip counts a print of a sale's slip and returns what it shows. The same
// deed again shows the same print. A sale whose end is not known has no slip yet:
// vending.ErrUnresolved.
func (d *Desk) PrintSlip(ctx context.Context, deed vending.Deed, sale uuid.UUID) (store.PrintedSlip, error) {
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return store.PrintedSlip{}, err
	}
	p, err := d.Store.Purchase(ctx, sale)
	if err != nil {
		return store.PrintedSlip{}, err
	}
	if p.State == vending.Pending {
		return store.PrintedSlip{}, vending.ErrUnresolved.With("ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money), "Card", p.Card)
	}
	deed.Kind, deed.Request = "slip print", sale
	err = d.Store.ForCustomer(ctx, p.Customer, deed, func(tx *store.Tx) error {
		return tx.Print(ctx, deed.ID, sale, func() (int, error) { return tx.ReprintSlip(ctx, sale) })
	})
	if err != nil && !errors.Is(err, vending.ErrRepeated) {
		return store.PrintedSlip{}, err
	}
	return d.Store.PrintedSlip(ctx, p.Customer, deed.ID)
}

// PrintInvoice counts a print of an invoice and returns it, with the number of the
// reprint; 0 is the first print. The same deed again shows the same print.
func (d *Desk) PrintInvoice(ctx context.Context, deed vending.Deed, ref vending.InvoiceRef) (i vending.Invoice, reprint int, err error) {
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return i, 0, err
	}
	if i, err = d.Store.Invoice(ctx, ref); err != nil {
		return i, 0, err
	}
	deed.Kind, deed.Request = "invoice print", ref.String()
	err = d.Store.ForCustomer(ctx, i.Customer, deed, func(tx *store.Tx) error {
		return tx.Print(ctx, deed.ID, i.ID, func() (int, error) { return tx.ReprintInvoice(ctx, ref) })
	})
	if err != nil && !errors.Is(err, vending.ErrRepeated) {
		return i, 0, err
	}
	_, reprint, err = d.Store.Printed(ctx, i.Customer, deed.ID)
	return i, reprint, err
}
