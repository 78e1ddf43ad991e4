//go:build cgo

package cardio_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/field"
	"github.com/vendgate/vendgate/fixtures/vreader"
)

// TestPurseThroughPCSC issues a purse through the real PC/SC service, loads it, and pulls it at CREDIT, both ways.
func TestPurseThroughPCSC(t *testing.T) {
	t.Parallel()
	daemon, err := vreader.Start(t.Context(), t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	if err := daemon.Use(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	var until sync.WaitGroup
	until.Go(func() { _ = b.slot.Plug(ctx, daemon.Addr(0)) }) // ends with ctx
	defer func() { b.slot.Pull(); cancel(); until.Wait() }()
	b.Reader = field.Patient{Reader: reader.New(daemon.Name(0), reader.Options{Transmit: time.Minute, Connect: time.Minute})}
	w := newTillAt(b)
	if v, err := load(w.Terminal, w.order(5000)); v != cardio.Loaded || err != nil {
		t.Fatal(v, err)
	}
	want := uint32(5000)
	for name, cut := range map[string]struct {
		pull  cardsim.Effect
		truth cardio.Verdict
	}{"before": {cardsim.PullBefore(), cardio.Untouched}, "after": {cardsim.PullAfter(), cardio.Loaded}} {
		o := w.order(250)
		w.slot.Inject(cardsim.OnINS(0x52), cut.pull)
		if v, err := load(w.Terminal, o); v != cardio.InDoubt || err == nil {
			t.Errorf("pulled %s CREDIT: %v, %v", name, v, err)
		}
		w.slot.Insert(w.chip)
		if v := cardio.Judge(w.read().Purse, o); v != cut.truth {
			t.Errorf("pulled %s CREDIT: then judged %v", name, v)
		}
		if v, err := load(w.Terminal, o); v != cardio.Loaded || err != nil {
			t.Errorf("pulled %s CREDIT: in the end %v, %v", name, v, err)
		}
		want += 250
		w.holds(want)
	}
}
