//go:build cgo

package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/vreader"
)

// daemon is the one private pcscd to which the client library of this process
// is bound. Tests that kill or watch it are serial and therefore run before the
// parallel ones, each of which has a reader of its own.
var daemon *vreader.Daemon

// Readers by test.
const (
	killed = iota
	watched
	watchedToo
	chosen
	chosenToo
	beside
	roundT1
	roundT0
	swapped
	hanging
	shared
	exclusive
	many
	closing
	readers

	// These share a reader with a serial test whose card has left long before.
	oneByte = killed
	between = watched
	holding = watchedToo
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "reader")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	if daemon, err = vreader.Start(context.Background(), dir, readers); err != nil {
		fmt.Println(err)
		return 1
	}
	defer daemon.Close()
	if err := daemon.Use(); err != nil {
		fmt.Println(err)
		return 1
	}
	return m.Run()
}

var command = []byte{0x00, 0xCA, 0x01, 0x02, 0x00}

// open waits until the service has seen the card, then connects it.
func open(t *testing.T, r *Reader) cardio.Link {
	t.Helper()
	var link cardio.Link
	eventually(t, "the card can be connected", func() bool {
		var err error
		link, err = r.Connect(t.Context())
		if err != nil && !errors.Is(err, cardio.ErrNoCard) {
			t.Fatal(err)
		}
		return err == nil
	})
	t.Cleanup(func() { _ = link.Close() })
	return link
}

// gone waits until the service itself has noticed that there is no card, which
// is when the next one may be plugged in: one that comes earlier can go unseen.
// A command that failed also makes it say "absent", but only its own look at the
// reader moves the counter.
// It asks over a handle that needs no card, because asking for status changes is
// the Monitor's alone.
func gone(t *testing.T, r *Reader) {
	t.Helper()
	direct := another(t, r.Name(), scard.ShareDirect, scard.ProtocolUndefined)
	defer direct.Disconnect(scard.LeaveCard)
	eventually(t, "the reader is empty", func() bool {
		status, err := direct.Status()
		if err != nil {
			return errors.Is(err, scard.ErrRemovedCard)
		}
		comesAndGoes := status.State >> counterShift
		return status.State&scard.Absent != 0 && comesAndGoes%2 == 0
	})
	if _, err := r.Connect(t.Context()); !errors.Is(err, cardio.ErrNoCard) {
		t.Fatalf("an empty reader: %v", err)
	}
}

func roundTrip(t *testing.T, link cardio.Link) {
	t.Helper()
	answer, err := link.Transmit(command)
	if err != nil || !bytes.Equal(answer, echo(command)) {
		t.Fatalf("answer % X, error %v", answer, err)
	}
}

// dies proves that a link fails now, and for good.
func dies(t *testing.T, link cardio.Link) error {
	t.Helper()
	answer, first := link.Transmit(command)
	if !errors.Is(first, cardio.ErrLinkDead) || answer != nil {
		t.Fatalf("answer % X, error %v; a dead link was expected", answer, first)
	}
	for range 5 {
		if _, err := link.Transmit(command); err != first {
			t.Fatalf("a dead link said %v after %v", err, first)
		}
	}
	return first
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline, tick := time.After(10*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("never came true: %s", what)
		case <-tick.C:
		}
	}
}

// within fails when something took too long.
func within(t *testing.T, limit time.Duration, what string, do func()) {
	t.Helper()
	begun := time.Now()
	do()
	if took := time.Since(begun); took > limit {
		t.Errorf("%s took %v, more than %v", what, took, limit)
	}
}

func newReader(i int, o Options) *Reader { return New(daemon.Name(i), o) }
