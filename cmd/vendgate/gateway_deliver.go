package main

import (
	"context"
	"encoding/json"
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

// deliver brings what is in the spool into the books, and does what waits in them for the meters. It tries again for as long
// as they are away; once they are open they stay so, and come back by themselves: a chore is not cut short because a
// reading could not be stored. with opens the books.
func (f *gatewayField) deliver(ctx context.Context, with openBooks) error {
	for pause := firstDelivery; ; pause = min(2*pause, longestDelivery) {
		err := with(ctx, func(s *store.Store) error {
			var working sync.WaitGroup
			defer working.Wait()
			working.Go(func() { f.chores.run(ctx, s) })
			(&delivery{gatewayField: f, store: s, pause: firstDelivery}).run(ctx)
			return nil
		})
		if ctx.Err() != nil {
			return nil
		}
		f.waiting(ctx, pause, err)
	}
}

// waiting says that readings wait, and lets the pause pass.
func (f *gatewayField) waiting(ctx context.Context, pause time.Duration, why error) {
	f.log.WarnContext(ctx, "readings wait on disk", "records", f.spool.Depth(), "again_in", pause, "error", why)
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}

// takeIn takes one reading into the books. The same one again changes nothing.
func takeIn(ctx context.Context, s *store.Store, record []byte) error {
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
	_, err = intake.Take(ctx, s, said.Report, time.Now())
	return err
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
