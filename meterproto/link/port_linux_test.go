package link

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.bug.st/serial"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
)

// openPTY is a pseudo-terminal that ends with the test.
func openPTY(t *testing.T) *metersim.PTY {
	t.Helper()
	p, err := metersim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// answerOnce reads one request of this size and answers.
func answerOnce(t *testing.T, p *metersim.PTY, size int, answer string) {
	t.Helper()
	go func() {
		request := make([]byte, size)
		if _, err := io.ReadFull(p, request); err == nil {
			_, _ = io.WriteString(p, answer)
		}
	}()
}

func patient() meterproto.Timing { return meterproto.Timing{Answer: 20 * time.Second} }

func exchangeOn(t *testing.T, l *Line, request, answer string) error {
	t.Helper()
	return l.Exchange(t.Context(), []byte(request), patient(), func(b []byte) ([]byte, bool) { return b, string(b) == answer })
}

// Every byte value passes in both directions: the port is raw.
func TestPseudoTerminalIsALine(t *testing.T) {
	t.Parallel()
	p := openPTY(t)
	l, err := Open(p.Path, Mode{Baud: 2400})
	if err != nil {
		t.Fatal(err)
	}
	if s := l.String(); !strings.HasPrefix(s, p.Path+" 2400 8E1 (") || !strings.Contains(s, "parity is not in force") {
		t.Errorf("parity is lost in silence: %s", s)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	turned := bytes.Clone(all)
	turned[0] = 0xFF // else it would be the echo
	answerOnce(t, p, len(all), string(turned))
	if err := exchangeOn(t, l, string(all), string(turned)); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestParityNoneNeedsNoNote(t *testing.T) {
	t.Parallel()
	l, err := Open(openPTY(t).Path, Mode{Baud: 9600, Parity: None})
	if err != nil {
		t.Fatal(err)
	}
	if s := l.String(); !strings.HasSuffix(s, " 9600 8N1") {
		t.Error(s)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestUnpluggedPortComesBack(t *testing.T) {
	t.Parallel()
	first := openPTY(t)
	name := filepath.Join(t.TempDir(), "port")
	if err := os.Symlink(first.Path, name); err != nil {
		t.Fatal(err)
	}
	l, err := Open(name, Mode{Baud: 2400})
	if err != nil {
		t.Fatal(err)
	}
	answerOnce(t, first, 7, "answer")
	if err := exchangeOn(t, l, "request", "answer"); err != nil {
		t.Fatal(err)
	}
	go func() { // pulled while the master waits
		_, _ = io.ReadFull(first, make([]byte, 7))
		_ = first.Close()
	}()
	if err := exchangeOn(t, l, "request", "answer"); !errors.Is(err, meterproto.ErrLineGone) {
		t.Errorf("pulled: %v", err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := exchangeOn(t, l, "request", "answer"); !errors.Is(err, meterproto.ErrLineGone) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still out: %v", err)
	}
	second := openPTY(t)
	if err := os.Symlink(second.Path, name); err != nil {
		t.Fatal(err)
	}
	answerOnce(t, second, 7, "answer")
	if err := exchangeOn(t, l, "request", "answer"); err != nil {
		t.Errorf("plugged in again: %v", err)
	}
}

func TestWhatIsNoPort(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Open(file, Mode{}); l != nil || err == nil || errors.Is(err, meterproto.ErrLineGone) {
		t.Errorf("no baud rate: %v, %v", l, err)
	}
	for _, name := range []string{"/dev/no such port", file, "/dev/null", t.TempDir()} {
		l, err := Open(name, Mode{Baud: 2400})
		if l == nil || !errors.Is(err, meterproto.ErrLineGone) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A peer that stopped reading must not block a master for ever: a terminal
// holds a few thousand bytes, and then a write waits.
func TestSendNeverFillsThePort(t *testing.T) {
	t.Parallel()
	w, err := openPort(openPTY(t).Path, Mode{Baud: 2400})
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 1000 && err == nil; i++ {
			err = w.Send(make([]byte, 256))
		}
		sent <- err
	}()
	select {
	case err := <-sent:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("blocked")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// faulty is a device of which only what it overrides works.
type faulty struct{ serial.Port }

func (faulty) SetReadTimeout(time.Duration) error { return nil }
func (faulty) Read([]byte) (int, error)           { panic("index out of range [16] with length 16") }

func TestPanicOfTheDriverLosesOnlyTheLine(t *testing.T) {
	t.Parallel()
	if n, err := (&port{device: faulty{}}).Receive(make([]byte, 1), 0); n != 0 || err == nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestDriverCodesAreExplained(t *testing.T) {
	t.Parallel()
	if err := explain(io.ErrUnexpectedEOF); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if err := explain(&serial.PortError{}); !errors.Is(err, ErrBusy) { // the first code
		t.Error(err)
	}
}
