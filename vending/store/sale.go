package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/bulk"
	"github.com/vendgate/vendgate/vending"
)

// The stages of a purchase: each is decided on facts, and stored in one round trip
// and one commit if the book has still the head that the facts had. Purchases that
// come at the same time go together (group.go).

// opening is a purchase to be stored.
type opening struct {
	purchase vending.Purchase
	link     ledger.Link
	rows     bool // some account has no row of balances yet
}

// Open stores the intent (DESIGN.md §1, step 1), which was decided on facts, and
// returns the head of the book after it. Besides what ForCustomer fails with it fails
// with ledger.ErrStale where the book has changed since: read the facts again, decide
// again.
func (s *Store) Open(ctx context.Context, f vending.Facts, p vending.Purchase, deed vending.Deed) (ledger.Head, error) {
	o, err := newOpening(f, p, deed)
	if err != nil {
		return f.Head, err
	}
	if err := s.openings.run(ctx, o); err != nil {
		return f.Head, err
	}
	return o.link.Head(), nil
}

func newOpening(f vending.Facts, p vending.Purchase, deed vending.Deed) (opening, error) {
	deed.ID = p.ID
	deed.Request = map[string]any{"card": p.Card, "fen": p.Quote.Money + p.Debt, "payment": p.Payment()}
	detail := map[string]any{"card": p.Card, "count": p.Count, "credit": p.Quote.Credit, "fen": p.Quote.Money + p.Debt}
	link, err := linkOf(f, deed, detail, f.Clock(time.Now()), p.OpenTransfers())
	return opening{p, link, !rowsExist(f, link)}, err
}

// gateSQL takes what a sale wants to itself while it is stored, and what it shares:
// its id, so that no other customer's purchase gets it at the same time; and its shift,
// whose close takes the same lock alone and so waits for the sales that are under way.
// purchaseSQL then looks. Names come in one order.
const gateSQL = `
select case when shared then pg_advisory_xact_lock_shared(hashtextextended(name, 0)) else pg_advisory_xact_lock(hashtextextended(name, 0)) end
from unnest($1::text[], $2::boolean[]) wanted (name, shared)`

// gate is what a group of sales takes.
func gate(list []opening) (names []string, shared []bool) {
	for _, o := range list {
		names = append(names, o.purchase.ID.String())
		if o.purchase.Till != "" {
			names = append(names, "shift:"+o.purchase.Till)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names, each(names, func(name string) bool { return strings.HasPrefix(name, "shift:") })
}

func (s *Store) openAll(ctx context.Context, list []opening) error {
	b := &pgx.Batch{}
	names, shared := gate(list)
	b.Queue(gateSQL, names, shared)
	rows := false
	for _, o := range list {
		rows = rows || o.rows
	}
	// The record stands first: where the book has changed, that is what is said.
	if err := ledger.Queue(b, rows, each(list, func(o opening) ledger.Link { return o.link })...); err != nil {
		return err
	}
	queuePurchases(b, true, each(list, func(o opening) vending.Purchase { return o.purchase }))
	return s.pipeline(ctx, b)
}

// ending is a purchase to be settled by who has opened it.
type ending struct {
	purchase vending.Purchase
	seen     Seen
	link     ledger.Link
}

// End settles a purchase that the caller has opened, with the head that the book had
// then, and keeps what the card showed. It fails with ledger.ErrStale where the
// book has changed since: Settle it, then.
func (s *Store) End(ctx context.Context, f vending.Facts, p vending.Purchase, e vending.Event, seen Seen, deed vending.Deed) (vending.Purchase, error) {
	end, err := newEnding(f, p, e, seen, deed)
	if err != nil {
		return p, err
	}
	return end.purchase, s.endings.run(ctx, end)
}

func newEnding(f vending.Facts, p vending.Purchase, e vending.Event, seen Seen, deed vending.Deed) (ending, error) {
	next, ok := p.Next(e)
	if !ok || next == vending.Pending || p.IsReversal() || p.Began != "" {
		return ending{}, ledger.ErrStale
	}
	at := f.Clock(time.Now())
	p.State, p.Proof, p.Settled = next, f.Card.Proof(), at
	deed.ID = ledger.MoveID(p.ID, "settled")
	link, err := linkOf(f, deed, map[string]any{"id": p.ID, "state": p.State, "proof": p.Proof}, at, p.SettleTransfers(next, at))
	return ending{p, seen, link}, err
}

const endSQL = `
update purchase p set state = e.state, proof = e.proof, settled_at = e.settled_at, recorded_at = ledger_now()
from unnest($1::purchase_end_row[]) e
where p.customer_no = e.customer_no and p.id = e.id and p.state = 'pending'`

func (s *Store) endAll(ctx context.Context, list []ending) error {
	b := &pgx.Batch{}
	if err := ledger.Queue(b, false, each(list, func(e ending) ledger.Link { return e.link })...); err != nil {
		return err
	}
	b.Queue(endSQL, bulk.Of(list, func(r *bulk.Row, e ending) {
		r.Bigint(e.purchase.Customer)
		r.UUID(e.purchase.ID)
		r.Text(string(e.purchase.State))
		r.Text(string(e.purchase.Proof))
		r.Time(e.purchase.Settled)
	}))
	b.Queue(seenSQL, bulk.Of(list, func(r *bulk.Row, e ending) { seenRow(r, e.purchase.Customer, e.purchase.Card, e.seen) }))
	return s.pipeline(ctx, b)
}

// linkOf is the link of a deed that was decided on facts.
func linkOf(f vending.Facts, deed vending.Deed, detail map[string]any, at time.Time, transfers []ledger.Transfer) (ledger.Link, error) {
	said, err := json.Marshal(detail)
	if err != nil {
		return ledger.Link{}, err
	}
	if deed.At.IsZero() {
		deed.At = at
	}
	record, err := deed.Record(string(said))
	if err != nil {
		return ledger.Link{}, err
	}
	record.Recorded = at
	return f.Head.Next(record, vending.PeriodOf(at), transfers...), nil
}

// rowsExist says whether all accounts that a link moves have a row of balances.
func rowsExist(f vending.Facts, l ledger.Link) bool {
	for _, a := range ledger.Owned(l.Transfers) {
		found := false
		for _, b := range f.Balances {
			found = found || b.Account == a.Account && b.Commodity == a.Commodity
		}
		if !found {
			return false
		}
	}
	return true
}

// unanswered says whether the server never said what became of a transaction, or
// was not there at all: what is worth no second try.
func unanswered(err error) bool {
	return errors.Is(err, vending.ErrCommitInDoubt) || errors.Is(err, vending.ErrDatabase)
}
