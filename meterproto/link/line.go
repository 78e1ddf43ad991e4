package link

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Wire is what a line needs of a device. Any error means that the device is
// gone for good.
type Wire interface {
	// Send hands over all bytes; those of earlier calls that are still unsent
	// may be dropped.
	Send(b []byte) error
	// Receive waits for at least one byte, at most this long: 0 and no error
	// when none came.
	Receive(b []byte, wait time.Duration) (int, error)
	Close() error
}

// speeder is a Wire whose baud rate can change while it is open, behind what was sent.
type speeder interface{ SetBaud(baud int) error }

// ender is a Wire that may be known to have ended before it is used again.
type ender interface{ over() bool }

// hoarder is a Wire in whose network bytes may wait that were said long ago.
type hoarder interface{ hoards() }

// Line is a master's end of a bus. Its methods may be called from any
// goroutine; exchanges queue up.
type Line struct {
	name string
	mode Mode
	open func() (Wire, error)
	back <-chan struct{} // see Back

	turn    chan struct{} // holds a token while somebody owns wire and speed
	wire    Wire          // nil while gone
	speed   int           // in the middle of a session; 0: that of the mode
	about   atomic.Pointer[string]
	closing chan struct{}
	once    sync.Once
}

// New makes a line on any kind of wire. open is called at the first exchange
// and again after the wire was gone.
func New(name string, mode Mode, open func() (Wire, error)) (*Line, error) {
	if err := mode.Check(); err != nil {
		return nil, fmt.Errorf("line %s: %w", name, err)
	}
	return &Line{
		name: name, mode: mode, open: open,
		turn: make(chan struct{}, 1), closing: make(chan struct{}),
	}, nil
}

// Exchange waits until the line is idle, sends the request and listens. accept
// is called with everything that has come and was not yet used up; it returns
// the part it wants to see again with the next bytes (it must stay below
// MaxPending), and true once it has its answer. It must not keep the slice.
//
// An empty request sends nothing, and is for what meters say by themselves. What was said before is dropped: a connection
// that Dial made is made anew, for nobody can tell how much of it still waits in the network.
//
// Errors: meterproto.ErrNoAnswer where nothing came in time but the echo,
// meterproto.ErrGarbage where something came but accept took none of it or the
// line is never idle, *GoneError, or the context's error. No request is repeated here.
func (l *Line) Exchange(ctx context.Context, request []byte, t meterproto.Timing,
	accept func(stream []byte) (rest []byte, done bool),
) error {
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.release()
	if _, ok := l.bare().(hoarder); ok && len(request) == 0 {
		l.down()
	}
	if err := l.up(); err != nil {
		return err
	}
	e := exchange{line: l, mode: l.now(), timing: t, accept: accept, request: request}
	err := e.run(ctx)
	if errors.Is(err, meterproto.ErrLineGone) {
		l.down()
	}
	return err
}

// SetBaud changes the rate in the middle of a session, as IEC 62056-21 has it; 0
// goes back to the rate of the mode, as the loss of the wire does. What was sent
// goes out at the old rate. It fails with meterproto.ErrSpeed where the wire cannot
// do that, and with *GoneError.
func (l *Line) SetBaud(ctx context.Context, baud int) error {
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.release()
	if baud == 0 {
		baud = l.mode.Baud
	}
	if baud == l.now().Baud {
		return nil
	}
	if err := l.up(); err != nil {
		return err
	}
	if !l.canChange(baud) {
		return l.tooFast(baud)
	}
	err := l.change(baud)
	if errors.Is(err, meterproto.ErrLineGone) {
		l.down()
	}
	return err
}

// bare is the wire without its recorder.
func (l *Line) bare() Wire {
	if r, recorded := l.wire.(*recorder); recorded {
		return r.Wire
	}
	return l.wire
}

func (l *Line) canChange(baud int) bool {
	_, ok := l.bare().(speeder)
	return ok && baud >= 1 && baud <= MaxBaud
}

func (l *Line) tooFast(baud int) error {
	return fmt.Errorf("line %s, %d baud: %w", l.name, baud, meterproto.ErrSpeed)
}

// change sets a rate that the wire can do.
func (l *Line) change(baud int) error {
	if err := l.wire.(speeder).SetBaud(baud); err != nil {
		return l.gone(err)
	}
	l.speed = baud
	return nil
}

// now is the mode with the speed that is in force.
func (l *Line) now() Mode {
	m := l.mode
	if l.speed != 0 {
		m.Baud = l.speed
	}
	return m
}

// Back is signalled when a wire that was gone may be there again, where the
// line's kind can tell: a DTU has dialled in. It is nil where only another try
// tells.
func (l *Line) Back() <-chan struct{} { return l.back }

// take waits for this exchange's turn.
func (l *Line) take(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case l.turn <- struct{}{}:
	}
	select {
	case <-l.closing:
		l.release()
		return l.gone(ErrClosed)
	default:
		return nil
	}
}

func (l *Line) release() { <-l.turn }

// up opens the wire where it is gone.
func (l *Line) up() error {
	if w, ok := l.wire.(ender); ok && w.over() {
		l.down()
	}
	if l.wire != nil {
		return nil
	}
	w, err := l.open()
	if err != nil {
		return l.gone(err)
	}
	l.wire = w
	if s, ok := w.(fmt.Stringer); ok {
		about := s.String()
		l.about.Store(&about)
	}
	return nil
}

// down gives the wire up; what Close says of a dead device helps nobody.
func (l *Line) down() {
	_ = l.wire.Close()
	l.wire, l.speed = nil, 0
}

func (l *Line) gone(err error) error { return &GoneError{Line: l.name, Err: err} }

// Close ends the exchange that is going on, within a twentieth of a second, and
// closes the port. The line cannot be used again.
func (l *Line) Close() error {
	var err error
	l.once.Do(func() {
		close(l.closing)
		l.turn <- struct{}{}
		defer l.release()
		if l.wire != nil {
			err = l.wire.Close()
			l.wire = nil
		}
	})
	return err
}

// String names the line, its mode, and what the wire last said of itself, such
// as a part of the mode that is not in force.
func (l *Line) String() string {
	s := l.name + " " + l.mode.String()
	if about := l.about.Load(); about != nil && *about != "" {
		s += " (" + *about + ")"
	}
	return s
}
