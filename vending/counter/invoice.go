package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// DrawBook draws a book of numbers from the company's stock (RULES B6).
func (d *Desk) DrawBook(ctx context.Context, deed vending.Deed, b vending.InvoiceBook) (out vending.InvoiceBook, done bool, err error) {
	b = vending.InvoiceBook{Code: b.Code, First: b.First, Last: b.Last, Type: b.Type, For: b.For, Holder: b.Holder}
	deed.Kind, deed.Request = "invoice draw", b
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return b, false, err
	}
	all, err := d.Store.Settings(ctx)
	if err != nil {
		return b, false, err
	}
	if err := b.Valid(all.Invoice); err != nil {
		return b, false, err
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		b.Next, b.State, b.Drawn, b.DrawnBy = b.First, vending.BookInUse, tx.Now, deed.By.Staff
		return tx.AddBook(ctx, b)
	})
	if errors.Is(err, vending.ErrRepeated) {
		b, err = d.Store.InvoiceBook(ctx, b.Code, b.First)
		return b, false, err
	}
	return b, err == nil, err
}

// InvoiceRequest asks for one invoice in exchange for slips of one customer.
type InvoiceRequest struct {
	Customer int64
	Type     vending.InvoiceType
	Buyer    vending.Buyer
	Slips    []string // as printed, "8100000001-12", or ids of sales
}

// IssueInvoice makes out an invoice and takes the slips back. The number comes
// from the oldest book that who acts holds, and commits with the invoice or not at
// all: numbers have no gap, whoever is killed when.
func (d *Desk) IssueInvoice(ctx context.Context, deed vending.Deed, req InvoiceRequest) (i vending.Invoice, done bool, err error) {
	deed.Kind, deed.Request = "invoice issue", req
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return i, false, err
	}
	err = d.Store.ForCustomer(ctx, req.Customer, deed, func(tx *store.Tx) error {
		buyer := req.Buyer // and no other: this may run again, when another party is here
		if buyer.Name == "" {
			buyer.Name = tx.Customer.Name
		}
		var things []vending.Invoiceable
		for _, slip := range req.Slips {
			thing, err := tx.Invoiceable(ctx, slip)
			if err != nil {
				return err
			}
			things = append(things, thing)
		}
		if i, err = vending.NewInvoice(req.Type, buyer, things); err != nil {
			return err
		}
		if err := number(ctx, tx, deed, &i); err != nil {
			return err
		}
		if err := tx.ExchangeSlips(ctx, i); err != nil {
			return err
		}
		return tx.AddInvoice(ctx, i)
	})
	return d.issued(ctx, req.Customer, deed, i, err)
}

// number gives an invoice its number, time and who issued it.
func number(ctx context.Context, tx *store.Tx, deed vending.Deed, i *vending.Invoice) (err error) {
	i.Customer, i.ID, i.By, i.Issued, i.Period = tx.Customer.No, deed.ID, deed.By.Staff, tx.Now, vending.PeriodOf(tx.Now)
	i.InvoiceRef, err = tx.TakeNumber(ctx, i.Type, i.For, deed.By.Staff)
	return err
}

func (d *Desk) issued(ctx context.Context, customer int64, deed vending.Deed, i vending.Invoice, err error) (vending.Invoice, bool, error) {
	if errors.Is(err, vending.ErrRepeated) {
		i, err = d.Store.InvoiceIssuedBy(ctx, customer, deed.ID)
		return i, false, err
	}
	return i, err == nil, err
}

// ending is the order to end an invoice.
type ending struct {
	Invoice string
	Copies  int
	Reason  string
}

// VoidInvoice voids an invoice of this month of which all copies came back. Its
// slips may be exchanged again.
func (d *Desk) VoidInvoice(ctx context.Context, deed vending.Deed, ref vending.InvoiceRef, copies int) (i vending.Invoice, done bool, err error) {
	deed.Kind, deed.Request = "invoice void", ending{ref.String(), copies, deed.Why}
	err = d.forInvoice(ctx, deed, vending.MaySell, ref, func(tx *store.Tx) error {
		all, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		if i, err = tx.Invoice(ctx, ref); err != nil {
			return err
		}
		if i, err = i.Void(copies, deed.Why, vending.PeriodOf(tx.Now), all.Invoice); err != nil {
			return err
		}
		if err := tx.ReleaseSlips(ctx, ref); err != nil {
			return err
		}
		return tx.SetInvoice(ctx, i)
	})
	if errors.Is(err, vending.ErrRepeated) {
		i, err = d.Store.Invoice(ctx, ref)
		return i, false, err
	}
	return i, err == nil, err
}

