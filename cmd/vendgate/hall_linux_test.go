package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/vreader"
)

const hallReaders = 8

// hall is the pcscd of this test process, and what its clients see.
type hall struct {
	dir    string
	daemon *vreader.Daemon
	free   chan int // readers that nobody uses

	mu      sync.Mutex
	present map[string]bool
	changed chan struct{} // closed and renewed with every event
}

var opened atomic.Pointer[hall]

var theHall = sync.OnceValues(func() (*hall, error) {
	dir, err := os.MkdirTemp("", "vg-hall-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), waiting)
	defer cancel()
	h := &hall{dir: dir, free: make(chan int, hallReaders), present: map[string]bool{}, changed: make(chan struct{})}
	opened.Store(h)
	if h.daemon, err = vreader.Start(ctx, dir, hallReaders); err != nil {
		return nil, err
	}
	if err := h.daemon.Use(); err != nil {
		return nil, err
	}
	events, err := reader.Monitor(context.Background()) // for as long as the process lives
	if err != nil {
		return nil, err
	}
	go h.follow(events)
	for i := range hallReaders {
		h.free <- i
	}
	return h, nil
})

func closeHall() {
	h := opened.Load()
	if h == nil {
		return
	}
	if h.daemon != nil {
		_ = h.daemon.Close()
	}
	_ = os.RemoveAll(h.dir)
}

func (h *hall) follow(events <-chan reader.Event) {
	for e := range events {
		h.mu.Lock()
		h.present[e.Reader] = e.Kind == reader.Inserted
		close(h.changed)
		h.changed = make(chan struct{})
		h.mu.Unlock()
	}
}

// await returns when pcscd's clients see a card in that reader, or none.
func (h *hall) await(name string, present bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), waiting)
	defer cancel()
	for {
		h.mu.Lock()
		now, changed := h.present[name], h.changed
		h.mu.Unlock()
		if now == present {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: pcscd does not notice the card", name)
		}
	}
}

// seat is one virtual reader of the hall and the slot behind it.
type seat struct {
	*cardsim.Slot
	hall  *hall
	name  string
	leave func()
}

func (h *hall) seat() *seat {
	i := <-h.free
	s := &seat{Slot: cardsim.NewSlot(h.daemon.Name(i)), hall: h, name: h.daemon.Name(i)}
	ctx, cancel := context.WithCancel(context.Background())
	var plugged sync.WaitGroup
	plugged.Go(func() { _ = s.Plug(ctx, h.daemon.Addr(i)) }) // ends with ctx
	s.leave = func() { cancel(); plugged.Wait(); h.free <- i }
	return s
}

// insert returns when whoever asks pcscd next finds that card.
func (s *seat) insert(c cardsim.Chip) error {
	if err := s.pull(); err != nil {
		return err
	}
	s.Insert(c)
	return s.hall.await(s.name, true)
}

func (s *seat) pull() error {
	s.Pull()
	return s.hall.await(s.name, false)
}
