package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// UseReference uses up a payment's reference, once for all (RULES B4): a second
// time is vending.ErrReferenceUsed.
func (t *Tx) UseReference(ctx context.Context, p vending.Payment, cause uuid.UUID) error {
	bank, reference, once := p.Once()
	if !once {
		return nil
	}
	tag, err := t.tx.Exec(ctx, `insert into payment_reference (reference, bank, customer_no, cause, used_at) values ($1, $2, $3, $4, $5)
		on conflict on constraint payment_reference_pkey do nothing`, reference, bank, t.Customer.No, cause, t.Now)
	if err == nil && tag.RowsAffected() == 0 {
		return vending.ErrReferenceUsed.With("Bank", bank, "Reference", reference)
	}
	t.Changed("reference", bank+" "+reference)
	return err
}

// queueReferences adds to a batch what uses up the references of purchases. The batch
// fails with vending.ErrReferenceUsed where one was used before.
func queueReferences(b *pgx.Batch, list []vending.Purchase) {
	var banks, references []string
	var customers []int64
	var causes []uuid.UUID
	var at []time.Time
	for _, p := range list {
		payment := vending.Payment{Means: p.Means, Bank: p.Bank, Reference: p.Reference}
		if bank, reference, once := payment.Once(); once {
			banks, references = append(banks, bank), append(references, reference)
			customers, causes, at = append(customers, p.Customer), append(causes, p.ID), append(at, p.Opened)
		}
	}
	if len(references) > 0 {
		b.Queue(`insert into payment_reference (reference, bank, customer_no, cause, used_at)
			select * from unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[], $5::timestamptz[])`, references, banks, customers, causes, at)
	}
}
