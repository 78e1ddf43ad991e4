//go:build cgo

package reader

import (
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The virtual cards' answers to reset, as ISO 7816-3 writes the shortest ones:
// T=1 with its check byte, and T=0 with two historical bytes.
var (
	atrT1 = []byte{0x3B, 0x80, 0x01, 0x81}
	atrT0 = []byte{0x3B, 0x02, 0x14, 0x50}
)

// script answers one command; nil is no answer, ever, and pulled hangs up
// instead of answering.
type script func(command []byte) []byte

var pulled = []byte("pulled")

// vcard is the least card that vpcd accepts.
type vcard struct {
	conn     *net.TCPConn
	atr      []byte
	script   script
	commands atomic.Int64  // received
	got      chan struct{} // a token a command, as long as there is room
	polled   chan struct{} // likewise for each time the reader looked whether a card is there
}

// plug puts a card into the reader at addr.
func plug(t *testing.T, addr string, atr []byte, s script) *vcard {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c := &vcard{conn: conn.(*net.TCPConn), atr: atr, script: s,
		got: make(chan struct{}, 100), polled: make(chan struct{}, 100)}
	t.Cleanup(c.pull)
	go c.run()
	return c
}

func (c *vcard) pull() { _ = c.conn.Close() }

func (c *vcard) run() {
	defer c.pull()
	for {
		message, err := c.read()
		if err != nil {
			return
		}
		if answer := c.answer(message); len(answer) > 0 {
			if string(answer) == string(pulled) || c.write(answer) != nil {
				return
			}
		}
	}
}

func (c *vcard) answer(message []byte) []byte {
	if len(message) > 1 {
		c.commands.Add(1)
		token(c.got)
		return c.script(message)
	}
	if message[0] == 4 {
		token(c.polled)
		return c.atr
	}
	return nil
}

func token(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// read acknowledges the header at once: vpcd sends header and body in two
// pieces, and the kernel would hold the second back for 40 ms.
func (c *vcard) read() ([]byte, error) {
	var header [2]byte
	if _, err := io.ReadFull(c.conn, header[:]); err != nil {
		return nil, err
	}
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	body := make([]byte, binary.BigEndian.Uint16(header[:]))
	_, err = io.ReadFull(c.conn, body)
	return body, err
}

func (c *vcard) write(answer []byte) error {
	_, err := c.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}

// echo answers the whole command and 9000.
func echo(command []byte) []byte { return append(append([]byte{}, command...), 0x90, 0x00) }
