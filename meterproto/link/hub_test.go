package link_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/link"
)

// pipes is a listener in memory: dial gives the far end.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return nil }

// hall is a hub under test and its far end.
type hall struct {
	*testing.T
	hub  *link.Hub
	door pipes
}

// inHall runs a test in a bubble with a hub that knows DTU 42.
func inHall(t *testing.T, o link.HubOptions, test func(h *hall, l *link.Line)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		hub, err := link.NewHub(o)
		if err != nil {
			t.Fatal(err)
		}
		l, err := hub.Line("42", link.Mode{Baud: 2400})
		if err != nil {
			t.Fatal(err)
		}
		h, ended := &hall{T: t, hub: hub, door: make(pipes)}, make(chan error, 1)
		go func() { ended <- hub.Serve(h.door) }()
		test(h, l)
		_ = h.door.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// dial is a DTU that connects and says these things, a while apart.
func (h *hall) dial(says ...string) net.Conn {
	near, far := net.Pipe()
	h.door <- near
	for i, s := range says {
		if i > 0 {
			time.Sleep(time.Second)
		}
		if _, err := io.WriteString(far, s); err != nil {
			h.Logf("the hub hung up: %v", err)
		}
	}
	time.Sleep(time.Second) // a registration may go on
	synctest.Wait()
	return far
}

// reply answers one request, in these pieces.
func reply(c net.Conn, pieces ...string) {
	go func() {
		if _, err := io.ReadFull(c, make([]byte, 7)); err != nil {
			return
		}
		for _, p := range pieces {
			_, _ = io.WriteString(c, p)
		}
	}()
}

func ask(t *testing.T, l *link.Line) (seen []string, err error) {
	t.Helper()
	err = l.Exchange(t.Context(), []byte("request"), protocol(), until("answer", &seen))
	return seen, err
}

func plainDTU() link.HubOptions {
	return link.HubOptions{Registration: `ID=(?P<id>[0-9]+);?`, Heartbeat: `\x00HB\xFE`, Silence: time.Minute}
}

func TestRegistrationTellsWhoDialled(t *testing.T) {
	t.Parallel()
	binary := plainDTU()
	binary.Registration = `\x7B\xFF(?P<id>\d{2})\x00?`
	for name, c := range map[string]struct {
		options link.HubOptions
		says    []string
		known   bool
	}{
		"in one piece":            {plainDTU(), []string{"ID=42;"}, true},
		"in two":                  {plainDTU(), []string{"ID", "=42;"}, true},
		"behind no terminator":    {plainDTU(), []string{"ID=42"}, true},
		"somebody else":           {plainDTU(), []string{"ID=43;"}, false},
		"with a number too long":  {plainDTU(), []string{"ID=421;"}, false},
		"nothing":                 {plainDTU(), nil, false},
		"something else":          {plainDTU(), []string{"GET / HTTP/1.0\r\n\r\n"}, false},
		"too much of it":          {plainDTU(), []string{strings.Repeat("x", 300)}, false},
		"not from the beginning":  {plainDTU(), []string{"xID=42;"}, false},
		"bytes that are no UTF-8": {binary, []string{"\x7B\xFF42\x00"}, true},
		"those bytes as UTF-8":    {binary, []string{"\x7B\u00FF42\x00"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inHall(t, c.options, func(h *hall, l *link.Line) {
				d := h.dial(c.says...)
				defer func() { _ = d.Close() }()
				time.Sleep(time.Second)
				if c.known {
					reply(d, "answer")
				}
				seen, err := ask(h.T, l)
				if c.known && err != nil || !c.known && !errors.Is(err, link.ErrNotDialled) {
					h.Errorf("saw %q, %v", seen, err)
				}
				time.Sleep(time.Minute)
				_ = d.SetReadDeadline(time.Now().Add(time.Second))
				if _, err := d.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
					h.Errorf("who says nothing for a minute stays: %v", err)
				}
			})
		})
	}
}

func TestHeartbeatsAreNoAnswers(t *testing.T) {
	t.Parallel()
	const beat = "\x00HB\xFE"
	for name, pieces := range map[string][]string{
		"before":                {beat, "answer"},
		"in one go with it":     {beat + beat + "answer"},
		"behind it":             {"ans", "wer" + beat},
		"in the middle":         {"ans", beat, "wer"},
		"registering once more": {"ID=42;" + "answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inHall(t, plainDTU(), func(h *hall, l *link.Line) {
				d := h.dial("ID=42;" + beat)
				defer func() { _ = d.Close() }()
				reply(d, pieces...)
				if seen, err := ask(h.T, l); err != nil || seen[len(seen)-1] != "answer" {
					h.Errorf("saw %q, %v", seen, err)
				}
			})
		})
	}
}

// A meter's data looks like the registration of a DTU that says a bare number; only that number is none.
func TestDigitsOfAMeterAreNoRegistration(t *testing.T) {
	t.Parallel()
	for _, beat := range []string{"", `HB`} {
		inHall(t, link.HubOptions{Registration: `(?P<id>[0-9]+)`, Heartbeat: beat}, func(h *hall, l *link.Line) {
			d := h.dial("42")
			defer func() { _ = d.Close() }()
			reply(d, "3\x68\x110", "7\x1642")
			var seen []string
			err := l.Exchange(h.Context(), []byte("request"), protocol(), until("3\x68\x1107\x16", &seen))
			if err != nil {
				h.Errorf("saw %q, %v", seen, err)
			}
		})
	}
}

