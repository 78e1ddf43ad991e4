package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

const (
	firstDelivery   = time.Second // after the service was away
	longestDelivery = time.Minute
)

// openBooks opens the books for as long as do runs.
type openBooks func(ctx context.Context, do func(*store.Store) error) error

// deliver brings what is in the spool into the books, and tries again for as long as they
// are away. While they are not, it does what waits in them for the meters. with opens the books.
func (f *gatewayField) deliver(ctx context.Context, with openBooks) error {
	pause := firstDelivery
	for {
		err := with(ctx, func(s *store.Store) error {
			ctx, stop := context.WithCancel(ctx)
			var working sync.WaitGroup
			defer working.Wait()
			defer stop()
			working.Go(func() { f.chores.run(ctx, s) })
			return f.spool.Deliver(ctx, func(ctx context.Context, record []byte) error {
				err := f.takeIn(ctx, s, record)
				if err != nil && f.final(err) {
					err = f.refuse(ctx, record, err)
				}
				if err == nil {
					pause = firstDelivery
				}
				return err
			})
		})
		if ctx.Err() != nil {
			return nil
		}
		f.log.WarnContext(ctx, "readings wait on disk", "records", f.spool.Depth(), "again_in", pause, "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, longestDelivery)
	}
}

// takeIn takes one reading into the books. The same one again changes nothing.
func (f *gatewayField) takeIn(ctx context.Context, s *store.Store, record []byte) error {
	var h gateway.Heard
	if err := json.Unmarshal(record, &h); err != nil {
		return vending.ErrIncomplete.With("Meter", "", "Part", err.Error())
	}
	if _, err := s.MeterOwner(ctx, h.Meter); err != nil {
		return err
	}
	w := intake.Wire{Store: s, Driver: driverOfHeard(h), Meter: h.Meter, Address: h.Reading.Meter, Rolls: h.Rolls,
		Now: func() time.Time { return h.At }}
	said, err := w.Hear(ctx)
	if err != nil {
		return err
	}
	if _, err = intake.Take(ctx, s, said.Report, time.Now()); err != nil {
		return err
	}
	return f.doubts.hold(ctx, h, s.AskedAs)
}

// replay is a meter that says again what it said when the gateway asked it.
type replay struct {
	gateway.Heard
	read bool
}

// Read is the reading; asked again, the later one where there is one.
func (r *replay) Read(context.Context, gateway.Line, string) (meterproto.Reading, error) {
	if r.read && r.Later != nil {
		return *r.Later, nil
	}
	r.read = true
	return r.Reading, nil
}

// prepaid is a replay of one that told its purchases.
type prepaid struct{ *replay }

func (p prepaid) Taken(context.Context, gateway.Line, string) (meterproto.Taken, error) {
	return *p.Heard.Taken, nil
}

// TopUp refuses: what was said cannot be told anything.
func (p prepaid) TopUp(context.Context, gateway.Line, string, meterproto.Order) meterproto.Result {
	return meterproto.Result{Outcome: meterproto.Refused, Reason: gateway.ErrNotPrepaid}
}

// driverOfHeard is the replay of a reading.
func driverOfHeard(h gateway.Heard) gateway.Driver {
	if h.Taken != nil {
		return prepaid{&replay{Heard: h}}
	}
	return &replay{Heard: h}
}

// final reports whether the same reading would be refused for ever.
func (f *gatewayField) final(err error) bool {
	if errors.Is(err, vending.ErrIncomplete) || errors.Is(err, meterproto.ErrWrongMeter) {
		return true
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
