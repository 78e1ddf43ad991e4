package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
)

// Lots are the price lots of one of the customer's meters: its loaded purchases but for
// those that were taken back, and what lies over them.
func (t *Tx) Lots(ctx context.Context, meter string) ([]revenue.Lot, error) {
	rows, err := t.tx.Query(ctx, `
		select total - credit, total, cost_fen, vat_bp::bigint from purchase where customer_no = $1 and meter_no = $2
			and state = 'loaded' and undone_at is null
		union all
		select from_total, to_total, cost_fen, vat_bp from lot where customer_no = $1 and meter_no = $2
		order by 1, 2, 3`, t.Customer.No, meter)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[revenue.Lot])
}

// AddLots stores layers over a meter's credit. Role tells those of one deed apart.
func (t *Tx) AddLots(ctx context.Context, meter string, cause uuid.UUID, role string, lots []revenue.Lot) error {
	if len(lots) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	queueLots(b, each(lots, func(l revenue.Lot) layer { return layer{t.Customer.No, meter, cause, role, l} }))
	t.Changed(role, lots)
	return t.tx.SendBatch(ctx, b).Close()
}

// layer is a lot of a meter.
type layer struct {
	customer int64
	meter    string
	cause    uuid.UUID
	role     string
	revenue.Lot
}

// queueLots stores layers. Their ids follow from cause, role and place.
func queueLots(b *pgx.Batch, layers []layer) {
	if len(layers) == 0 {
		return
	}
	ids := make([]uuid.UUID, len(layers))
	for i, l := range layers {
		ids[i] = ledger.MoveID(l.cause, fmt.Sprintf("%s lot %d", l.role, i))
	}
	b.Queue(`insert into lot (customer_no, meter_no, id, from_total, to_total, cost_fen, vat_bp, cause, recorded_at)
		select customer_no, meter_no, id, from_total, to_total, cost_fen, vat_bp, cause, ledger_now()
		from unnest($1::bigint[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::uuid[])
		l (customer_no, meter_no, id, from_total, to_total, cost_fen, vat_bp, cause)`,
		each(layers, func(l layer) int64 { return l.customer }), each(layers, func(l layer) string { return l.meter }), ids,
		each(layers, func(l layer) int64 { return l.From }), each(layers, func(l layer) int64 { return l.To }),
		each(layers, func(l layer) int64 { return l.Cost }), each(layers, func(l layer) int32 { return int32(l.VATbp) }),
		each(layers, func(l layer) uuid.UUID { return l.cause }))
}
