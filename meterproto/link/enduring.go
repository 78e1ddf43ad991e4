package link

import (
	"errors"
	"net"
	"time"
)

// How long an Enduring listener waits before it tries again: as net/http does.
const (
	firstWait = 5 * time.Millisecond
	mostWait  = time.Second
)

// Enduring is a listener whose Accept fails only once it is closed: what else is wrong, such as too many open files, passes. tell
// is told of it each time, and how long it is waited for.
func Enduring(l net.Listener, tell func(err error, wait time.Duration)) net.Listener {
	return &enduring{l, tell}
}

type enduring struct {
	net.Listener
	tell func(error, time.Duration)
}

// Accept notices within mostWait that the listener is closed.
func (e *enduring) Accept() (net.Conn, error) {
	for wait := firstWait; ; wait = min(2*wait, mostWait) {
		c, err := e.Listener.Accept()
		if err == nil || errors.Is(err, net.ErrClosed) {
			return c, err
		}
		e.tell(err, wait)
		time.Sleep(wait) // for a shortage, which nothing tells the end of
	}
}
