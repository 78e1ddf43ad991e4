package counter_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
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
	// muteAfter is how long a card that hangs may hold a command. Where none does nobody is so impatient: a busy machine
	// would look like a mute card.
	muteAfter = time.Second
)

// hall is the pcscd of this test process, with virtual readers.
type hall struct {
	daemon *vreader.Daemon
	dir    string
	free   chan int // readers that nobody uses
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
	h := &hall{daemon: d, dir: dir, free: make(chan int, d.Len())}
	for i := range d.Len() {
		h.free <- i
	}
	open.Store(h)
	return open.Load(), d.Use()
})

// open is the hall once a test has needed it, for TestMain to close.
var open atomic.Pointer[hall]

func (h *hall) close() error { return errors.Join(h.daemon.Close(), os.RemoveAll(h.dir)) }

// seat is one virtual reader, and what sits in it.
type seat struct {
	*cardsim.Slot
	name  string
	plug  func() // puts the slot behind the reader, again after pcscd was gone
	leave func()
}

// seat waits for a free reader and puts the household's card into it.
func (h *hall) seat(home *household) *seat { return h.sit(slotWith(home)) }

// sit waits for a free reader and puts a slot behind it.
func (h *hall) sit(slot *cardsim.Slot) *seat {
	i := <-h.free
	s := &seat{Slot: slot, name: h.daemon.Name(i)}
	var plugged sync.WaitGroup
	unplug := func() {}
	s.plug = func() {
		unplug()
		ctx, cancel := context.WithCancel(context.Background())
		plugged.Go(func() { s.Plug(ctx, h.daemon.Addr(i)) })
		unplug = func() { cancel(); plugged.Wait() }
	}
	s.leave = func() { unplug(); h.free <- i }
	s.plug()
	return s
}

// pcsc is the real PC/SC reader of the seat. It waits for a card that pcscd
// has not noticed yet.
func (w *world) pcsc(s *seat, through func(cardio.Reader) cardio.Reader) counter.Terminal {
	return patient{w.terminal(through(s.reader(waiting)))}
}

// reader is the real one, which waits so long for the card's answer.
func (s *seat) reader(transmit time.Duration) cardio.Reader {
	return reader.New(s.name, reader.Options{Transmit: transmit, Connect: 2 * time.Second})
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

// awaiting is a reader that waits for a card which pcscd has not noticed yet.
type awaiting struct{ cardio.Reader }

func (a awaiting) Connect(ctx context.Context) (cardio.Link, error) {
	ctx, cancel := context.WithTimeout(ctx, waiting)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		link, err := a.Reader.Connect(ctx)
		if err == nil || !soon(err) {
			return link, err
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
