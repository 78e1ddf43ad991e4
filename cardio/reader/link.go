//go:build cgo || windows

package reader

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vendgate/vendgate/cardio"
)

// Lengths of a command: from its header to the longest extended one (header,
// three bytes of length, 65535 of data, two of length).
const (
	minCommand = 4
	maxCommand = 4 + 3 + 65535 + 2
)

var errClosed = errors.New("it was closed")

// link is one powered card. Its worker does the work; the link keeps count of
// time and remembers how it died.
type link struct {
	reader *Reader
	worker *worker
	atr    []byte

	mu   sync.Mutex // one command at a time
	dead error      // under mu
}

// ATR is the card's answer to reset.
func (l *link) ATR() []byte { return bytes.Clone(l.atr) }

// Transmit sends one command and waits for its answer, at most Options.Transmit.
// Every error wraps cardio.ErrLinkDead and is the last one: later calls repeat it
// without a byte to the card. One that also wraps cardio.ErrReaderStuck says that
// the card has to be pulled; other causes are text only.
func (l *link) Transmit(command []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil {
		return nil, l.dead
	}
	answer, err := l.exchange(command)
	if err != nil {
		l.dead = l.reader.failed(lost(err))
		l.worker.leave()
		return nil, l.dead
	}
	return answer, nil
}

func (l *link) exchange(command []byte) ([]byte, error) {
	if len(command) < minCommand || len(command) > maxCommand {
		return nil, fmt.Errorf("a command of %d bytes (%d to %d are possible)", len(command), minCommand, maxCommand)
	}
	// The worker may hold the command after the caller has gone on.
	c := call{command: bytes.Clone(command), answer: make(chan answer, 1)}
	select {
	case l.worker.calls <- c:
	case <-l.worker.quit:
		return nil, errClosed
	}
	deadline := time.NewTimer(l.reader.options.Transmit)
	defer deadline.Stop()
	select {
	case a := <-c.answer:
		return a.bytes, a.err
	case <-deadline.C:
		l.reader.giveUp(l.worker)
		return nil, cardio.ErrReaderStuck
	}
}

// lost wraps no cause but a hanging card: that the card is gone now, or in use,
// must not be taken for "nothing was written".
func lost(cause error) error {
	if errors.Is(cause, cardio.ErrReaderStuck) {
		return fmt.Errorf("%w: %w", cardio.ErrLinkDead, cause)
	}
	return fmt.Errorf("%w: %v", cardio.ErrLinkDead, cause)
}

// Close powers the card down and gives reader and card back. It waits at most
// Options.Close, and not at all for a card that hangs already; when the card does
// not let itself be powered down, the error wraps cardio.ErrReaderStuck. Closing a
// dead or closed link does nothing.
func (l *link) Close() error {
	l.worker.leave()
	if l.reader.stuck.Load() == l.worker {
		return nil
	}
	patience := time.NewTimer(l.reader.options.Close)
	defer patience.Stop()
	select {
	case <-l.worker.done:
		return nil
	case <-patience.C:
		l.reader.giveUp(l.worker)
		return l.reader.failed(cardio.ErrReaderStuck)
	}
}
