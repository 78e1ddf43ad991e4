package terminal

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/vending"
)

// lent is a service that lends the reader of till 2 to commands that share the directory, until stop.
func lent(t *testing.T, dir string, reader cardio.Reader) (stop func()) {
	t.Helper()
	listener, err := ListenShell(dir)
	if err != nil {
		t.Fatal(err)
	}
	find := func(_ context.Context, till string) (cardio.Reader, error) {
		if till != "2" {
			return nil, vending.ErrNoTerminal.With("Which", till)
		}
		return reader, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{Handler: &Shell{Reader: find, Scripts: public(testKey(1)), Log: silent}, BaseContext: func(net.Listener) context.Context { return ctx }}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // ends with the listener
	stop = sync.OnceFunc(func() { cancel(); _ = server.Close(); serving.Wait() })
	t.Cleanup(stop)
	return stop
}

// A command uses the reader of a till as one of its own: commands, scripts, and the card let go at the end.
func TestShell(t *testing.T) {
	t.Parallel()
	dir, card := t.TempDir(), new(tape)
	lent(t, dir, card)
	reader := ShellReader(dir, "2", testKey(1))
	for range 2 { // the second finds the card let go
		link, err := reader.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(link.ATR()) != "\x3B\x00" {
			t.Errorf("ATR %X", link.ATR())
		}
		before := card.count()
		if answer, err := link.Transmit([]byte{0, 0x84, 0, 0, 4}); err != nil || len(answer) != 3 {
			t.Errorf("%X, %v", answer, err)
		}
		challenge := apdu.Step{Command: apdu.Command{INS: 0x84, Le: 4}}
		if replies, err := link.(apdu.Scripter).Script([]apdu.Step{challenge, challenge}); err != nil || len(replies) != 2 {
			t.Errorf("%v, %v", replies, err)
		}
		if n := card.count() - before; n != 3 {
			t.Errorf("%d commands", n)
		}
		if err := link.Close(); err != nil {
			t.Error(err)
		}
		eventually(t, "the card is let go", func() bool { return !card.powered() })
		if _, err := link.Transmit([]byte{0, 0x84, 0, 0, 4}); !errors.Is(err, cardio.ErrLinkDead) {
			t.Errorf("after the end: %v", err)
		}
	}
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(waiting); !so(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// What can be wrong is said as a reader says it; a service that ends in the middle leaves the card powered for nobody.
func TestShellRefuses(t *testing.T) {
	t.Parallel()
	dir, card := t.TempDir(), new(tape)
	if _, err := ShellReader(dir, "2", testKey(1)).Connect(t.Context()); !errors.Is(err, vending.ErrNoShell) {
		t.Errorf("nobody is there: %v", err)
	}
	stop := lent(t, dir, card)
	if _, err := ListenShell(dir); !errors.Is(err, vending.ErrTerminalBusy) {
		t.Errorf("a second service: %v", err)
	}
	var no *vending.Error
	if _, err := ShellReader(dir, "3", testKey(1)).Connect(t.Context()); !errors.As(err, &no) || no.Code != vending.ErrNoTerminal.Code {
		t.Errorf("a till without a PC: %v", err)
	}
	card.empty = true
	if _, err := ShellReader(dir, "2", testKey(1)).Connect(t.Context()); !errors.Is(err, cardio.ErrNoCard) {
		t.Errorf("no card: %v", err)
	}
	card.empty = false
	link, err := ShellReader(dir, "2", testKey(2)).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.(apdu.Scripter).Script([]apdu.Step{{Command: apdu.Command{INS: 0x84}}}); !errors.Is(err, cardio.ErrLinkDead) || card.count() > 0 {
		t.Errorf("a script of somebody else's: %v, %d commands", err, card.count())
	}
	if link, err = ShellReader(dir, "2", testKey(1)).Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := link.Transmit([]byte{0, 0x84, 0, 0, 4}); !errors.Is(err, cardio.ErrLinkDead) {
		t.Errorf("the service has ended: %v", err)
	}
}

// A service that was killed leaves its socket, which is in nobody's way.
func TestShellAfterAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Dir(shellSocket(dir)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(shellSocket(dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lent(t, dir, new(tape))
	if info, err := os.Stat(filepath.Dir(shellSocket(dir))); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter: %v, %v", info, err)
	}
	if _, err := ShellReader(dir, "2", testKey(1)).Connect(t.Context()); err != nil {
		t.Error(err)
	}
}

// While somebody has the card in hand the reader is busy, and keys are made where both ends let them be.
func TestReaderIsHeld(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	for _, permit := range []struct{ service, pc bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		x.Agent.mu.Lock()
		x.Agent.MayIssue = permit.pc
		x.Agent.mu.Unlock()
		r.chest.mu.Lock()
		t2 := r.chest.terminals[at.ID]
		t2.MayIssue = permit.service
		r.chest.terminals[at.ID] = t2
		r.chest.mu.Unlock()
		l, err := r.hub.Reader(at).Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := l.(cardio.Restricted).MayIssue(); got != (permit.service && permit.pc) {
			t.Errorf("%+v: %v", permit, got)
		}
		if _, err := r.hub.Reader(at).Connect(t.Context()); !errors.Is(err, cardio.ErrReaderBusy) {
			t.Errorf("a second one: %v", err)
		}
		for range 2 { // closed twice it is closed
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
