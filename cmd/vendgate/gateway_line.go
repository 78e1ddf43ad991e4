package main

import (
	"context"
	"os"
	"slices"
	"sync/atomic"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// gatewayLine is one line of a gateway, open.
type gatewayLine struct {
	config lineConfig
	line   *link.Line
	tape   *os.File // transcript; nil: none
	ser    *gateway.Counter
	bus    *gateway.Bus
	points []gateway.Point // of the bus; under gatewayField.mu
	busy   atomic.Bool     // with chores
	ended  chan struct{}   // closed once it is closed

	gaveWay map[string]int // how often in a row the price of a meter did; the bus's goroutine alone
}

// mostGaveWay bounds how often in a row a price gives way to customers: then it has its time, as else it might never come to its end.
const mostGaveWay = 3

// givingWay does something on the bus's line that begins again where it is cut short: it gives way to a customer who waits, and its error is
// gateway.ErrGaveWay then.
func (l *gatewayLine) givingWay(meter string, line gateway.Line, do func(gateway.Line) error) error {
	if l.gaveWay[meter] >= mostGaveWay {
		delete(l.gaveWay, meter)
		return do(line)
	}
	way := l.bus.GivingWay()
	err := do(way)
	if err == nil || !way.Gave() {
		delete(l.gaveWay, meter)
		return err
	}
	l.gaveWay[meter]++
	return gateway.ErrGaveWay // what the meter seems to have said, or not, is no news of it
}

// open opens a line and puts its meters on it; nothing is asked yet.
func (f *gatewayField) open(c gatewayConfig, w lineConfig) (_ *gatewayLine, err error) {
	l := &gatewayLine{config: w, ser: new(gateway.Counter), ended: make(chan struct{}), gaveWay: map[string]int{}}
	if l.points, err = c.points(w, l.ser); err != nil {
		return nil, err
	}
	if l.line, err = w.open(f.hub); err != nil {
		return nil, err
	}
	if w.Transcript != "" {
		if l.tape, err = os.OpenFile(w.Transcript, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
			l.line.Record(l.tape)
		}
	}
	if err == nil {
		l.bus, err = gateway.NewBus(w.name(), l.line, l.points, f.calendar, f, f.metrics, f.log)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// start has a line work until ctx ends, or it is told to leave; it is closed then.
func (f *gatewayField) start(ctx context.Context, l *gatewayLine) {
	f.running.Go(func() {
		l.bus.Run(ctx)
		l.close()
		close(l.ended)
		select {
		case f.again <- struct{}{}:
		default: // it is known that one has
		}
	})
}

// become has a line that runs be as it is to be from now on. Where that takes another line, it leaves, and is to be opened anew.
func (f *gatewayField) become(l *gatewayLine, c gatewayConfig, w lineConfig) error {
	if _, err := w.mode(); err != nil {
		return err
	}
	points, err := c.points(w, l.ser)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(points, l.points, func(a, b gateway.Point) bool { return a.Way == b.Way }) {
		if err := l.bus.Follow(points); err != nil {
			return err
		}
		f.mu.Lock()
		l.points = points
		f.mu.Unlock()
	}
	if !w.alike(l.config) {
		l.bus.Leave()
	}
	return nil
}

// over says whether the line is closed.
func (l *gatewayLine) over() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// close gives back port and file.
func (l *gatewayLine) close() {
	_ = l.line.Close()
	if l.tape != nil {
		_ = l.tape.Close()
	}
}
