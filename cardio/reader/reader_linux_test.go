//go:build cgo

package reader

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/vendgate/vendgate/cardio"
)

func TestUnknownReader(t *testing.T) {
	t.Parallel()
	r := New("no such reader", Options{})
	_, err := r.Connect(t.Context())
	if !errors.Is(err, cardio.ErrNoReader) || !strings.Contains(err.Error(), `"no such reader"`) {
		t.Errorf("%v", err)
	}
}

// Service tests are serial: they take the daemon from everyone.

func TestServiceKilled(t *testing.T) {
	plug(t, daemon.Addr(killed), atrT1, echo)
	r := newReader(killed, Options{})
	open(t, r).Close()
	before := openFiles(t)
	for range 20 {
		open(t, r).Close()
	}
	if after := openFiles(t); after > before {
		t.Errorf("20 links turned %d open files into %d", before, after)
	}
	link := open(t, r)
	roundTrip(t, link)
	daemon.Kill()
	dies(t, link)
	before = openFiles(t)
	for range 10 {
		within(t, time.Second, "asking a dead service", func() {
			if _, err := r.Connect(t.Context()); !errors.Is(err, ErrNoService) {
				t.Errorf("Connect: %v", err)
			}
		})
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d open files became %d", before, after)
	}
	if err := daemon.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	dies(t, link)
	plug(t, daemon.Addr(killed), atrT1, echo)
	roundTrip(t, open(t, r))
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// A frozen service answers nobody: every call has to come back all the same, and
// asking often must not cost a thread each time.
func TestServiceFrozen(t *testing.T) {
	gone(t, newReader(killed, Options{}))
	plug(t, daemon.Addr(killed), atrT1, echo)
	r := newReader(killed, Options{Transmit: 100 * time.Millisecond, Connect: 100 * time.Millisecond, Close: 100 * time.Millisecond})
	link := open(t, r)
	other := newReader(killed^1, Options{Connect: 100 * time.Millisecond})
	if err := syscall.Kill(daemon.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	goroutines := runtime.NumGoroutine()
	within(t, 5*time.Second, "asking a frozen service", func() {
		if err := dies(t, link); !errors.Is(err, cardio.ErrReaderStuck) {
			t.Errorf("Transmit: %v", err)
		}
		if _, err := other.Connect(t.Context()); !errors.Is(err, ErrNoService) {
			t.Errorf("Connect: %v", err)
		}
		for range 10 {
			_, _ = other.Connect(t.Context())
		}
	})
	// One for the other reader, and a timer's or two.
	if n, more := other.GivenUp(), runtime.NumGoroutine()-goroutines; n != 1 || more > 3 {
		t.Errorf("%d calls given up, %d goroutines more", n, more)
	}
	if err := syscall.Kill(daemon.Pid(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the reader is free again", func() bool { return !r.Stuck() })
	roundTrip(t, open(t, r))
}

func TestReaderWithoutName(t *testing.T) {
	r := New("", Options{})
	var unclear *UnclearError
	// Cards of earlier tests leave within a poll.
	eventually(t, "no reader holds a card", func() bool {
		_, err := r.Connect(t.Context())
		return errors.Is(err, cardio.ErrNoCard) && errors.As(err, &unclear) && len(unclear.Readers) == daemon.Len()
	})
	plug(t, daemon.Addr(chosen), atrT1, echo)
	link := open(t, r)
	roundTrip(t, link)
	if r.Name() != daemon.Name(chosen) {
		t.Errorf("chose %q", r.Name())
	}
	if err := link.Close(); err != nil {
		t.Fatal(err)
	}
	plug(t, daemon.Addr(chosenToo), atrT1, echo)
	open(t, newReader(chosenToo, Options{})).Close()
	_, err := r.Connect(t.Context())
	if !errors.As(err, &unclear) || errors.Is(err, cardio.ErrNoCard) ||
		!slices.Equal(unclear.WithCard, []string{daemon.Name(chosen), daemon.Name(chosenToo)}) {
		t.Errorf("two cards: %v", err)
	}
}

// another is another program: its own context, its own handle.
func another(t *testing.T, name string, mode scard.ShareMode, p scard.Protocol) *scard.Card {
	t.Helper()
	ctx, err := scard.EstablishContext()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ctx.Release() })
	card, err := ctx.Connect(name, mode, p)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func TestOtherProgramHoldsTheCard(t *testing.T) {
	t.Parallel()
	plug(t, daemon.Addr(shared), atrT1, echo)
	r := newReader(shared, Options{})
	open(t, r).Close()
	other := another(t, daemon.Name(shared), scard.ShareShared, protocols)
	if err := other.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		busy(t, r)
	}
	if r.Stuck() || r.GivenUp() != 1 {
		t.Errorf("stuck %v, %d given up", r.Stuck(), r.GivenUp())
	}
	if err := other.EndTransaction(scard.LeaveCard); err != nil {
		t.Fatal(err)
	}
	// The attempt that was given up gets its turn now and must leave the card as it is.
	r.slot <- struct{}{}
	<-r.slot
	if _, err := other.Transmit(command); err != nil {
		t.Errorf("the other program lost its card: %v", err)
	}
	link := open(t, r)
	roundTrip(t, link)
	busy(t, r) // its own link holds it
	roundTrip(t, link)
}

func busy(t *testing.T, r *Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	within(t, time.Second, "a busy reader", func() {
		if _, err := r.Connect(ctx); !errors.Is(err, cardio.ErrReaderBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Connect: %v", err)
		}
	})
}

func TestOtherProgramIsExclusive(t *testing.T) {
	t.Parallel()
	plug(t, daemon.Addr(exclusive), atrT1, echo)
	r := newReader(exclusive, Options{})
	open(t, r).Close()
	another(t, daemon.Name(exclusive), scard.ShareExclusive, protocols)
	if _, err := r.Connect(t.Context()); !errors.Is(err, cardio.ErrReaderBusy) {
		t.Errorf("Connect: %v", err)
	}
}

func TestMeanings(t *testing.T) {
	t.Parallel()
	for code, want := range map[scard.Error]error{
		0x8010000C: cardio.ErrNoCard, 0x80100069: cardio.ErrNoCard,
		0x80100009: cardio.ErrNoReader, 0x80100017: cardio.ErrNoReader, 0x8010002E: cardio.ErrNoReader,
		0x8010000B: cardio.ErrReaderBusy, 0x80100068: cardio.ErrReaderBusy,
		0x80100066: ErrMuteCard, 0x80100067: ErrMuteCard,
		0x8010001D: ErrNoService, 0x8010001E: ErrNoService, 0x80100013: ErrNoService,
		0x8010006A: ErrNotAllowed,
	} {
		if err := explain(code); !errors.Is(err, want) || !errors.Is(err, code) {
			t.Errorf("%#x: %v", uint32(code), err)
		}
	}
	if err := explain(scard.Error(0x80100016)); err != scard.Error(0x80100016) {
		t.Errorf("a code without a meaning became %v", err)
	}
}
