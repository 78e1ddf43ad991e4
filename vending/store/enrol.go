package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// Enrolled is what became of one customer who was to be taken over.
type Enrolled struct {
	Repeated bool  // they had been taken over before, by the same line
	Err      error // why not; nothing of the line was stored then
}

// Enrol takes customers over from an older system, in one transaction. A line
// that is refused does not keep the others back. With dryRun everything is done and
// taken back.
func (s *Store) Enrol(ctx context.Context, list []vending.Opening, by vending.Actor, dryRun bool) ([]Enrolled, error) {
	out, err := s.enrol(ctx, list, by, dryRun)
	if err == nil || len(list) == 1 || ctx.Err() != nil {
		return out, err
	}
	// Somebody else took a number meanwhile: line by line it shows which.
	out = make([]Enrolled, len(list))
	for i := range list {
		one, err := s.enrol(ctx, list[i:i+1], by, dryRun)
		if err != nil {
			one = []Enrolled{{Err: err}}
		}
		out[i] = one[0]
	}
	return out, nil
}

func (s *Store) enrol(ctx context.Context, list []vending.Opening, by vending.Actor, dryRun bool) ([]Enrolled, error) {
	tx, err := s.begin(ctx, pgx.TxOptions{})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	e := enrolment{tx: tx, out: make([]Enrolled, len(list))}
	if err := e.sort(ctx, list, by); err != nil {
		return nil, refusal(err)
	}
	if err := e.write(ctx); err != nil {
		return nil, refusal(err)
	}
	if dryRun {
		return e.out, nil
	}
	return e.out, s.commit(ctx, tx)
}

// enrolment is one transaction's customers.
type enrolment struct {
	tx    pgx.Tx
	out   []Enrolled
	now   time.Time
	fresh []vending.Opening
	deeds []vending.Deed
}

// known is what numbers stand for already.
type known struct {
	customers map[int64]bool
	meters    map[string]bool
	tariffs   map[string]ledger.Commodity
	requests  map[int64]ledger.Hash // of those earlier in the list
}

// sort finds out which of the list are new, and why the others are not.
func (e *enrolment) sort(ctx context.Context, list []vending.Opening, by vending.Actor) error {
	k, err := e.known(ctx, list)
	if err != nil {
		return err
	}
	for i, o := range list {
		deed := vending.Deed{ID: o.ID(), Kind: vending.DeedTakenOver, By: by, Request: o, At: e.now}
		request, err := deed.RequestHash()
		if err != nil {
			return err
		}
		err = e.refusal(ctx, o, deed, request, k)
		switch {
		case err == nil:
			k.customers[o.Customer.No], k.meters[o.Meter.No], k.requests[o.Customer.No] = true, true, request
			e.fresh, e.deeds = append(e.fresh, o), append(e.deeds, deed)
		case vending.ErrRepeated.Is(err):
			e.out[i].Repeated = true
		default:
			e.out[i].Err = err
		}
	}
	return nil
}

func (e *enrolment) known(ctx context.Context, list []vending.Opening) (known, error) {
	k := known{tariffs: map[string]ledger.Commodity{}, customers: map[int64]bool{}, meters: map[string]bool{}, requests: map[int64]ledger.Hash{}}
	if err := e.tx.QueryRow(ctx, `select ledger_now()`).Scan(&e.now); err != nil {
		return k, err
	}
	customers, err := column[int64](ctx, e.tx, `select no from customer where no = any($1)`,
		each(list, func(o vending.Opening) int64 { return o.Customer.No }))
	if err != nil {
		return k, err
	}
	meters, err := column[string](ctx, e.tx, `select meter_no from meter_owner where meter_no = any($1)`,
		each(list, func(o vending.Opening) string { return o.Meter.No }))
	if err != nil {
		return k, err
	}
	rows, err := e.tx.Query(ctx, `select code, commodity from tariff`)
	if err != nil {
		return k, err
	}
	for _, no := range customers {
		k.customers[no] = true
	}
	for _, no := range meters {
		k.meters[no] = true
	}
	var code string
	var of ledger.Commodity
	_, err = pgx.ForEachRow(rows, []any{&code, &of}, func() error { k.tariffs[code] = of; return nil })
	return k, err
}

