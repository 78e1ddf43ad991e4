//go:build cgo

package driver_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/vreader"
)

const pcscReaders = 8

// patient connects to a card that was inserted and is not noticed yet.
type patient struct{ cardio.Reader }

func (p patient) Connect(ctx context.Context) (cardio.Link, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		link, err := p.Reader.Connect(ctx)
		if err == nil || !errors.Is(err, cardio.ErrNoCard) && !errors.Is(err, reader.ErrMuteCard) {
			return link, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, err
		}
	}
}

// TestConformanceThroughPCSC runs the suite through the real PC/SC service, eight readers
// at once, and pulls each chip while it is being written.
func TestConformanceThroughPCSC(t *testing.T) {
	t.Parallel()
	daemon, err := vreader.Start(t.Context(), t.TempDir(), pcscReaders)
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	if err := daemon.Use(); err != nil {
		t.Fatal(err)
	}
	free := make(chan int, daemon.Len())
	for i := range daemon.Len() {
		free <- i
	}
	t.Run("readers", func(t *testing.T) {
		for _, k := range kinds() {
			if k.large {
				continue // hundreds of pages say no more than a few
			}
			for name, d := range k.dialects() {
				t.Run(fmt.Sprintf("%s, %s", k.name, name), func(t *testing.T) {
					t.Parallel()
					i := <-free
					defer func() { free <- i }()
					s, leave := seated(t, daemon, i, k, d)
					defer leave()
					s.conform()
					s.pulledWhileWriting()
				})
			}
		}
	})
}

// seated is a desk whose slot is virtual reader i of pcscd.
func seated(t *testing.T, daemon *vreader.Daemon, i int, k kind, d pair) (s *desk, leave func()) {
	s = newDesk(t, k, d.firmware, d.dialect)
	s.reader = patient{reader.New(daemon.Name(i), reader.Options{Transmit: time.Minute, Connect: time.Minute})}
	ctx, cancel := context.WithCancel(t.Context())
	var plugged sync.WaitGroup
	plugged.Go(func() { _ = s.slot.Plug(ctx, daemon.Addr(i)) }) // ends with ctx
	return s, func() { s.slot.Pull(); cancel(); plugged.Wait() }
}

// pulledWhileWriting: the write fails, and the card takes it when it is back.
func (s *desk) pulledWhileWriting() {
	s.t.Helper()
	write := func(_ int, c []byte) bool { return c[1] == 0xD0 || c[1] == 0xD6 }
	for i, pull := range []cardsim.Effect{cardsim.PullBefore(), cardsim.PullAfter()} {
		s.slot.Inject(write, pull)
		data := pattern(s.length, byte(0x40+i))
		if err := s.put(s.offset, data); err == nil {
			s.t.Error("a card that was pulled was written")
		}
		s.slot.Insert(s.chip)
		if err := s.put(s.offset, data); err != nil {
			s.t.Errorf("when it was back: %v", err)
		}
	}
}
