//go:build cgo

package driver_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/field"
	"github.com/vendgate/vendgate/fixtures/vreader"
)

const pcscReaders = 8

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
		t.Run("purse", func(t *testing.T) {
			t.Parallel()
			i := <-free
			defer func() { free <- i }()
			c := newPurseCard(t)
			leave := c.behind(daemon, i)
			defer leave()
			c.pulledAtCredit()
		})
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

// behind puts the purse's slot behind virtual reader i of pcscd.
func (c *purseCard) behind(daemon *vreader.Daemon, i int) (leave func()) {
	c.reader = field.Patient{Reader: reader.New(daemon.Name(i), reader.Options{Transmit: time.Minute, Connect: time.Minute})}
	return plugged(c.t.Context(), c.slot, daemon.Addr(i))
}

// pulledAtCredit: a load that was cut is decided by the card's proof, both ways.
func (c *purseCard) pulledAtCredit() {
	c.t.Helper()
	for _, test := range []struct {
		pull  cardsim.Effect
		truth bool
	}{{cardsim.PullBefore(), false}, {cardsim.PullAfter(), true}} {
		before := c.holds()
		c.slot.Inject(cardsim.OnINS(0x52), test.pull)
		l, begun, err := c.load(100)
		if !begun || err == nil {
			c.t.Fatalf("begun %v, %v", begun, err)
		}
		c.slot.Insert(c.chip)
		if loaded, err := c.settle(l); loaded != test.truth || err != nil || (c.holds() == before+100) != test.truth {
			c.t.Errorf("settled %v, %v, want %v", loaded, err, test.truth)
		}
	}
}

// seated is a desk whose slot is virtual reader i of pcscd.
func seated(t *testing.T, daemon *vreader.Daemon, i int, k kind, d pair) (s *desk, leave func()) {
	s = newDesk(t, k, d.firmware, d.dialect)
	s.reader = field.Patient{Reader: reader.New(daemon.Name(i), reader.Options{Transmit: time.Minute, Connect: time.Minute})}
	return s, plugged(t.Context(), s.slot, daemon.Addr(i))
}

// plugged holds a slot behind a reader of vpcd until unplug.
func plugged(ctx context.Context, slot *cardsim.Slot, addr string) (unplug func()) {
	ctx, cancel := context.WithCancel(ctx)
	var until sync.WaitGroup
	until.Go(func() { _ = slot.Plug(ctx, addr) }) // ends with ctx
	return func() { slot.Pull(); cancel(); until.Wait() }
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
