package intake

import (
	"context"
	"errors"
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Result says what a report did.
type Result struct {
	New     bool              // false: it was stored already and changed nothing
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

// Deed is what takes a report in: the same report again is the same deed.
func Deed(r vending.Report) vending.Deed {
	return vending.Deed{ID: r.ID(), Kind: "meter report", By: vending.System("intake"), At: r.MeterTime}
}

// Into is Take inside the caller's transaction.
func Into(ctx context.Context, tx *store.Tx, r vending.Report, now time.Time) (Result, error) {
	meter, err := tx.Meter(ctx, r.Meter)
	if err != nil {
		return Result{}, err
	}
	added, err := tx.AddReport(ctx, r)
	if err != nil || !added {
		return Result{}, err
	}
	settled, err := settle(ctx, tx, r, now)
	if err != nil {
		return Result{}, err
	}
	books, err := tx.Books(ctx, meter)
	if err != nil {
		return Result{}, err
	}
	return Result{New: true, Settled: settled}, tx.Apply(ctx, r.Transfers(books)...)
}

func settle(ctx context.Context, tx *store.Tx, r vending.Report, now time.Time) (*vending.Purchase, error) {
	p, err := tx.Pending(ctx, r.Meter)
	if errors.Is(err, vending.ErrNoPurchase) {
		return nil, nil
	}
	if err != nil || !r.Proves(p) {
		return nil, err
	}
	p, err = tx.Settle(ctx, p, vending.ProvedLoaded, vending.ByMeter, "", now)
	return &p, err
}
