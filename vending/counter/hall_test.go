package counter_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/vreader"
	"github.com/vendgate/vendgate/vending/counter"
)

const (
	hallReaders = 8
	// waiting is how long a test waits for what must come: a card that pcscd
	// notices, a process that ends.
	waiting = 20 * time.Second
	// muteAfter is how long a card may hold a command here.
	muteAfter = 300 * time.Millisecond
)

// hall is the pcscd of this test process, with virtual readers.
type hall struct {
	daemon *vreader.Daemon
	taken  atomic.Int32
}

var theHall = sync.OnceValues(func() (*hall, error) {
	dir, err := os.MkdirTemp("", "hall")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), waiting)
	defer cancel()
	d, err := vreader.Start(ctx, dir, hallReaders)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	open.Store(&hall{daemon: d})
	return open.Load(), d.Use()
})

// open is the hall once a test has needed it, for TestMain to close.
var open atomic.Pointer[hall]

// seat is one virtual reader, and what sits in it.
type seat struct {
	*cardsim.Slot
	name string
	plug func()
}

// seat gives the test a reader of its own, with the household's card in it.
func (h *hall) seat(t testing.TB, home *household) *seat {
	t.Helper()
	i := int(h.taken.Add(1)-1) % h.daemon.Len()
	s := &seat{Slot: slotWith(home), name: h.daemon.Name(i)}
	var end context.CancelFunc = func() {}
	var done sync.WaitGroup
	s.plug = func() {
		end()
		done.Wait()
		var ctx context.Context
		ctx, end = context.WithCancel(context.Background())
		done.Go(func() { s.Plug(ctx, h.daemon.Addr(i)) })
	}
	s.plug()
	t.Cleanup(func() { end(); done.Wait() })
	return s
}

// terminal is the real PC/SC reader of the seat. It waits for a card that pcscd
// has not noticed yet.
func (w *world) pcsc(s *seat, through func(cardio.Reader) cardio.Reader) counter.Terminal {
	r := reader.New(s.name, reader.Options{Transmit: muteAfter, Connect: 2 * time.Second})
	return patient{w.terminal(through(r))}
}

func direct(r cardio.Reader) cardio.Reader { return r }

// patient presents a card that was inserted but is not noticed yet.
type patient struct{ counter.Terminal }

func (p patient) Present(ctx context.Context) (counter.Card, error) {
	ctx, cancel := context.WithTimeout(ctx, waiting)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		card, err := p.Terminal.Present(ctx)
		if err == nil || !soon(err) {
			return card, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}

// soon tells a reader that pcscd is about to notice from one that is wrong.
func soon(err error) bool {
	for _, passing := range []error{cardio.ErrNoCard, cardio.ErrNoReader, cardio.ErrReaderBusy, cardio.ErrReaderStuck,
		cardio.ErrLinkDead, reader.ErrNoService, reader.ErrMuteCard} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// onCommand is a reader whose links do something around the nth command.
type onCommand struct {
	cardio.Reader
	seen   *atomic.Int32
	nth    int32
	before func()
	after  func()
}

func (o onCommand) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := o.Reader.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return watchedLink{l, o}, nil
}

type watchedLink struct {
	cardio.Link
	on onCommand
}

func (l watchedLink) Transmit(command []byte) ([]byte, error) {
	mine := l.on.seen.Add(1)-1 == l.on.nth
	if mine && l.on.before != nil {
		l.on.before()
	}
	answer, err := l.Link.Transmit(command)
	if mine && l.on.after != nil {
		l.on.after()
	}
	return answer, err
}