// forInvoice is ForCustomer on the book of whoever has the invoice.
func (d *Desk) forInvoice(ctx context.Context, deed vending.Deed, right vending.Right, ref vending.InvoiceRef, do func(*store.Tx) error) error {
	if err := deed.By.Permit(right); err != nil {
		return err
	}
	i, err := d.Store.Invoice(ctx, ref)
	if err != nil {
		return err
	}
	return d.Store.ForCustomer(ctx, i.Customer, deed, do)
}

// RedInvoice issues the red invoice that takes an invoice back: a number of its
// own, the same figures below zero. Its slips may be exchanged again.
func (d *Desk) RedInvoice(ctx context.Context, deed vending.Deed, ref vending.InvoiceRef) (red vending.Invoice, done bool, err error) {
	deed.Kind, deed.Request = "invoice red", ending{Invoice: ref.String(), Reason: deed.Why}
	var customer int64
	err = d.forInvoice(ctx, deed, vending.MayReverse, ref, func(tx *store.Tx) error {
		customer = tx.Customer.No
		i, err := tx.Invoice(ctx, ref)
		if err != nil {
			return err
		}
		if red, err = i.Red(deed.Why); err != nil {
			return err
		}
		if err := number(ctx, tx, deed, &red); err != nil {
			return err
		}
		if i, err = i.Reverse(red.InvoiceRef); err != nil {
			return err
		}
		if err := tx.ReleaseSlips(ctx, ref); err != nil {
			return err
		}
		if err := tx.SetInvoice(ctx, i); err != nil {
			return err
		}
		return tx.AddInvoice(ctx, red)
	})
	if errors.Is(err, vending.ErrRepeated) {
		i, err := d.Store.Invoice(ctx, ref)
		if err != nil {
			return i, false, err
		}
		customer = i.Customer
	}
	return d.issued(ctx, customer, deed, red, err)
}

// ReprintInvoice counts a reprint; the copy is marked as one.
func (d *Desk) ReprintInvoice(ctx context.Context, deed vending.Deed, ref vending.InvoiceRef) (i vending.Invoice, done bool, err error) {
	deed.Kind, deed.Request = "invoice reprint", ref.String()
	err = d.forInvoice(ctx, deed, vending.MaySell, ref, func(tx *store.Tx) error {
		if i, err = tx.Invoice(ctx, ref); err != nil {
			return err
		}
		i.Reprints, err = tx.ReprintInvoice(ctx, ref)
		return err
	})
	if errors.Is(err, vending.ErrRepeated) {
		i, err = d.Store.Invoice(ctx, ref)
		return i, false, err
	}
	return i, err == nil, err
}

// ReprintSlip counts a reprint of a sale's slip and returns how often it was
// reprinted.
func (d *Desk) ReprintSlip(ctx context.Context, deed vending.Deed, customer int64, slip string) (count int, err error) {
	deed.Kind, deed.Request = "slip reprint", slip
	if err := deed.By.Permit(vending.MaySell); err != nil {
		return 0, err
	}
	err = d.Store.ForCustomer(ctx, customer, deed, func(tx *store.Tx) error {
		thing, err := tx.Invoiceable(ctx, slip)
		if err != nil {
			return err
		}
		count, err = tx.ReprintSlip(ctx, thing.Line.Cause)
		return err
	})
	return count, err
}

// handingIn is the order to hand a book in.
type handingIn struct {
	Code  string
	First int64
	Spoil bool
}

// HandIn gives a book back, complete: every number it gave away is an invoice, and
// those never used are spoiled where spoil says that all their copies are there.
func (d *Desk) HandIn(ctx context.Context, deed vending.Deed, code string, first int64, spoil bool) (b vending.InvoiceBook, done bool, err error) {
	deed.Kind, deed.Request = "invoice hand in", handingIn{code, first, spoil}
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return b, false, err
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		if b, err = tx.HoldBook(ctx, code, first); err != nil {
			return err
		}
		numbers, err := tx.NumbersOf(ctx, b)
		if err != nil {
			return err
		}
		if b, err = b.HandIn(numbers, spoil, tx.Now); err != nil {
			return err
		}
		tx.Changed("book", b)
		return tx.SetBook(ctx, b)
	})
	if errors.Is(err, vending.ErrRepeated) {
		b, err = d.Store.InvoiceBook(ctx, code, first)
		return b, false, err
	}
	return b, err == nil, err
}
