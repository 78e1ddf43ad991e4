//go:build cgo || windows

package reader

import (
	"sync"
	"sync/atomic"

	"github.com/ebfe/scard"
)

// stage is what a worker is waiting for.
type stage int32

const (
	atService stage = iota // the service's answer
	atCard                 // a card that another program may hold
)

// worker is the one goroutine that owns a link's context, handle and transaction.
type worker struct {
	name  string // wanted, may be empty
	stage atomic.Int32

	opened chan opened   // unbuffered: who gave up never gets a link
	calls  chan call     // unbuffered, one at a time
	quit   chan struct{} // closed by give
	once   sync.Once     // of quit
	done   chan struct{} // closed when everything is released
	err    error         // why there is no link; read after done
}

// opened is a link's beginning.
type opened struct {
	name string
	atr  []byte
}

// call is one command. The answer channel holds one, so that a worker whose
// caller has left does not wait.
type call struct {
	command []byte
	answer  chan answer
}

type answer struct {
	bytes []byte
	err   error
}

func newWorker(name string) *worker {
	return &worker{
		name:   name,
		opened: make(chan opened),
		calls:  make(chan call),
		quit:   make(chan struct{}),
		done:   make(chan struct{}),
	}
}

// leave tells the worker that nobody wants it any more. It ends as soon as the
// PC/SC call that it is in returns.
func (w *worker) leave() { w.once.Do(func() { close(w.quit) }) }

// ended says whether everything is released.
func (w *worker) ended() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// run lives as long as the link. Context, handle and transaction are nested and
// closed in that order; no failure to close one keeps the next from being closed.
func (w *worker) run(released func()) {
	defer close(w.done)
	defer released()
	ctx, err := establish()
	if err != nil {
		w.err = err
		return
	}
	defer ctx.Release() // after the service died this fails, and there is nothing left to release
	w.stage.Store(int32(atCard))
	card, name, err := connect(ctx, w.name)
	if err != nil {
		w.err = err
		return
	}
	disposition := scard.LeaveCard // until it is ours, the card is another program's
	defer func() { _ = card.Disconnect(disposition) }()
	if err := card.BeginTransaction(); err != nil {
		w.err = explain(err)
		return
	}
	defer card.EndTransaction(scard.LeaveCard)
	atr, err := answerToReset(card)
	if err != nil {
		w.err = err
		return
	}
	select {
	case w.opened <- opened{name, atr}:
		disposition = scard.UnpowerCard
		w.serve(card)
	case <-w.quit:
	}
}

// serve carries commands to the card until one fails or nobody wants more.
func (w *worker) serve(card *scard.Card) {
	for {
		select {
		case c := <-w.calls:
			bytes, err := transmit(card, c.command)
			c.answer <- answer{bytes, err}
			if err != nil {
				return
			}
		case <-w.quit:
			return
		}
	}
}
