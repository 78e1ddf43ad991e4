package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

const invoiceColumns = `customer_no, code, number, id, type, settled, state, buyer, total_fen, vat_fen, issued_at, period, staff,
	red_code, red_number, ended_code, ended_number, reason, copies, reprints`

func scanInvoice(row pgx.CollectableRow) (vending.Invoice, error) {
	var i vending.Invoice
	var buyer []byte
	err := row.Scan(&i.Customer, &i.Code, &i.Number, &i.ID, &i.Type, &i.For, &i.State, &buyer, &i.TotalFen, &i.VATFen, &i.Issued,
		&i.Period, &i.By, &i.RedOf.Code, &i.RedOf.Number, &i.Ended.Code, &i.Ended.Number, &i.Reason, &i.Copies, &i.Reprints)
	if err == nil {
		err = json.Unmarshal(buyer, &i.Buyer)
	}
	return i, err
}

// oneInvoice reads an invoice with its lines.
func oneInvoice(ctx context.Context, q querier, where string, args ...any) (vending.Invoice, error) {
	rows, err := q.Query(ctx, `select `+invoiceColumns+` from invoice where `+where, args...)
	if err != nil {
		return vending.Invoice{}, err
	}
	i, err := pgx.CollectOneRow(rows, scanInvoice)
	if errors.Is(err, pgx.ErrNoRows) {
		return i, vending.ErrNoInvoice
	}
	if err != nil {
		return i, err
	}
	rows, err = q.Query(ctx, `select cause, slip, what, quantity, commodity, total_fen, vat_bp, vat_fen from invoice_line
		where customer_no = $1 and code = $2 and number = $3 order by line`, i.Customer, i.Code, i.Number)
	if err != nil {
		return i, err
	}
	i.Lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l vending.InvoiceLine, err error) {
		return l, row.Scan(&l.Cause, &l.Slip, &l.What, &l.Quantity.N, &l.Quantity.Commodity, &l.TotalFen, &l.VATbp, &l.VATFen)
	})
	return i, err
}

func namedInvoice(err error, ref vending.InvoiceRef) error {
	if errors.Is(err, vending.ErrNoInvoice) {
		return vending.ErrNoInvoice.With("Invoice", ref.String())
	}
	return refusal(err)
}

// Invoice is the invoice with a number, or vending.ErrNoInvoice.
func (s *Store) Invoice(ctx context.Context, ref vending.InvoiceRef) (vending.Invoice, error) {
	i, err := oneInvoice(ctx, s.pool, `code = $1 and number = $2`, ref.Code, ref.Number)
	return i, namedInvoice(err, ref)
}

// InvoiceIssuedBy is the invoice that a deed on a customer's book issued.
func (s *Store) InvoiceIssuedBy(ctx context.Context, customer int64, deed uuid.UUID) (vending.Invoice, error) {
	i, err := oneInvoice(ctx, s.pool, `customer_no = $1 and id = $2`, customer, deed)
	return i, namedInvoice(err, vending.InvoiceRef{})
}

// Invoice is one of the customer's invoices, or vending.ErrNoInvoice.
func (t *Tx) Invoice(ctx context.Context, ref vending.InvoiceRef) (vending.Invoice, error) {
	i, err := oneInvoice(ctx, t.tx, `customer_no = $1 and code = $2 and number = $3`, t.Customer.No, ref.Code, ref.Number)
	return i, namedInvoice(err, ref)
}

// Invoices lists invoices without their lines, by number: of a customer, or of all
// where customer is 0; of a month, or of all where period is 0.
func (s *Store) Invoices(ctx context.Context, customer int64, period, limit int) ([]vending.Invoice, error) {
	rows, err := s.pool.Query(ctx, `select `+invoiceColumns+` from invoice
		where ($1 = 0 or customer_no = $1) and ($2 = 0 or period = $2) order by code, number limit $3`, customer, period, limit)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanInvoice)
	return list, refusal(err)
}

