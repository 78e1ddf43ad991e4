package link

import (
	"errors"
	"net"
	"os"
	"time"
)

const (
	dialTime = 5 * time.Second // for a connection to come up
	sendTime = 5 * time.Second // for a request to leave; the network takes it long before
)

// Dial is a line behind a TCP address, host:port: a serial server, or a DTU that
// listens. Baud and characters of the mode are those of the serial side, whose
// pace the far end keeps; they make the waiting times. It connects at the first
// exchange, and again after the connection broke.
func Dial(address string, mode Mode) (*Line, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, err
	}
	return New("tcp:"+address, mode, func() (Wire, error) {
		c, err := net.DialTimeout("tcp", address, dialTime)
		if err != nil {
			return nil, err
		}
		return server{&socket{c}}, nil
	})
}

// server is a connection to what reads a serial side all the time, and sends as fast as we take.
type server struct{ *socket }

func (server) hoards() {}

// socket is a connection as a Wire.
type socket struct{ net.Conn }

func (s *socket) Send(b []byte) error {
	if err := s.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return err
	}
	_, err := s.Write(b)
	return err
}

func (s *socket) Receive(b []byte, wait time.Duration) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return 0, err
	}
	n, err := s.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	return n, err
}
