package intake

import (
	"context"
	"errors"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Result says what a report did.
type Result struct {
	New     bool              // false: it was stored already
	Held    string            // why it is held and nothing of it is in the books (RULES D4); empty where it is not
	Settled *vending.Purchase // the pending purchase that it proved, if any
}

// Take takes one report into the books of its customer, in one transaction.
// It fails with vending.ErrNoMeter where the customer has no such meter.
func Take(ctx context.Context, s *store.Store, r vending.Report, now time.Time) (Result, error) {
	var res Result
	err := s.ForCustomer(ctx, r.Customer, Deed(r), func(tx *store.Tx) (err error) {
		res, err = Into(ctx, tx, r, now)
		return err
	})
	if errors.Is(err, vending.ErrRepeated) {
		return Result{}, nil
	}
	return res, err
}

// Deed is what takes a report in: the same report again is the same deed. That two answers
// agree on it is news.
func Deed(r vending.Report) vending.Deed {
	id := r.ID()
	if r.Agreed {
		id = ledger.MoveID(id, "agreed")
	}
	return vending.Deed{ID: id, Kind: "meter report", By: vending.System("intake"), At: r.MeterTime}
}

// Into is Take inside the caller's transaction.
func Into(ctx context.Context, tx *store.Tx, r vending.Report, now time.Time) (Result, error) {
	meter, err := tx.Meter(ctx, r.Meter)
	if err != nil {
		return Result{}, err
	}
	if why, err := suspicious(ctx, tx, r); err != nil || why != "" {
		if err == nil {
			_, err = tx.Hold(ctx, r, why)
		}
		return Result{Held: why}, err
	}
	return post(ctx, tx, meter, r, now)
}

// suspicious says why nothing of a report may be believed before a person has looked (RULES
// D4). Who reads a register on site has looked, and what a card brings was MACed by its meter.
func suspicious(ctx context.Context, tx *store.Tx, r vending.Report) (why string, err error) {
	if r.Source != vending.OverWire && r.Source != vending.RegisterOnly {
		return "", nil
	}
	company, err := tx.Settings(ctx)
	if err != nil {
		return "", err
	}
	uses, err := tx.Uses(ctx, r.Meter, r.MeterTime)
	if err != nil || !r.Jumps(uses, company.Jump) {
		return "", err
	}
	return vending.HeldJump, nil
}

// post is Into for a report that is believed.
func post(ctx context.Context, tx *store.Tx, meter vending.Meter, r vending.Report, now time.Time) (Result, error) {
	proves, err := proves(ctx, tx, r)
	if err != nil {
		return Result{}, err
	}
	added, err := tx.AddReport(ctx, r)
	if err != nil || !added && !r.Agreed {
		return Result{}, err
	}
	res := Result{New: added}
	if proves != nil {
		settled, err := tx.Settle(ctx, *proves, vending.ProvedLoaded, vending.ByMeter, "", now)
		if err != nil {
			return Result{}, err
		}
		res.Settled = &settled
	}
	books, err := tx.Books(ctx, meter)
	if err != nil {
		return Result{}, err
	}
	if !added {
		return res, tx.Apply(ctx, r.Later(books)...)
	}
	return res, tx.Apply(ctx, r.Transfers(books)...)
}

// proves is the pending purchase that a report proves; nil where there is none. What was read on a line proves
// only what two answers said: a wrong total that passes eight bits of checksum may be the right one by chance.
func proves(ctx context.Context, tx *store.Tx, r vending.Report) (*vending.Purchase, error) {
	p, err := tx.Pending(ctx, r.Meter)
	if errors.Is(err, vending.ErrNoPurchase) {
		return nil, nil
	}
	if err != nil || !r.Proves(p) {
		return nil, err
	}
	if r.Source != vending.OverWire || r.Agreed {
		return &p, nil
	}
	heard, err := tx.Heard(ctx, r.Meter, r.Loaded, p.Opened)
	if err != nil || !heard {
		return nil, err
	}
	return &p, nil
}

// EndHeld ends a report that was held: a person has looked at it, who says why (RULES D4). Where
// post is false nothing of it is ever in the books. done is false where the same deed was done before.
func EndHeld(ctx context.Context, s *store.Store, deed vending.Deed, h vending.HeldReport, believed bool, now time.Time) (done bool, err error) {
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return false, err
	}
	if deed.Why == "" {
		return false, vending.ErrReasonMissing
	}
	end := vending.HeldDropped
	deed.Kind, deed.Request = vending.DeedHeldDropped, h.ID
	if believed {
		end, deed.Kind = vending.HeldPosted, vending.DeedHeldPosted
	}
	err = s.ForCustomer(ctx, h.Customer, deed, func(tx *store.Tx) error {
		if err := tx.EndHeld(ctx, h.ID, end); err != nil || !believed {
			return err
		}
		meter, err := tx.Meter(ctx, h.Meter)
		if err != nil {
			return err
		}
		_, err = post(ctx, tx, meter, h.Report, now)
		return err
	})
	if errors.Is(err, vending.ErrRepeated) {
		return false, nil
	}
	return err == nil, err
}
