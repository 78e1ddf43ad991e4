package link

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"
)

// settle is how long a registration may go on after it matched: a pattern such as
// [0-9]+ matches a part of what is still coming.
const settle = 200 * time.Millisecond

// packet is a registration as it came.
type packet struct {
	id   string
	own  []byte // all of it
	rest []byte // what came behind it
}

// registration reads until there is one.
func (h *Hub) registration(c net.Conn) (packet, error) {
	var got []byte
	buf, deadline := make([]byte, MaxRegistration), time.Now().Add(registrationTime)
	for {
		p, matched := h.parse(got)
		if matched && len(p.rest) > 0 {
			return p, nil
		}
		until := deadline
		if matched {
			until = time.Now().Add(settle)
		}
		if err := c.SetReadDeadline(until); err != nil {
			return packet{}, err
		}
		n, err := c.Read(buf)
		if matched && n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return p, nil
		}
		if err != nil {
			return packet{}, err
		}
		if got = append(got, buf[:n]...); len(got) > MaxRegistration {
			return packet{}, fmt.Errorf("%d bytes and no registration", len(got))
		}
	}
}

// parse finds the registration at the beginning.
func (h *Hub) parse(b []byte) (p packet, ok bool) {
	text := latin1(b)
	m := h.register.FindStringSubmatchIndex(text)
	if m == nil {
		return packet{}, false
	}
	at := 2 * h.register.SubexpIndex("id")
	if m[at] < 0 {
		return packet{}, false
	}
	end := utf8.RuneCountInString(text[:m[1]])
	return packet{text[m[at]:m[at+1]], b[:end:end], b[end:]}, true
}

// latin1 is bytes as characters of the same number: regexp would else take them
// for UTF-8.
func latin1(b []byte) string {
	r := make([]rune, len(b))
	for i, x := range b {
		r[i] = rune(x)
	}
	return string(r)
}

// strip takes off what a DTU says for itself, at the beginning and the end of what
// came in one go: it sends such packets between those of the meters. In the
// middle they stay, for there they may be a meter's data. Of registrations only the
// DTU's own is taken off, as it came: the pattern [0-9]+ would match a meter's data.
func strip(own []byte, beats []*regexp.Regexp, b []byte) []byte {
	for before := -1; len(b) != before; {
		before = len(b)
		b = bytes.TrimSuffix(bytes.TrimPrefix(b, own), own)
		for _, p := range beats {
			b = without(p, b)
		}
	}
	return b
}

// without is b without what the pattern matches.
func without(p *regexp.Regexp, b []byte) []byte {
	text := latin1(b)
	m := p.FindStringIndex(text)
	if m == nil {
		return b
	}
	from, to := utf8.RuneCountInString(text[:m[0]]), utf8.RuneCountInString(text[:m[1]])
	return append(b[:from:from], b[to:]...)
}

// dtuConn is the connection of a DTU as a Wire. Somebody reads it all the time:
// heartbeats would else fill the network's buffers between two readings, and a
// DTU that is gone would not be missed.
type dtuConn struct {
	socket
	hub *Hub
	own []byte // its registration

	more  chan struct{} // something came
	ended chan struct{}
	once  sync.Once

	mu     sync.Mutex
	came   []byte
	reason error
}

func newDTUConn(c net.Conn, h *Hub, p packet) *dtuConn {
	return &dtuConn{socket: socket{c}, hub: h, own: p.own, more: make(chan struct{}, 1), ended: make(chan struct{}), came: p.rest}
}

// pump reads until the connection ends, or is silent for too long.
func (c *dtuConn) pump() {
	buf := make([]byte, 512)
	for {
		if err := c.SetReadDeadline(time.Now().Add(c.hub.options.Silence)); err != nil {
			c.end(err)
			return
		}
		n, err := c.Read(buf)
		if err != nil {
			c.end(err)
			return
		}
		c.put(strip(c.own, c.hub.beats, buf[:n]))
	}
}

// put keeps bytes for Receive; of too many, the older ones are dropped.
func (c *dtuConn) put(b []byte) {
	if len(b) == 0 {
		return
	}
	c.mu.Lock()
	c.came = append(c.came, b...)
	if over := len(c.came) - MaxPending; over > 0 {
		c.came = append(c.came[:0], c.came[over:]...)
	}
	c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// Receive is what came since the last call.
func (c *dtuConn) Receive(b []byte, wait time.Duration) (int, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		if n := c.get(b); n > 0 {
			return n, nil
		}
		select {
		case <-c.more:
		case <-timer.C:
			return 0, nil
		case <-c.ended:
			return c.get(b), c.why()
		}
	}
}

func (c *dtuConn) get(b []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := copy(b, c.came)
	c.came = append(c.came[:0], c.came[n:]...)
	return n
}

// end gives the connection up, for the first reason that is given.
func (c *dtuConn) end(reason error) {
	c.once.Do(func() {
		c.mu.Lock()
		c.reason = reason
		c.mu.Unlock()
		close(c.ended)
		_ = c.socket.Close()
	})
}

// why is the reason of the end.
func (c *dtuConn) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

func (c *dtuConn) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// Send fails with the reason of the end where there is one.
func (c *dtuConn) Send(b []byte) error {
	if c.over() {
		return c.why()
	}
	return c.socket.Send(b)
}

// Close ends the connection: the DTU will dial in again.
func (c *dtuConn) Close() error { c.end(ErrClosed); return nil }
