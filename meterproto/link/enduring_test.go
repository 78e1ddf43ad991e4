package link_test

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/meterproto/link"
)

// crowded is a listener for which there are too many open files, a few times over; then somebody comes, and it is closed.
type crowded struct {
	net.Listener
	times int
}

func (f *crowded) Accept() (net.Conn, error) {
	switch f.times--; {
	case f.times > 0:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	case f.times == 0:
		c, _ := net.Pipe()
		return c, nil
	}
	return nil, net.ErrClosed
}

func TestListenerOutlivesAShortage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun, told := time.Now(), 0
		l := link.Enduring(&crowded{times: 11}, func(err error, _ time.Duration) {
			if told++; !errors.Is(err, syscall.EMFILE) {
				t.Error(err)
			}
		})
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		if waited := time.Since(begun); told != 10 || waited != 1275*time.Millisecond+2*time.Second {
			t.Errorf("told %d times, waited %v", told, waited)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}
