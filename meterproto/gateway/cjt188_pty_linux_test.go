package gateway_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// serve puts the meter on a pseudo-terminal and opens it as a serial port at
// 2400 baud. Where nothing is tried again, patience keeps a busy machine from
// looking like a silent meter.
func serve(t *testing.T, l metersim.Line, patience float64) (*link.Line, *metersim.PTY) {
	t.Helper()
	l.Log = io.Discard
	bus := metersim.NewBus(l)
	if err := bus.Add(still(someState())); err != nil {
		t.Fatal(err)
	}
	pty, err := metersim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- bus.Serve(pty) }()
	line, err := link.Open(pty.Path, link.Mode{Baud: 2400, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = line.Close()
		_ = pty.Close()
		if err := <-ended; err != nil {
			t.Errorf("bus: %v", err)
		}
	})
	return line, pty
}

// outcome is what one reading over a terminal ended in.
type outcome struct {
	name string
	got  meterproto.Reading
	err  error
	want error
}

// The same faults as on the cable, over a real terminal, the serial library and
// a real clock. All lines are read at the same time: they mostly wait. What
// always goes wrong is tried once only, to save time. Where another try would hide
// that an answer came late, it is waited for patiently.
func TestEveryFaultOverATerminal(t *testing.T) {
	t.Parallel()
	const patient = 10
	outcomes, n := make(chan outcome), 0
	read := func(name string, plan metersim.FaultPlan, retries int, patience float64, want error) {
		n++
		line, _ := serve(t, metersim.Line{Faults: plan, Seed: 7}, patience)
		options := gateway.Gas()
		options.Timing.Retries = retries
		go func() {
			got, err := options.Read(t.Context(), line, number)
			outcomes <- outcome{name, got, err, want}
		}()
	}
	for f, ends := range faults() {
		if ends.once != nil {
			read(string(f)+" once", metersim.First(1, f), 3, patient, ends.once)
		} else {
			read(string(f)+" once", metersim.First(1, f), 9, 1, nil)
		}
		if ends.always != nil && f != metersim.Late { // Late needs a second try to be told from silence
			read(string(f)+" always", metersim.Always(f), 0, patient, ends.always)
		}
	}
	for range n {
		o := <-outcomes
		t.Run(o.name, func(t *testing.T) { check(t, o.got, o.err, o.want) })
	}
}

// A reading at 2400 baud takes at least the time of its characters: the
// simulator keeps the baud rate.
func TestTerminalKeepsTheBaudRate(t *testing.T) {
	t.Parallel()
	line, _ := serve(t, metersim.Line{Faults: metersim.Friendly()}, 1)
	start := time.Now()
	got, err := gateway.Gas().Read(t.Context(), line, number)
	check(t, got, err, nil)
	// Two requests of 16 bytes, answers of 35 and 31, and twice 20 ms to think.
	least := 98*11*time.Second/2400 + 40*time.Millisecond
	if took := time.Since(start); took < least {
		t.Errorf("took %v, at least %v is right", took, least)
	}
}

func TestTerminalPulledOut(t *testing.T) {
	t.Parallel()
	line, pty := serve(t, metersim.Line{Faults: metersim.Always(metersim.Silence)}, 1)
	go func() { _ = pty.Close() }()
	got, err := gateway.Gas().Read(t.Context(), line, number)
	check(t, got, err, meterproto.ErrLineGone)
	if err != nil && !strings.Contains(err.Error(), pty.Path) {
		t.Errorf("which port: %v", err)
	}
}
