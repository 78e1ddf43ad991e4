package counter_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
)

// errCut is what a cut connection gives.
var errCut = errors.New("the wire to the database was cut")

// execute is how pgx runs a statement of a pipeline.
var execute = []byte("E\x00\x00\x00\x09\x00\x00\x00\x00\x00")

// wire is the way to the database. It sees everything sent that commits, and does
// something about one of them.
type wire struct {
	mu      sync.Mutex
	dead    bool
	commits int
	at      int // which COMMIT, from 0; negative: none
	do      func(c *cutConn, commit []byte) error
}

func (w *wire) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if w.isDead() {
		return nil, errCut
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &cutConn{Conn: conn, wire: w}, nil
}

// arm makes do happen at the nth COMMIT from now on.
func (w *wire) arm(nth int, do func(*cutConn, []byte) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commits, w.at, w.do = 0, nth, do
}

func (w *wire) due(b []byte) bool {
	// A stage of a sale is a pipeline: it commits by itself. What reads facts has two
	// statements, what writes inside a transaction three.
	if !bytes.Contains(b, []byte("commit\x00")) && bytes.Count(b, execute) < 4 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commits++
	return w.do != nil && w.commits-1 == w.at
}

func (w *wire) isDead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

type cutConn struct {
	net.Conn
	wire *wire
}

func (c *cutConn) Write(b []byte) (int, error) {
	if c.wire.isDead() {
		c.Conn.Close() // those that were there before die too
		return 0, errCut
	}
	if !c.wire.due(b) {
		return c.Conn.Write(b)
	}
	if err := c.wire.do(c, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// commitNotSent cuts before the COMMIT leaves.
func commitNotSent(c *cutConn, _ []byte) error {
	c.Conn.Close()
	return errCut
}

// commitAnswerLost lets the server commit and cuts before its answer arrives.
func commitAnswerLost(c *cutConn, b []byte) error {
	if _, err := c.Conn.Write(b); err != nil {
		return err
	}
	answer := make([]byte, 64)
	if _, err := c.Conn.Read(answer); err != nil { // the server has committed when it answers
		return err
	}
	c.Conn.Close()
	return nil
}

// commitOnItsWay cuts while nobody knows whether the server has read it.
func commitOnItsWay(c *cutConn, b []byte) error {
	if _, err := c.Conn.Write(b); err != nil {
		return err
	}
	c.Conn.Close()
	return nil
}

// commitAnswerLostForGood is commitAnswerLost, and no connection comes after it.
func commitAnswerLostForGood(c *cutConn, b []byte) error {
	c.wire.mu.Lock()
	c.wire.dead = true
	c.wire.mu.Unlock()
	return commitAnswerLost(c, b)
}
