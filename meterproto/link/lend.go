package link

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// MaxLoan is how long a line may be lent at a time.
const MaxLoan = 2 * time.Minute

// lookup is how often a line that is lent looks at both of its ends.
const lookup = 5 * time.Millisecond

// Lend gives the line to whoever speaks over conn: what they send goes out, and
// what comes is theirs, bytes as they are. It ends when they hang up, with ctx,
// with the line (*GoneError), or after MaxLoan; conn is then closed.
func (l *Line) Lend(ctx context.Context, conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.release()
	if err := l.up(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, MaxLoan)
	defer cancel()
	e := exchange{line: l, mode: l.now()}
	err := e.lend(ctx, conn)
	if errors.Is(err, meterproto.ErrLineGone) {
		l.down()
	}
	return err
}

func (e *exchange) lend(ctx context.Context, conn net.Conn) error {
	var ours, theirs [256]byte
	theirEnd := &socket{conn}
	for {
		n, err := theirEnd.Receive(theirs[:], lookup)
		if err != nil {
			return nil //nolint:nilerr // they have hung up
		}
		if n > 0 {
			if err := e.line.wire.Send(theirs[:n]); err != nil {
				return e.line.gone(err)
			}
		}
		if n, err = e.receive(ctx, ours[:], lookup); err != nil {
			return err
		}
		if n > 0 {
			if err := theirEnd.Send(ours[:n]); err != nil {
				return nil //nolint:nilerr // they have hung up
			}
		}
	}
}

// Borrow is a line that somebody lends: see Lend. open gives the connection to them.
func Borrow(name string, mode Mode, open func() (net.Conn, error)) (*Line, error) {
	return New(name, mode, func() (Wire, error) {
		c, err := open()
		if err != nil {
			return nil, err
		}
		return &socket{c}, nil
	})
}
