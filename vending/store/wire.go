package store

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// wire is a connection that does not wait for ever: where the server is silent for long it asks, on a connection beside, whether
// somebody is there. So an answer may take its time, as a commit's that waits for a standby or a long query's may, and yet
// nobody waits for a server that is gone.
type wire struct {
	net.Conn
	alive   func() bool
	silence time.Duration
	timer   *time.Timer
	reads   atomic.Uint64 // odd: somebody waits for an answer
}

// unsentError is of a write that did not get all out. PostgreSQL acts on a batch or commit when it has all of it: it has done
// nothing.
type unsentError struct{ error }

func (e unsentError) Unwrap() error { return e.error }

func unsent(err error) bool {
	var u unsentError
	return errors.As(err, &u)
}

// dialer puts every connection of a configuration on a wire.
func (b bounds) dialer(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		b.confirm(conn)
		w := &wire{Conn: conn, silence: b.silence, alive: func() bool { return b.answers(dial, network, addr) }}
		w.timer = time.AfterFunc(b.silence, w.ask)
		w.timer.Stop()
		return w, nil
	}
}

// confirm bounds how long what was sent, and an idle connection, may go unconfirmed by the other kernel (trap 8).
func (b bounds) confirm(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: b.unconfirmed, Interval: max(b.unconfirmed/3, time.Second), Count: 3})
	setUserTimeout(tcp, b.unconfirmed)
}

func (w *wire) Read(p []byte) (int, error) {
	w.reads.Add(1)
	w.timer.Reset(w.silence)
	n, err := w.Conn.Read(p)
	w.timer.Stop()
	w.reads.Add(1)
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if err != nil && n < len(p) {
		err = unsentError{err}
	}
	return n, err
}

// ask ends a wait for a server that is gone.
func (w *wire) ask() {
	waiting := w.reads.Load()
	if waiting%2 == 0 {
		return
	}
	alive := w.alive()
	switch {
	case w.reads.Load() != waiting: // it has answered meanwhile
	case alive:
		w.timer.Reset(w.silence)
	default:
		w.Conn.Close()
	}
}

// sslRequest is what a server, or a pooler before it, answers with one byte, whoever asks, and keeps no log of.
var sslRequest = []byte{0, 0, 0, 8, 4, 210, 22, 47}

// answers says whether anybody is at the address.
func (b bounds) answers(dial pgconn.DialFunc, network, addr string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), b.connect)
	defer cancel()
	conn, err := dial(ctx, network, addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	until, _ := ctx.Deadline()
	conn.SetDeadline(until)
	if _, err := conn.Write(sslRequest); err != nil {
		return false
	}
	_, err = io.ReadFull(conn, make([]byte, 1))
	return err == nil
}
