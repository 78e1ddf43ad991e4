//go:build cgo || windows

package reader

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/vendgate/vendgate/cardio"
)

// Reader is one card reader of this machine. It is a cardio.Reader; any number
// of goroutines may use it. Make one per reader and process, because being stuck
// is remembered here.
type Reader struct {
	name    string
	options Options
	slot    chan struct{} // full while a worker lives
	stuck   atomic.Pointer[worker]
	chosen  atomic.Pointer[string]
	givenUp atomic.Uint64
}

var _ cardio.Reader = (*Reader)(nil)

// New names a reader; whether it exists shows at Connect. An empty name stands
// for the only reader, or else the only one that holds a card, decided anew at
// every Connect.
func New(name string, options Options) *Reader {
	return &Reader{name: name, options: options.withDefaults(), slot: make(chan struct{}, 1)}
}

// Name is the reader's PC/SC name. Of a reader without a name it is the one last
// connected, at first empty.
func (r *Reader) Name() string {
	if chosen := r.chosen.Load(); chosen != nil {
		return *chosen
	}
	return r.name
}

// Stuck says whether a card in the reader still owes an answer whose deadline
// has passed. It ends when the card is pulled.
func (r *Reader) Stuck() bool {
	w := r.stuck.Load()
	return w != nil && !w.ended()
}

// GivenUp counts the PC/SC calls that this reader stopped waiting for. Each kept
// a thread until it returned; there is never more than one at a time.
func (r *Reader) GivenUp() uint64 { return r.givenUp.Load() }

// Connect powers up the card that is in the reader now and keeps other programs
// from it until the link is closed or dead. It waits for other programs, and
// for an earlier link of this Reader, at most for Options.Connect or until ctx
// ends. Besides the errors of cardio.Reader it returns ErrNoService, ErrNotAllowed,
// ErrMuteCard and *UnclearError.
func (r *Reader) Connect(ctx context.Context) (cardio.Link, error) {
	if r.Stuck() {
		return nil, r.failed(cardio.ErrReaderStuck)
	}
	ctx, cancel := context.WithTimeout(ctx, r.options.Connect)
	defer cancel()
	select {
	case r.slot <- struct{}{}:
	case <-ctx.Done():
		return nil, r.slotTaken(ctx)
	}
	w := newWorker(r.name)
	go w.run(func() { <-r.slot })
	return r.await(ctx, w)
}

func (r *Reader) await(ctx context.Context, w *worker) (cardio.Link, error) {
	select {
	case o := <-w.opened:
		r.chosen.Store(&o.name)
		return &link{reader: r, worker: w, atr: o.atr}, nil
	case <-w.done:
		return nil, r.failed(w.err)
	case <-ctx.Done():
		w.leave()
		r.givenUp.Add(1)
		if stage(w.stage.Load()) == atService {
			return nil, r.failed(fmt.Errorf("%w (%w)", ErrNoService, ctx.Err()))
		}
		return nil, r.failed(fmt.Errorf("%w (%w)", cardio.ErrReaderBusy, ctx.Err()))
	}
}

// slotTaken explains a worker that is still there: a card that hangs, an open
// link, or an earlier Connect that still waits for another program.
func (r *Reader) slotTaken(ctx context.Context) error {
	if r.Stuck() {
		return r.failed(cardio.ErrReaderStuck)
	}
	return r.failed(fmt.Errorf("%w, or its last link is still open (%w)", cardio.ErrReaderBusy, ctx.Err()))
}

// giveUp leaves a worker in the call that it does not come back from.
func (r *Reader) giveUp(w *worker) {
	w.leave()
	if r.stuck.Swap(w) != w {
		r.givenUp.Add(1)
	}
}

func (r *Reader) failed(err error) error {
	if name := r.Name(); name != "" {
		return fmt.Errorf("card reader %q: %w", name, err)
	}
	return fmt.Errorf("card reader: %w", err)
}