// AddInvoice stores an invoice that has taken its number, with its lines.
func (t *Tx) AddInvoice(ctx context.Context, i vending.Invoice) error {
	buyer, err := json.Marshal(i.Buyer)
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`insert into invoice (`+invoiceColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', 0, $16, 0, 0)`,
		i.Customer, i.Code, i.Number, i.ID, i.Type, i.For, i.State, buyer, i.TotalFen, i.VATFen, i.Issued, i.Period, i.By,
		i.RedOf.Code, i.RedOf.Number, i.Reason)
	for n, l := range i.Lines {
		batch.Queue(`insert into invoice_line (customer_no, code, number, line, cause, slip, what, quantity, commodity, total_fen, vat_bp, vat_fen)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, i.Customer, i.Code, i.Number, n+1,
			l.Cause, l.Slip, l.What, l.Quantity.N, l.Quantity.Commodity, l.TotalFen, l.VATbp, l.VATFen)
	}
	t.Changed("invoice", i)
	return t.tx.SendBatch(ctx, batch).Close()
}

// SetInvoice stores how an invoice ended.
func (t *Tx) SetInvoice(ctx context.Context, i vending.Invoice) error {
	_, err := t.tx.Exec(ctx, `update invoice set state = $4, ended_code = $5, ended_number = $6, reason = $7, copies = $8
		where customer_no = $1 and code = $2 and number = $3`, i.Customer, i.Code, i.Number, i.State, i.Ended.Code, i.Ended.Number,
		i.Reason, i.Copies)
	t.Changed(i.String(), i.State)
	return err
}

// ReprintInvoice counts a reprint and returns the count.
func (t *Tx) ReprintInvoice(ctx context.Context, ref vending.InvoiceRef) (count int, err error) {
	err = t.tx.QueryRow(ctx, `update invoice set reprints = reprints + 1 where customer_no = $1 and code = $2 and number = $3
		returning reprints`, t.Customer.No, ref.Code, ref.Number).Scan(&count)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, vending.ErrNoInvoice.With("Invoice", ref.String())
	}
	t.Changed("reprint", count)
	return count, err
}

// ReprintSlip counts a reprint of a sale's slip and returns the count.
func (t *Tx) ReprintSlip(ctx context.Context, cause uuid.UUID) (count int, err error) {
	err = t.tx.QueryRow(ctx, `insert into slip (customer_no, cause, reprints) values ($1, $2, 1)
		on conflict on constraint slip_pkey do update set reprints = slip.reprints + 1 returning reprints`, t.Customer.No, cause).Scan(&count)
	t.Changed("reprint", count)
	return count, err
}

// ExchangeSlips marks the slips of an invoice as taken back for it. One that was
// exchanged before is vending.ErrSlipExchanged.
func (t *Tx) ExchangeSlips(ctx context.Context, i vending.Invoice) error {
	for _, l := range i.Lines {
		tag, err := t.tx.Exec(ctx, `insert into slip (customer_no, cause, invoice_code, invoice_number) values ($1, $2, $3, $4)
			on conflict on constraint slip_pkey do update set invoice_code = excluded.invoice_code, invoice_number = excluded.invoice_number
			where slip.invoice_code = ''`, t.Customer.No, l.Cause, i.Code, i.Number)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return vending.ErrSlipExchanged.With("Slip", l.Slip)
		}
	}
	return nil
}

// ReleaseSlips lets the slips of an invoice that ended be exchanged again.
func (t *Tx) ReleaseSlips(ctx context.Context, ref vending.InvoiceRef) error {
	_, err := t.tx.Exec(ctx, `update slip set invoice_code = '', invoice_number = 0
		where customer_no = $1 and invoice_code = $2 and invoice_number = $3`, t.Customer.No, ref.Code, ref.Number)
	return err
}

// Invoiceable finds what a slip of the customer was given for: "8100000001-12" is
// the 12th purchase with that card, anything else the id of a purchase or a charge.
// It fails with vending.ErrNoSlip, and with vending.ErrNotInvoiceable where the sale
// did not come about or the charge is not paid.
func (t *Tx) Invoiceable(ctx context.Context, slip string) (vending.Invoiceable, error) {
	p, err := t.slipPurchase(ctx, slip)
	switch {
	case errors.Is(err, vending.ErrNoPurchase):
		return t.slipCharge(ctx, slip)
	case err != nil:
		return vending.Invoiceable{}, err
	case p.State != vending.Loaded, p.IsReversal(), !p.Undone.IsZero():
		return vending.Invoiceable{}, vending.ErrNotInvoiceable.With("Slip", slip)
	}
	return vending.Invoiceable{Means: p.Means, Line: vending.InvoiceLine{Cause: p.ID, Slip: p.Slip(), What: p.Tariff.Code,
		Quantity: p.Quote.Credit, TotalFen: p.Quote.Cost, VATbp: int64(p.VAT)}}, nil
}

// slipCharge finds a charge that is paid: at once, or on account, in full. What was
// paid on account is money that is there.
func (t *Tx) slipCharge(ctx context.Context, slip string) (vending.Invoiceable, error) {
	none := vending.ErrNoSlip.With("Slip", slip)
	id, err := uuid.Parse(slip)
	if err != nil {
		return vending.Invoiceable{}, none
	}
	thing := vending.Invoiceable{Line: vending.InvoiceLine{Cause: id, Slip: slip, Quantity: ledger.Fen(0)}}
	var paid int64
	err = t.tx.QueryRow(ctx, `select kind, amount_fen, paid_fen, vat_bp, means from charge where customer_no = $1 and id = $2`, t.Customer.No, id).
		Scan(&thing.Line.What, &thing.Line.TotalFen, &paid, &thing.Line.VATbp, &thing.Means)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return thing, none
	case err == nil && paid < thing.Line.TotalFen:
		return thing, vending.ErrNotInvoiceable.With("Slip", slip)
	}
	return thing, err
}

func (t *Tx) slipPurchase(ctx context.Context, slip string) (vending.Purchase, error) {
	if id, err := uuid.Parse(slip); err == nil {
		return t.Purchase(ctx, id)
	}
	card, text, ok := strings.Cut(slip, "-")
	count, err := strconv.ParseUint(text, 10, 32)
	if !ok || err != nil {
		return vending.Purchase{}, vending.ErrNoPurchase
	}
	return onePurchase(t.tx.Query(ctx, `select `+purchaseColumns+` from purchase
		where customer_no = $1 and card_no = $2 and count = $3 and state = 'loaded'`, t.Customer.No, card, count))
}

// VATReport sums the invoices of a month by type and rate (RULES B6). Voided ones
// are counted, their amounts are not.
func (s *Store) VATReport(ctx context.Context, period int) ([]vending.VATLine, error) {
	rows, err := s.pool.Query(ctx, `
		select i.type, l.vat_bp, count(distinct (i.code, i.number)) filter (where i.state <> 'voided' and i.red_code = ''),
			count(distinct (i.code, i.number)) filter (where i.state = 'voided'),
			count(distinct (i.code, i.number)) filter (where i.red_code <> ''),
			coalesce(sum(l.total_fen - l.vat_fen) filter (where i.state <> 'voided'), 0)::bigint,
			coalesce(sum(l.vat_fen) filter (where i.state <> 'voided'), 0)::bigint
		from invoice i join invoice_line l on l.customer_no = i.customer_no and l.code = i.code and l.number = i.number
		where i.period = $1 group by i.type, l.vat_bp order by i.type, l.vat_bp`, period)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.VATLine])
	return list, refusal(err)
}
