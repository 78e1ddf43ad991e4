package link

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"

	"github.com/vendgate/vendgate/meterproto"
)

// speedOf is the rate that a terminal is set to: it keeps one, though it has no use for it.
func speedOf(t *testing.T, name string) uint32 {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	settings, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return settings.Cflag & unix.CBAUD
}

// A session begins at 300 baud, goes on at 9600 and is over (IEC 62056-21 mode C).
func TestBaudChangesInMidSession(t *testing.T) {
	t.Parallel()
	p := openPTY(t)
	l, err := Open(p.Path, Mode{Baud: 300, Bits: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	slow := l.now().char()
	for _, c := range []struct {
		baud int
		want uint32
	}{{9600, unix.B9600}, {300, unix.B300}, {4800, unix.B4800}, {0, unix.B300}} {
		if err := l.SetBaud(t.Context(), c.baud); err != nil {
			t.Fatal(err)
		}
		if got := speedOf(t, p.Path); got != c.want {
			t.Errorf("%d baud: the port is set to %o, want %o", c.baud, got, c.want)
		}
		if char := l.now().char(); c.baud == 9600 && char*31 > slow {
			t.Errorf("a character still takes %v of %v", char, slow)
		}
		answerOnce(t, p, 7, "answer")
		if err := exchangeOn(t, l, "request", "answer"); err != nil {
			t.Errorf("%d baud: %v", c.baud, err)
		}
	}
	if err := l.SetBaud(t.Context(), MaxBaud+1); !errors.Is(err, meterproto.ErrSpeed) {
		t.Errorf("too fast: %v", err)
	}
	if err := l.SetBaud(t.Context(), 9600); err != nil {
		t.Fatal(err)
	}
	_ = p.Close()
	if err := exchangeOn(t, l, "request", "answer"); !errors.Is(err, meterproto.ErrLineGone) || l.now().Baud != 300 {
		t.Errorf("unplugged: %v, then %v", err, l.now())
	}
}

// interrupted is a port where signals come while it is waited for what was sent to leave.
type interrupted struct {
	serial.Port
	signals, drained int
	baud             int // since
}

func (i *interrupted) Drain() error {
	if i.signals--; i.signals >= 0 {
		return unix.EINTR
	}
	i.drained++
	return nil
}

func (i *interrupted) SetMode(m *serial.Mode) error { i.baud = m.BaudRate; return nil }

// Go's scheduler sends signals when it likes: the line is not gone, and the rate changes when all has left, not before.
func TestBaudChangesBesideSignals(t *testing.T) {
	t.Parallel()
	device := &interrupted{signals: 3}
	if err := (&port{device: device}).SetBaud(9600); err != nil || device.drained != 1 || device.baud != 9600 {
		t.Errorf("%v, %+v", err, device)
	}
}

// A terminal cannot switch a transceiver, and says so instead of sending into it: to root, and to everybody else, who may not open
// a port a second time once the serial library has it.
func TestRS485ThatTheDriverCannotDo(t *testing.T) {
	t.Parallel()
	for _, as := range []func() error{func() error { return nil }, ordinary} {
		path, said := openPTY(t).Path, make(chan error)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with what it has become
			if err := as(); err != nil {
				said <- err
				return
			}
			_, err := Open(path, Mode{Baud: 2400, RS485: true})
			said <- err
		}()
		if err := <-said; !errors.Is(err, ErrRS485) {
			t.Error(err)
		}
	}
}

// ordinary takes from this thread what lets root open a port that is somebody's alone.
func ordinary() error {
	head, has := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, [2]unix.CapUserData{}
	if err := unix.Capget(&head, &has[0]); err != nil {
		return err
	}
	has[0].Effective &^= 1 << unix.CAP_SYS_ADMIN
	return unix.Capset(&head, &has[0])
}

func TestModesOfLines(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Mode{
		"300 7E1": {Baud: 300, Bits: 7}, "2400 8E1": {Baud: 2400}, "9600 8N2": {Baud: 9600, Parity: None, Stops: 2},
	} {
		if err := m.Check(); err != nil || m.String() != want {
			t.Errorf("%v, %v", m, err)
		}
	}
	if seven, eight := (Mode{Baud: 300, Bits: 7}).char(), (Mode{Baud: 300}).char(); (seven * 11).Round(time.Millisecond) != (eight * 10).Round(time.Millisecond) {
		t.Errorf("ten bits take %v, eleven %v", seven, eight)
	}
	for _, m := range []Mode{{}, {Baud: 300, Bits: 9}, {Baud: 300, Stops: 3}, {Baud: 300, Latency: -1}, {Baud: 300, Parity: 3}} {
		if m.Check() == nil {
			t.Errorf("%+v is taken", m)
		}
	}
}
