package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/vending/store"
)

// A reading that the books refuse is kept, and said.
func TestRefusedReadingIsSaid(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	dir := t.TempDir()
	f, err := openField(gatewayConfig{}, dir, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&said, nil)))
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
