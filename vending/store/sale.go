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
	"github.com/vendgate/vendgate/vending"
)

// The stages of a purchase: each is decided on facts, and stored in one round trip
// and one commit if the book has still the head that the facts had. Purchases that
// come at the same time go together (group.go).

// writing is a stage of a purchase that is stored: its intent or its end.
type writing struct {
	purchase vending.Purchase
	link     ledger.Link
	rows     bool  // some account has no row of balances yet
	seen     *Seen // what the card showed at the end; nil for an intent
}

func (w writing) intent() bool { return w.seen == nil }

// Open stores the intent (DESIGN.md §1, step 1), which was decided on facts, and
// returns the head of the book after it. Besides what ForCustomer fails with it fails
// with ledger.ErrStale where the book has changed since: read the facts again, decide
// again.
func (s *Store) Open(ctx context.Context, f vending.Facts, p vending.Purchase, deed vending.Deed) (ledger.Head, error) {
	o, err := newOpening(f, p, deed)
	if err != nil {
		return f.Head, err
	}
	if err := s.writings.run(ctx, o); err != nil {
		return f.Head, err
	}
	return o.link.Head(), nil
}

func newOpening(f vending.Facts, p vending.Purchase, deed vending.Deed) (writing, error) {
	deed.ID = p.ID
	deed.Request = map[string]any{"card": p.Card, "fen": p.Quote.Money + p.Debt, "payment": p.Payment()}
	detail := map[string]any{"card": p.Card, "count": p.Count, "credit": p.Quote.Credit, "fen": p.Quote.Money + p.Debt}
	link, err := linkOf(f, deed, detail, f.Clock(time.Now()), p.OpenTransfers())
	return writing{purchase: p, link: link, rows: !rowsExist(f, link)}, err
}

// gateSQL takes what a sale wants to itself while it is stored, and what it shares:
// its id, so that no other customer's purchase gets it at the same time; and its shift,
// whose close takes the same lock alone and so waits for the sales that are under way.
// purchaseSQL then looks. Names come in one order.
const gateSQL = `
select case when shared then pg_advisory_xact_lock_shared(hashtextextended(name, 0)) else pg_advisory_xact_lock(hashtextextended(name, 0)) end
from unnest($1::text[], $2::boolean[]) wanted (name, shared)`

// gate is what the intents of a group take.
func gate(list []writing) (names []string, shared []bool) {
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

// End settles a purchase that the caller has opened, with the head that the book had
// then, and keeps what the card showed. It fails with ledger.ErrStale where the
// book has changed since: Settle it, then.
func (s *Store) End(ctx context.Context, f vending.Facts, p vending.Purchase, e vending.Event, seen Seen, deed vending.Deed) (vending.Purchase, error) {
	end, err := newEnding(f, p, e, seen, deed)
	if err != nil {
		return p, err
	}
	return end.purchase, s.writings.run(ctx, end)
}

func newEnding(f vending.Facts, p vending.Purchase, e vending.Event, seen Seen, deed vending.Deed) (writing, error) {
	next, ok := p.Next(e)
	if !ok || next == vending.Pending || p.IsReversal() || p.Began != "" {
		return writing{}, ledger.ErrStale
	}
	at := f.Clock(time.Now())
	p.State, p.Proof, p.Settled = next, vending.ByCard, at
	deed.ID = ledger.MoveID(p.ID, "settled")
	link, err := linkOf(f, deed, map[string]any{"id": p.ID, "state": p.State, "proof": p.Proof}, at, p.SettleTransfers(next, at))
	return writing{purchase: p, link: link, seen: &seen}, err
}

const endSQL = `
update purchase p set state = e.state, proof = e.proof, settled_at = e.settled_at, recorded_at = ledger_now()
from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) e (customer_no, id, state, proof, settled_at)
where p.customer_no = e.customer_no and p.id = e.id and p.state = 'pending'`

// writeAll stores intents and ends in one transaction: all share the statements of the
// ledger, and the commit.
func (s *Store) writeAll(ctx context.Context, list []writing) error {
	intents, ends := apart(list)
	b := &pgx.Batch{}
	if len(intents) > 0 {
		names, shared := gate(intents)
		b.Queue(gateSQL, names, shared)
	}
	rows := slices.ContainsFunc(intents, func(w writing) bool { return w.rows })
	// The records stand first: where a book has changed, that is what is said.
	if err := ledger.Queue(b, rows, each(list, func(w writing) ledger.Link { return w.link })...); err != nil {
		return err
	}
	if len(intents) > 0 {
		queuePurchases(b, true, each(intents, func(w writing) vending.Purchase { return w.purchase }))
	}
	if len(ends) > 0 {
		queueEnds(b, ends)
	}
	return s.pipeline(ctx, b)
}

func apart(list []writing) (intents, ends []writing) {
	for _, w := range list {
		if w.intent() {
			intents = append(intents, w)
		} else {
			ends = append(ends, w)
		}
	}
	return intents, ends
}

func queueEnds(b *pgx.Batch, list []writing) {
	customers := each(list, func(w writing) int64 { return w.purchase.Customer })
	b.Queue(endSQL, customers, each(list, func(w writing) [16]byte { return w.purchase.ID }),
		each(list, func(w writing) string { return string(w.purchase.State) }), each(list, func(w writing) string { return string(w.purchase.Proof) }),
		each(list, func(w writing) time.Time { return w.purchase.Settled }))
	b.Queue(seenSQL, customers, each(list, func(w writing) string { return w.purchase.Card }),
		each(list, func(w writing) int64 { return int64(w.seen.Generation) }), each(list, func(w writing) int64 { return int64(w.seen.Count) }),
		each(list, func(w writing) int64 { return w.seen.Total }), each(list, func(w writing) time.Time { return w.seen.At }))
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
