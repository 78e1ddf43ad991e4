package link_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/link"
)

// answering is a serial server on loopback: it answers one request a connection, and hangs up.
func answering(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := io.ReadFull(c, make([]byte, 7)); err == nil {
				_, _ = io.WriteString(c, "answer")
			}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-ended })
	return l.Addr().String()
}

func TestTCPIsALineThatHeals(t *testing.T) {
	t.Parallel()
	l, err := link.Dial(answering(t), link.Mode{Baud: 2400, Latency: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	answered := 0
	for range 4 {
		var seen []string
		err := l.Exchange(t.Context(), []byte("request"), protocol(), until("answer", &seen))
		switch {
		case err == nil:
			answered++
		case !errors.Is(err, meterproto.ErrLineGone):
			t.Errorf("saw %q, %v", seen, err)
		}
	}
	if answered < 2 {
		t.Errorf("%d of 4 requests answered, though every connection answers one", answered)
	}
	if err := l.SetBaud(t.Context(), 9600); !errors.Is(err, meterproto.ErrSpeed) {
		t.Errorf("a socket has no baud rate: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	line, err := link.Dial(address, link.Mode{Baud: 2400})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, line); !errors.Is(err, meterproto.ErrLineGone) {
		t.Error(err)
	}
	if _, err := link.Dial("nowhere", link.Mode{Baud: 2400}); err == nil {
		t.Error("an address without a port")
	}
}
