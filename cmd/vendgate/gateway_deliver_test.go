package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending/store"
)

// A reading that the books refuse is kept, and said.
func TestRefusedReadingIsSaid(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	dir := t.TempDir()
	f, err := openField(gatewayConfig{Chores: choresConfig{Off: true}}, dir, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if err := f.spool.Append([]byte(`{"Meter":5}`)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = f.deliver(ctx, func(_ context.Context, do func(*store.Store) error) error {
		time.AfterFunc(time.Second, cancel)
		return do(nil) // no meter can be read out of the record, so nobody looks into the books
	})
	if err != nil {
		t.Error(err)
	}
	file := filepath.Join(dir, "spool", "refused.jsonl")
	kept, err := os.ReadFile(file)
	if err != nil || bytes.Count(kept, []byte("\n")) != 1 {
		t.Errorf("%s, %v", kept, err)
	}
	if text := said.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, file) || !strings.Contains(text, "error=") || f.spool.Depth() != 0 {
		t.Errorf("%d wait; said %s", f.spool.Depth(), text)
	}
}

// What a meter that burns said of its register afterwards goes through the spool, and is said when it is asked again.
func TestBurningMeterIsReplayed(t *testing.T) {
	t.Parallel()
	reading := func(litres int64) meterproto.Reading {
		return meterproto.Reading{Meter: "1", Consumed: meterproto.Volume{Litres: litres, Valid: true}}
	}
	later := reading(340)
	for _, c := range []struct {
		heard gateway.Heard
		again int64
	}{
		{gateway.Heard{Reading: reading(0), Later: &later}, 340}, {gateway.Heard{Reading: reading(0)}, 0},
	} {
		record, err := json.Marshal(c.heard)
		if err != nil {
			t.Fatal(err)
		}
		var h gateway.Heard
		if err := json.Unmarshal(record, &h); err != nil {
			t.Fatal(err)
		}
		d := driverOfHeard(h)
		for _, want := range []int64{0, c.again, c.again} {
			if r, err := d.Read(t.Context(), nil, "1"); err != nil || r.Consumed.Litres != want {
				t.Errorf("%+v, %v, want %d", r, err, want)
			}
		}
	}
}
