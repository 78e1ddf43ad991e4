package link

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

const (
	// MaxPending is how much accept may leave for the next call.
	MaxPending = 4096
	// poll is how often a wait looks up, for the context and for Close.
	poll = 50 * time.Millisecond
	// slack is added to every waiting time: USB adapters hold bytes back for
	// 16 ms, and the scheduler takes its share.
	slack = 50 * time.Millisecond
)

// exchange is one request under way.
type exchange struct {
	line    *Line
	mode    Mode
	timing  meterproto.Timing
	request []byte
	accept  func([]byte) ([]byte, bool)

	pending []byte // came, and not used up
	echoed  bool   // the echo is over, or there was none
	heard   bool   // something came beside the echo
}

func (e *exchange) run(ctx context.Context) error {
	if err := e.idle(ctx); err != nil {
		return err
	}
	if e.timing.Baud != 0 && !e.line.canChange(e.timing.Baud) {
		return e.line.tooFast(e.timing.Baud)
	}
	if err := e.line.wire.Send(e.request); err != nil {
		return e.line.gone(err)
	}
	sent := time.Now().Add(time.Duration(len(e.request))*e.mode.char() + slack + e.mode.Latency)
	if e.timing.Baud != 0 {
		if err := e.line.change(e.timing.Baud); err != nil {
			return err
		}
		e.mode = e.line.now()
	}
	return e.listen(ctx, sent)
}

// idle waits until the line has been quiet for long enough, and drops what came
// until then: nobody asked for it.
func (e *exchange) idle(ctx context.Context) error {
	limit := time.Now().Add(e.mode.stretch(e.timing.Whole(e.mode.char())) + slack)
	var buf [256]byte
	quiet := time.Now()
	for time.Since(quiet) < e.timing.Idle {
		n, err := e.receive(ctx, buf[:], e.timing.Idle-time.Since(quiet))
		if err != nil {
			return err
		}
		if n > 0 {
			quiet = time.Now()
		}
		if quiet.After(limit) {
			return fmt.Errorf("line %s: %w: it is never quiet", e.line.name, meterproto.ErrGarbage)
		}
	}
	return nil
}

// listen takes bytes until there is an answer or the time is up. sent is when the
// request's last byte has left, at the latest.
func (e *exchange) listen(ctx context.Context, sent time.Time) error {
	char, mode := e.mode.char(), e.mode
	begin := sent.Add(mode.stretch(e.timing.Begin(char)))
	whole := sent.Add(mode.stretch(e.timing.Whole(char)))
	var buf [256]byte
	for {
		until := begin
		if e.heard {
			until = whole
		}
		wait := time.Until(until)
		if wait <= 0 {
			return e.nothing()
		}
		n, err := e.receive(ctx, buf[:], wait)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if done, err := e.hear(buf[:n]); done || err != nil {
			return err
		}
	}
}

// receive waits for bytes, but never longer than until the next look-up.
func (e *exchange) receive(ctx context.Context, b []byte, wait time.Duration) (int, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-e.line.closing:
		return 0, e.line.gone(ErrClosed)
	default:
	}
	n, err := e.line.wire.Receive(b, min(wait, poll))
	if err != nil {
		return 0, e.line.gone(err)
	}
	return n, nil
}

// hear shows accept what has come, once it cannot be the request's own echo.
func (e *exchange) hear(b []byte) (done bool, err error) {
	e.pending = append(e.pending, b...)
	e.heard = true
	if !e.echoed {
		if len(e.pending) < len(e.request) && bytes.HasPrefix(e.request, e.pending) {
			return false, nil
		}
		e.echoed = true
		e.pending = bytes.TrimPrefix(e.pending, e.request)
		if e.heard = len(e.pending) > 0; !e.heard {
			return false, nil
		}
	}
	rest, done := e.accept(e.pending)
	if !done && len(rest) > MaxPending {
		return false, fmt.Errorf("line %s: %w: %d bytes and no frame", e.line.name, meterproto.ErrGarbage, len(rest))
	}
	e.pending = append(e.pending[:0], rest...)
	return done, nil
}

// nothing is the error of an exchange whose time is up.
func (e *exchange) nothing() error {
	if e.heard {
		return fmt.Errorf("line %s: %w", e.line.name, meterproto.ErrGarbage)
	}
	return fmt.Errorf("line %s: %w", e.line.name, meterproto.ErrNoAnswer)
}
