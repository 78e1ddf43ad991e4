package link

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"sync"
	"time"
)

// HubOptions is how the DTUs of one listener speak. Patterns are regular
// expressions over bytes, \x00 to \xFF.
type HubOptions struct {
	// Registration is the packet a DTU begins with; its group named id tells which DTU it is.
	Registration string
	// Heartbeat is what a DTU sends to keep its connection; "" is none.
	Heartbeat string
	// Silence is how long a DTU may send nothing before it is taken for gone; a few
	// heartbeats. 0 is DefaultSilence.
	Silence time.Duration
}

const (
	// DefaultSilence is longer than the heartbeats that DTUs are shipped with.
	DefaultSilence = 5 * time.Minute
	// MaxRegistration is how many bytes a registration may have.
	MaxRegistration = 256
	// MaxUnregistered is how many connections may be on their way to register.
	MaxUnregistered = 1024

	registrationTime = 30 * time.Second
)

// Hub is a listener at which DTUs dial in. Each that is known by its id is a
// line, which may have many meters on it. Who dials is believed: a registration
// is no proof, so what a DTU says is worth as much as what a meter says.
type Hub struct {
	options  HubOptions
	register *regexp.Regexp
	beats    []*regexp.Regexp // the heartbeat, at the beginning or the end of what came

	mu     sync.Mutex
	dtus   map[string]*dtu
	coming map[net.Conn]bool // that have not registered
	closed bool              // Serve has ended: nobody registers any more
	slots  chan struct{}     // a token for each connection that has not registered
	served sync.WaitGroup
}

// dtu is one that is known.
type dtu struct {
	back chan struct{} // see Line.Back
	mu   sync.Mutex
	conn *dtuConn // nil before it dialled in
}

// NewHub makes a hub that knows no DTU. It fails where a pattern is none, has no
// group id, or matches nothing at all, and where Silence is below 0.
func NewHub(o HubOptions) (*Hub, error) {
	if o.Silence < 0 {
		return nil, fmt.Errorf("a silence of %v: want no less than 0", o.Silence)
	}
	if o.Silence == 0 {
		o.Silence = DefaultSilence
	}
	h := &Hub{options: o, dtus: map[string]*dtu{}, coming: map[net.Conn]bool{}, slots: make(chan struct{}, MaxUnregistered)}
	first, _, err := atEnds(o.Registration)
	if err != nil {
		return nil, err
	}
	h.register = first
	if o.Heartbeat != "" {
		first, last, err := atEnds(o.Heartbeat)
		if err != nil {
			return nil, err
		}
		h.beats = []*regexp.Regexp{first, last}
	}
	if h.register.SubexpIndex("id") < 0 {
		return nil, fmt.Errorf("registration %q has no group named id: write it as (?P<id>...)", o.Registration)
	}
	return h, nil
}

// atEnds is a pattern at the beginning and at the end of what came.
func atEnds(pattern string) (first, last *regexp.Regexp, err error) {
	whole, err := regexp.Compile(pattern)
	if err != nil {
		return nil, nil, err
	}
	if whole.MatchString("") {
		return nil, nil, fmt.Errorf("pattern %q matches nothing at all: say what the packet holds", pattern)
	}
	return regexp.MustCompile(`^(?:` + pattern + `)`), regexp.MustCompile(`(?:` + pattern + `)$`), nil
}

// Line is the line of the DTU with this id. It is gone, with ErrNotDialled, until
// the DTU dials in. Once it is closed the hub knows the DTU no more: its connection ends, and it may have another line.
func (h *Hub) Line(id string, mode Mode) (*Line, error) {
	d := &dtu{back: make(chan struct{}, 1)}
	l, err := New("dtu:"+id, mode, d.open)
	if err != nil {
		return nil, err
	}
	l.back = d.back
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.dtus[id]; ok {
		return nil, fmt.Errorf("DTU %s is there twice", id)
	}
	h.dtus[id] = d
	l.left = func() { h.forget(id) }
	return l, nil
}

// forget ends the connection of a DTU that nobody wants any more.
func (h *Hub) forget(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.dtus[id]
	delete(h.dtus, id)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		d.conn.end(ErrClosed)
	}
}

// open gives out the connection that the DTU has now.
func (d *dtu) open() (Wire, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil || d.conn.over() {
		return nil, ErrNotDialled
	}
	return d.conn, nil
}

// dialled takes a new connection; the one before is given up.
func (d *dtu) dialled(c *dtuConn) {
	d.mu.Lock()
	before := d.conn
	d.conn = c
	d.mu.Unlock()
	if before != nil {
		before.end(ErrReplaced)
	}
	select {
	case d.back <- struct{}{}:
	default:
	}
}

// Serve takes connections until the listener is closed, ends them all and returns nil, or what
// else was wrong. A hub serves once.
func (h *Hub) Serve(l net.Listener) error {
	defer h.served.Wait()
	defer h.hangUp()
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case h.slots <- struct{}{}:
			h.served.Go(func() { h.attend(c) })
		default:
			_ = c.Close() // a flood; a DTU tries again
		}
	}
}

// hangUp ends every connection, and those that are on their way to register.
func (h *Hub) hangUp() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.coming {
		_ = c.Close()
	}
	for _, d := range h.dtus {
		d.mu.Lock()
		if d.conn != nil {
			d.conn.end(ErrClosed)
		}
		d.mu.Unlock()
	}
}

// attend lets a connection register and then reads it to its end.
func (h *Hub) attend(c net.Conn) {
	conn, err := h.greet(c)
	<-h.slots
	if err != nil {
		_ = c.Close()
		return
	}
	conn.pump()
}

// begin notes that a connection is on its way; false where the hub has hung up.
func (h *Hub) begin(c net.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.coming[c] = true
	}
	return !h.closed
}

// greet waits for the registration.
func (h *Hub) greet(c net.Conn) (*dtuConn, error) {
	if !h.begin(c) {
		return nil, ErrClosed
	}
	packet, err := h.registration(c)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.coming, c)
	if err != nil {
		return nil, err
	}
	if h.closed {
		return nil, ErrClosed // nobody would end it
	}
	d, ok := h.dtus[packet.id]
	if !ok {
		return nil, fmt.Errorf("nobody knows DTU %q", packet.id)
	}
	conn := newDTUConn(c, h, packet)
	d.dialled(conn)
	return conn, nil
}
