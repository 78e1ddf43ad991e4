package link

import (
	"context"
	"errors"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Watch listens and never sends. Each burst of bytes goes to take with the time of
// its first one; a burst ends where the line is quiet for that long, or is longer
// than MaxPending. It ends with ctx, with *GoneError or with the error of take.
func (l *Line) Watch(ctx context.Context, quiet time.Duration, take func(at time.Time, burst []byte) error) error {
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.release()
	if err := l.up(); err != nil {
		return err
	}
	e := exchange{line: l, mode: l.now()}
	err := e.watch(ctx, quiet, take)
	if errors.Is(err, meterproto.ErrLineGone) {
		l.down()
	}
	return err
}

func (e *exchange) watch(ctx context.Context, quiet time.Duration, take func(at time.Time, burst []byte) error) error {
	var buf [256]byte
	var began, last time.Time
	for {
		wait := poll
		if len(e.pending) > 0 {
			wait = quiet - time.Since(last)
		}
		n, err := e.receive(ctx, buf[:], max(wait, 0))
		if n > 0 {
			if last = time.Now(); len(e.pending) == 0 {
				began = last
			}
			e.pending = append(e.pending, buf[:n]...)
		}
		if over := err != nil || n == 0 && time.Since(last) >= quiet; len(e.pending) > 0 && (over || len(e.pending) > MaxPending) {
			if err := take(began, e.pending); err != nil {
				return err
			}
			e.pending = e.pending[:0]
		}
		if err != nil {
			return err
		}
	}
}
