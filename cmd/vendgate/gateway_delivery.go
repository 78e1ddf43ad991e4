package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// delivery brings one record after the other into books that are open. One that they do not take is set aside, so that no
// other waits for it for long.
type delivery struct {
	*gatewayField
	store  *store.Store
	pause  time.Duration // after the next failure
	failed int           // tries at the record that comes next
}

// mostFailures is after how many tries a record is set aside that fails, nobody knows why, while the books answer.
const mostFailures = 3

// run works until ctx ends.
func (d *delivery) run(ctx context.Context) {
	for {
		err := d.spool.Deliver(ctx, d.take)
		if ctx.Err() != nil {
			return
		}
		d.waiting(ctx, d.pause, err)
		d.pause = min(2*d.pause, longestDelivery)
	}
}

// take brings a record into the books, or sets it aside.
func (d *delivery) take(ctx context.Context, record []byte) error {
	err := d.takeIn(ctx, d.store, record)
	if err != nil && ctx.Err() == nil && d.hopeless(ctx, err) {
		err = d.refuse(ctx, record, err)
	}
	if err != nil {
		return err
	}
	d.pause, d.failed = firstDelivery, 0
	return nil
}

// hopeless reports whether the reading is to be set aside: it would be refused for ever, or fails again and again though the books answer.
// Trouble of the books, or of who else is at them, is never its fault.
func (d *delivery) hopeless(ctx context.Context, err error) bool {
	switch {
	case passing(err):
		return false
	case final(err):
		return true
	}
	if d.failed++; d.failed < mostFailures {
		return false
	}
	_, away := d.store.Settings(ctx)
	return away == nil
}

// passing is trouble that has nothing to do with what was to be stored. What was refused on a book that has moved
// meanwhile is no refusal, whatever it says.
func passing(err error) bool {
	for _, trouble := range []error{vending.ErrDatabase, vending.ErrHeld, vending.ErrCommitInDoubt, ledger.ErrStale} {
		if errors.Is(err, trouble) {
			return true
		}
	}
	return false
}

// final reports whether the same reading would be refused for ever.
func final(err error) bool {
	for _, fault := range []error{vending.ErrIncomplete, vending.ErrMeterNotAgreed, meterproto.ErrWrongMeter} {
		if errors.Is(err, fault) {
			return true
		}
	}
	refusal, ok := errors.AsType[*vending.Error](err)
	return ok && (refusal.Kind == vending.NotFound || refusal.Kind == vending.Invalid || refusal.Kind == vending.NotAllowed)
}

// refuse keeps a reading that the books do not take, and why: it is not lost, and
// does not keep the others waiting. The last line may come twice after a crash.
func (f *gatewayField) refuse(ctx context.Context, record []byte, why error) error {
	f.log.WarnContext(ctx, "the books refuse a reading", "kept_in", f.refused, "error", why)
	line, err := json.Marshal(struct {
		Error string          `json:"error"`
		Heard json.RawMessage `json:"heard"`
	}{why.Error(), record})
	if err != nil {
		return err
	}
	to, err := os.OpenFile(f.refused, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "%s\n", line)
	return errors.Join(err, to.Sync(), to.Close())
}