// A connection that registers while the hub hangs up is ended, though it goes on to send heartbeats.
func TestServeEndsWhoIsOnTheWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub, err := link.NewHub(plainDTU())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hub.Line("42", link.Mode{Baud: 2400}); err != nil {
			t.Fatal(err)
		}
		door, ended := make(pipes), make(chan error, 1)
		go func() { ended <- hub.Serve(door) }()
		near, far := net.Pipe()
		door <- near
		_, _ = io.WriteString(far, "ID=4")
		_ = door.Close()
		closed := time.Now()
		synctest.Wait()
		go func() {
			for _, says := range []string{"2;", "\x00HB\xFE", "\x00HB\xFE", "\x00HB\xFE"} {
				if _, err := io.WriteString(far, says); err != nil {
					return // as it should be
				}
				time.Sleep(30 * time.Second) // of the bubble's clock
			}
		}()
		if err := <-ended; err != nil || time.Since(closed) > time.Second {
			t.Errorf("ended after %v, %v", time.Since(closed), err)
		}
	})
}

// Heartbeats keep a DTU alive, whatever the line is doing; a DTU that is silent is
// gone, though its network never said so.
func TestHalfOpenConnectionIsGivenUp(t *testing.T) {
	t.Parallel()
	inHall(t, plainDTU(), func(h *hall, l *link.Line) {
		d := h.dial("ID=42;")
		defer func() { _ = d.Close() }()
		for range 100_000 { // more than any buffer holds
			time.Sleep(30 * time.Second)
			if _, err := io.WriteString(d, "\x00HB\xFE"); err != nil {
				h.Fatal(err)
			}
		}
		reply(d, "answer")
		if seen, err := ask(h.T, l); err != nil || len(seen) != 1 {
			h.Errorf("saw %q, %v", seen, err)
		}
		time.Sleep(61 * time.Second)
		if _, err := ask(h.T, l); !errors.Is(err, meterproto.ErrLineGone) {
			h.Errorf("silent for a minute: %v", err)
		}
	})
}

func TestDialledAgainReplacesTheOldConnection(t *testing.T) {
	t.Parallel()
	inHall(t, plainDTU(), func(h *hall, l *link.Line) {
		if _, err := ask(h.T, l); !errors.Is(err, link.ErrNotDialled) || !errors.Is(err, meterproto.ErrLineGone) {
			h.Errorf("before: %v", err)
		}
		first := h.dial("ID=42;")
		select {
		case <-l.Back():
		default:
			h.Error("nobody says that it dialled in")
		}
		reply(first, "answer")
		if _, err := ask(h.T, l); err != nil {
			h.Errorf("first: %v", err)
		}
		second := h.dial("ID=42;")
		defer func() { _ = second.Close() }()
		if _, err := first.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			h.Errorf("the first is still open: %v", err)
		}
		reply(second, "answer")
		if _, err := ask(h.T, l); err != nil {
			h.Errorf("second: %v", err)
		}
		// In the middle of an exchange, the exchange fails and says why.
		third := make(chan net.Conn)
		go func() {
			_, _ = io.ReadFull(second, make([]byte, 7))
			third <- h.dial("ID=42;")
		}()
		if _, err := ask(h.T, l); !errors.Is(err, link.ErrReplaced) {
			h.Errorf("replaced in the middle: %v", err)
		}
		_ = (<-third).Close()
	})
}

// A DTU whose line is closed is hung up on and nobody's, until it has another line.
func TestDTUThatNobodyWantsIsHungUpOn(t *testing.T) {
	t.Parallel()
	inHall(t, plainDTU(), func(h *hall, l *link.Line) {
		c := h.dial("ID=42;")
		if err := l.Close(); err != nil {
			h.Error(err)
		}
		for _, c := range []net.Conn{c, h.dial("ID=42;")} {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				h.Errorf("a DTU that nobody wants hears %v", err)
			}
		}
		again, err := h.hub.Line("42", link.Mode{Baud: 2400})
		if err != nil {
			h.Fatal(err)
		}
		c = h.dial("ID=42;")
		defer func() { _ = c.Close() }()
		reply(c, "answer")
		if seen, err := ask(h.T, again); err != nil || len(seen) == 0 {
			h.Errorf("%q, %v", seen, err)
		}
		_ = again.Close()
	})
}

func TestWhatIsNoHub(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]link.HubOptions{
		"no pattern":      {},
		"hasty":           {Registration: `ID=(?P<id>[0-9]+)`, Silence: -1},
		"no id":           {Registration: `ID=[0-9]+`},
		"no expression":   {Registration: `(?P<id>[0-9]+`},
		"matches nothing": {Registration: `(?P<id>[0-9]*)`},
		"empty heartbeat": {Registration: `ID=(?P<id>[0-9]+)`, Heartbeat: `x*`},
	} {
		if _, err := link.NewHub(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	hub, err := link.NewHub(plainDTU())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Line("1", link.Mode{}); err == nil {
		t.Error("a line without a baud rate")
	}
	if _, err := hub.Line("1", link.Mode{Baud: 2400}); err != nil {
		t.Error(err)
	}
	if _, err := hub.Line("1", link.Mode{Baud: 2400}); err == nil {
		t.Error("one DTU twice")
	}
}
