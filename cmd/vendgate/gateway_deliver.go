package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// deliver brings what is in the spool into the books, and tries again for as long as they
// are away. with opens the books.
func (f *gatewayField) deliver(ctx context.Context, refusedFile string, with func(context.Context, func(*store.Store) error) error) error {
	pause := firstDelivery
	for {
		err := with(ctx, func(s *store.Store) error {
			return f.spool.Deliver(ctx, func(ctx context.Context, record []byte) error {
				err := takeIn(ctx, s, record)
				if err != nil && f.final(err) {
					err = refuse(refusedFile, record, err)
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
func takeIn(ctx context.Context, s *store.Store, record []byte) error {
	var h gateway.Heard
	if err := json.Unmarshal(record, &h); err != nil {
		return vending.ErrIncomplete.With("Meter", "", "Part", err.Error())
	}
	owner, err := s.MeterOwner(ctx, h.Meter)
	if err != nil {
		return err
	}
	report, err := intake.FromWire(owner, h.Meter, h.Reading, h.At)
	if err != nil {
		return err
	}
	_, err = intake.Take(ctx, s, report, time.Now())
	return err
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
func refuse(file string, record []byte, why error) error {
	line, err := json.Marshal(struct {
		Error string          `json:"error"`
		Heard json.RawMessage `json:"heard"`
	}{why.Error(), record})
	if err != nil {
		return err
	}
	to, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "%s\n", line)
	return errors.Join(err, to.Sync(), to.Close())
}

// refusedPath is where refused readings of a spool are kept.
func refusedPath(c gatewayConfig, dataDir string) string {
	if c.Spool != "" {
		return filepath.Join(c.Spool, "refused.jsonl")
	}
	return filepath.Join(dataDir, "spool", "refused.jsonl")
}
