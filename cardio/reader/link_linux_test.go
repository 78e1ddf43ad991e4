//go:build cgo

package reader

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/vendgate/vendgate/cardio"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for i, atr := range map[int][]byte{roundT1: atrT1, roundT0: atrT0} {
		t.Run(daemon.Name(i), func(t *testing.T) {
			t.Parallel()
			plug(t, daemon.Addr(i), atr, echo)
			r := newReader(i, Options{})
			link := open(t, r)
			if !bytes.Equal(link.ATR(), atr) {
				t.Errorf("ATR % X, want % X", link.ATR(), atr)
			}
			link.ATR()[0] = 0
			if link.ATR()[0] != 0x3B {
				t.Error("the ATR can be changed from outside")
			}
			roundTrip(t, link)
			roundTrip(t, link)
			if err := link.Close(); err != nil {
				t.Error(err)
			}
			dies(t, link)
			roundTrip(t, open(t, r))
		})
	}
}

func TestLongAnswer(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte{0xA5}, 4096)
	plug(t, daemon.Addr(many), atrT1, func(command []byte) []byte {
		if command[1] == 0xB0 {
			return append(bytes.Clone(long), 0x90, 0x00)
		}
		return echo(command)
	})
	r := newReader(many, Options{})
	link := open(t, r)
	answer, err := link.Transmit([]byte{0x00, 0xB0, 0x00, 0x00, 0x00, 0x10, 0x00})
	if err != nil || !bytes.Equal(answer, append(long, 0x90, 0x00)) {
		t.Fatalf("%d bytes, %v", len(answer), err)
	}
	if err := link.Close(); err != nil {
		t.Fatal(err)
	}
	t.Run("goroutines take turns", func(t *testing.T) { takeTurns(t, r) })
	t.Run("panics become errors", panicsBecomeErrors)
}

func takeTurns(t *testing.T, r *Reader) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				link, err := r.Connect(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := link.Transmit(command); err != nil {
					t.Error(err)
				}
				if err := link.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// ebfe/scard panics on an empty command.
func panicsBecomeErrors(t *testing.T) {
	card := another(t, daemon.Name(many), scard.ShareShared, protocols)
	if answer, err := transmit(card, nil); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("no command: % X, %v", answer, err)
	}
}

func TestBadCommands(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]byte{nil, {}, command[:3], make([]byte, maxCommand+1)} {
		r := newReader(many, Options{})
		l := &link{reader: r, worker: newWorker("")}
		if _, err := l.Transmit(bad); !errors.Is(err, cardio.ErrLinkDead) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

func TestPullBetweenCommands(t *testing.T) {
	t.Parallel()
	card := plug(t, daemon.Addr(between), atrT1, echo)
	r := newReader(between, Options{})
	link := open(t, r)
	roundTrip(t, link)
	card.pull()
	dies(t, link)
	within(t, time.Second, "closing a dead link", func() { _ = link.Close() })
	gone(t, r)
}

// The service answers this with no bytes and no error.
func TestPullWhileTheCardHoldsTheCommand(t *testing.T) {
	t.Parallel()
	plug(t, daemon.Addr(holding), atrT1, func([]byte) []byte { return pulled })
	r := newReader(holding, Options{})
	dies(t, open(t, r))
	gone(t, r)
}

func TestBadCards(t *testing.T) {
	t.Parallel()
	r := newReader(oneByte, Options{})
	mute := plug(t, daemon.Addr(oneByte), atrT1[:1], echo)
	eventually(t, "the mute card is seen", func() bool {
		link, err := r.Connect(t.Context())
		if err == nil {
			t.Fatalf("it was connected: % X", link.ATR())
		}
		return errors.Is(err, ErrMuteCard)
	})
	mute.pull()
	gone(t, r)
	plug(t, daemon.Addr(oneByte), atrT1, func([]byte) []byte { return []byte{0x90} })
	dies(t, open(t, r))
}

// Without the rule that the first error is the last, the second card answers on
// the first one's handle.
func TestFastSwap(t *testing.T) {
	t.Parallel()
	first := plug(t, daemon.Addr(swapped), atrT1, echo)
	r := newReader(swapped, Options{})
	link := open(t, r)
	roundTrip(t, link)
	first.pull()
	second := plug(t, daemon.Addr(swapped), atrT1, echo)
	dies(t, link)
	<-second.polled
	dies(t, link)
	if n := second.commands.Load(); n != 0 {
		t.Fatalf("the second card got %d commands on the first one's link", n)
	}
	roundTrip(t, open(t, r))
	if n := second.commands.Load(); n != 1 {
		t.Fatalf("the second card got %d commands on its own link", n)
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	card := plug(t, daemon.Addr(hanging), atrT1, func([]byte) []byte { return nil })
	r := newReader(hanging, Options{Transmit: 200 * time.Millisecond})
	link := open(t, r)
	plug(t, daemon.Addr(beside), atrT1, echo)
	other := open(t, newReader(beside, Options{}))
	within(t, 2*time.Second, "a command to a card that hangs", func() {
		if err := dies(t, link); !errors.Is(err, cardio.ErrReaderStuck) {
			t.Errorf("error %v", err)
		}
	})
	within(t, time.Second, "using the stuck reader", func() {
		if _, err := r.Connect(t.Context()); !errors.Is(err, cardio.ErrReaderStuck) {
			t.Errorf("Connect: %v", err)
		}
		if err := link.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if !r.Stuck() || r.GivenUp() != 1 {
		t.Errorf("stuck %v, given up %d", r.Stuck(), r.GivenUp())
	}
	within(t, time.Second, "the rest of the process", func() { othersWork(t, other) })
	card.pull()
	eventually(t, "the reader is free again", func() bool { return !r.Stuck() })
	gone(t, r)
	plug(t, daemon.Addr(hanging), atrT1, echo)
	roundTrip(t, open(t, r))
}

// othersWork would block for ever if anybody had touched the stuck context.
func othersWork(t *testing.T, other cardio.Link) {
	roundTrip(t, other)
}

// Close comes while the command is under way and the deadline far.
func TestCloseDoesNotWaitForAHang(t *testing.T) {
	t.Parallel()
	card := plug(t, daemon.Addr(closing), atrT1, func([]byte) []byte { return nil })
	r := newReader(closing, Options{Transmit: time.Minute, Close: 100 * time.Millisecond})
	link := open(t, r)
	failed := make(chan error, 1)
	go func() {
		_, err := link.Transmit(command)
		failed <- err
	}()
	<-card.got
	within(t, time.Second, "closing", func() {
		if err := link.Close(); !errors.Is(err, cardio.ErrReaderStuck) {
			t.Errorf("Close: %v", err)
		}
	})
	if !r.Stuck() {
		t.Error("not stuck")
	}
	card.pull()
	if err := <-failed; !errors.Is(err, cardio.ErrLinkDead) {
		t.Errorf("Transmit: %v", err)
	}
	eventually(t, "the reader is free again", func() bool { return !r.Stuck() })
}