// refusal is why a line is not taken: vending.ErrRepeated where it was before.
func (e *enrolment) refusal(ctx context.Context, o vending.Opening, deed vending.Deed, request ledger.Hash, k known) error {
	if before, here := k.requests[o.Customer.No]; here && before == request {
		return vending.ErrRepeated
	}
	if k.customers[o.Customer.No] {
		kind, before, done, err := ledger.Done(ctx, e.tx, o.Customer.No, deed.ID)
		if err != nil {
			return err
		}
		if done && kind == deed.Kind && before == request {
			return vending.ErrRepeated
		}
		return vending.ErrCustomerTaken.With("Customer", o.Customer.No)
	}
	if k.meters[o.Meter.No] {
		return vending.ErrMeterTaken.With("Meter", o.Meter.No)
	}
	switch of, known := k.tariffs[o.Customer.Tariff]; {
	case !known:
		return vending.ErrNoTariff.With("Tariff", o.Customer.Tariff)
	case of != o.Meter.Commodity: // the table's quantities would be taken for something else
		return vending.ErrTariffMeter.With("Tariff", o.Customer.Tariff, "Counts", string(of), "Meter", string(o.Meter.Commodity))
	}
	return nil
}

// write stores the new ones in one round trip: rows, books and records.
func (e *enrolment) write(ctx context.Context) error {
	if len(e.fresh) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	e.queueRows(b)
	var layers []layer
	var reports []vending.Report
	links := make([]ledger.Link, len(e.fresh))
	for i, o := range e.fresh {
		transfers := o.Transfers(e.now)
		if o.Total() > 0 {
			r := o.Report(e.now)
			reports = append(reports, r)
			none := ledger.Amount{Commodity: o.Meter.Commodity}
			transfers = append(transfers, r.Transfers(vending.Books{OnCard: none, Consumed: none,
				InMeter: ledger.Amount{N: o.Total(), Commodity: o.Meter.Commodity}})...)
		}
		if lot, ok := o.Lot(); ok {
			layers = append(layers, layer{o.Customer.No, o.Meter.No, o.ID(), "opening", lot})
		}
		detail, err := json.Marshal(map[string]any{"customer": o.Customer, "meter": o.Meter, "papers": o.Papers})
		if err != nil {
			return err
		}
		record, err := e.deeds[i].Record(string(detail))
		if err != nil {
			return err
		}
		record.Recorded = e.now
		links[i] = ledger.Head{Book: o.Customer.No}.Next(record, vending.PeriodOf(e.now), transfers...)
	}
	queueReports(b, reports)
	queueLots(b, layers)
	if err := ledger.Queue(b, true, links...); err != nil {
		return err
	}
	return ledger.Refusal(e.tx.SendBatch(ctx, b).Close())
}

func (e *enrolment) queueRows(b *pgx.Batch) {
	text := func(of func(vending.Opening) string) []string { return each(e.fresh, of) }
	customers := each(e.fresh, func(o vending.Opening) int64 { return o.Customer.No })
	meters := text(func(o vending.Opening) string { return o.Meter.No })
	b.Queue(`insert into customer (no, name, address, status, tariff, opened_at, papers, papers_tail, contract)
		select no, name, address, status, tariff, $9, papers, papers_tail, contract
		from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
		c (no, name, address, status, tariff, papers, papers_tail, contract)`,
		customers, text(func(o vending.Opening) string { return o.Customer.Name }), text(func(o vending.Opening) string { return o.Customer.Address }),
		text(func(o vending.Opening) string { return string(o.Customer.Status) }), text(func(o vending.Opening) string { return o.Customer.Tariff }),
		text(func(o vending.Opening) string { return o.Papers.Kind }), text(func(o vending.Opening) string { return o.Papers.Tail }),
		text(func(o vending.Opening) string { return o.Papers.Contract }), e.now)
	b.Queue(`insert into meter_owner (meter_no, customer_no) select * from unnest($1::text[], $2::bigint[])`, meters, customers)
	b.Queue(`insert into meter (customer_no, no, commodity, max_credit, base_total)
		select * from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])`,
		customers, meters, text(func(o vending.Opening) string { return string(o.Meter.Commodity) }),
		each(e.fresh, func(o vending.Opening) int64 { return o.Meter.MaxCredit }), each(e.fresh, vending.Opening.Total))
}

func queueReports(b *pgx.Batch, list []vending.Report) {
	if len(list) == 0 {
		return
	}
	number := func(of func(vending.Report) int64) []int64 { return each(list, of) }
	b.Queue(`insert into report (customer_no, meter_no, meter_time, source, loaded, remaining, consumed, resolution, valve_open, battery_low)
		select *, false from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[])`,
		number(func(r vending.Report) int64 { return r.Customer }), each(list, func(r vending.Report) string { return r.Meter }),
		each(list, func(r vending.Report) time.Time { return r.MeterTime }), each(list, func(r vending.Report) string { return string(r.Source) }),
		number(func(r vending.Report) int64 { return r.Loaded }), number(func(r vending.Report) int64 { return r.Remaining }),
		number(func(r vending.Report) int64 { return r.Consumed }), number(func(r vending.Report) int64 { return r.Resolution }),
		each(list, func(r vending.Report) bool { return r.ValveOpen }))
}
