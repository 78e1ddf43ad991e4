package link_test

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/link"
)

// What a serial server still has of earlier is dropped with its connection: an empty request makes a new one, and any other does not.
func TestListeningDialsAnew(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for n := byte('1'); ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			go func() {
				asked := make([]byte, 1)
				for {
					if _, err := c.Read(asked); err != nil {
						return
					}
					_, _ = c.Write([]byte{n})
				}
			}()
		}
	}()
	line, err := link.Dial(l.Addr().String(), link.Mode{Baud: 115_200, Patience: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	var tape bytes.Buffer
	line.Record(&tape)
	ask := func() (got string) {
		err := line.Exchange(t.Context(), []byte("?"), meterproto.Timing{Answer: time.Second}, func(b []byte) ([]byte, bool) { got = string(b); return nil, true })
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := ask() + ask(); got != "11" {
		t.Errorf("connections %s", got)
	}
	never := func(b []byte) ([]byte, bool) { return b, false }
	if err := line.Exchange(t.Context(), nil, meterproto.Timing{Answer: time.Millisecond}, never); err == nil {
		t.Error("a silent line said something")
	}
	if got := ask(); got != "2" {
		t.Errorf("connection %s", got)
	}
	if n := strings.Count(tape.String(), " > \n"); n != 1 {
		t.Errorf("%d beginnings on the tape: %s", n, tape.String())
	}
}
