package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// hourly wants nothing in the time of a test.
type hourly struct{}

func (hourly) Next(t time.Time) time.Time { return t.Add(48 * time.Hour) }

// echo is a line on which everything comes back.
func echo(t *testing.T) *link.Line {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	line, err := link.Dial(l.Addr().String(), link.Mode{Baud: 2400, Latency: 30 * time.Millisecond, Patience: 1.5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	return line
}

// lender is a gateway with one line, a. It ends with the test.
func lender(t *testing.T) (f *gatewayField, path string) {
	log := slog.New(slog.DiscardHandler)
	line, dir := echo(t), t.TempDir()
	bus, err := gateway.NewBus("a", line, nil, hourly{}, nil, gateway.NewMetrics(prometheus.NewRegistry()), log)
	if err != nil {
		t.Fatal(err)
	}
	f = &gatewayField{log: log, askTime: 100 * time.Millisecond, lines: map[string]*gatewayLine{"a": {line: line, bus: bus, ended: make(chan struct{})}}}
	f.chores = newChores(choresConfig{}, f, newChoreMetrics(prometheus.NewRegistry()))
	f.counter = f.openCounter(dir)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return f, counterPath(dir)
}

// A loan whose turn comes after the time to ask is a loan all the same.
func TestLoanThatWaits(t *testing.T) {
	t.Parallel()
	f, path := lender(t)
	busy := make(chan struct{})
	go func() {
		_ = f.lines["a"].bus.Do(t.Context(), "", gateway.Customer, func(context.Context, gateway.Line, gateway.Point) error {
			close(busy)
			time.Sleep(3 * f.askTime) // the time to ask is over by then: what is tested
			return nil
		})
	}()
	<-busy
	c, _, err := askCounter(path, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	got := make([]byte, 4)
	if _, err = io.WriteString(c, "ping"); err == nil {
		_, err = io.ReadFull(c, got)
	}
	if err != nil || string(got) != "ping" {
		t.Errorf("%q, %v", got, err)
	}
}

// Whoever borrows a line waits as long for its meters as the gateway does, and for the loan.
func TestLoanHasThePaceOfItsLine(t *testing.T) {
	t.Parallel()
	_, path := lender(t)
	a := &app{dataDir: filepath.Dir(path)}
	line, err := a.borrow(lineConfig{Port: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	if latency, patience := line.Pace(); latency != 30*time.Millisecond+hopTime || patience != 1.5 {
		t.Errorf("latency %v, patience %v", latency, patience)
	}
	for _, answer := range []string{"lent", "lent 1s", "lent x 1", "lent 1s x", "sold 1s 1"} {
		if err := pace(answer, new(link.Mode)); err == nil {
			t.Errorf("%q is taken", answer)
		}
	}
}

// A scan has a line that the gateway holds by its leave, and is no second master on it.
func TestScanBorrowsItsLine(t *testing.T) {
	t.Parallel()
	_, path := lender(t)
	a := &app{dataDir: filepath.Dir(path), out: io.Discard, errs: io.Discard, output: "csv"}
	err := runMeterScan(t.Context(), a, meterScanOptions{bus: busOptions{line: "a", protocol: "cjt188", parity: "even"}})
	if !errors.Is(err, meterproto.ErrNoAnswer) { // the port itself is not there
		t.Error(err)
	}
}

// Where the gateway hangs up instead of lending, the error says so, and words know it.
func TestLoanThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lines.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = readName(c)
			_ = c.Close()
		}
	}()
	_, _, err = askCounter(path, "a")
	if !errors.Is(err, meterproto.ErrLineGone) || !errors.Is(err, io.EOF) ||
		!strings.HasPrefix(err.Error(), "the gateway did not lend line a: ") || !strings.HasSuffix(err.Error(), "EOF: try again") {
		t.Error(err)
	}
}
