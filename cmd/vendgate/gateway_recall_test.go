package main

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// saysThen are books that say something, or fail.
func saysThen(b inBooks, err error) booksOf {
	return func(context.Context, gatewayConfig) (inBooks, error) { return b, err }
}

// A gateway that starts while the books are away reads what they had last, or at least the lines of its file.
func TestBooksThatAreAwayAtTheStart(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	had := inBooks{Meters: []vending.LineMeter{{Customer: 1001, Meter: "88010000000001", Model: "slow", Line: "/dev/ttyUSB0", Baud: 2400, Parity: "even"}},
		Models: []vending.MeterModel{{Name: "slow", Description: []byte(`{"base":"cjt188-gas","gap":"1s"}`)}}}
	away := errors.Join(vending.ErrDatabase, errors.New("connection refused"))
	dir := t.TempDir()
	ask := func(dir string, c gatewayConfig, now booksOf) (inBooks, error) {
		return orBefore(dir, now, log)(t.Context(), c)
	}
	if got, err := ask(dir, gatewayConfig{}, saysThen(had, nil)); err != nil || !reflect.DeepEqual(got, had) {
		t.Errorf("while they are there: %+v, %v", got, err)
	}
	if got, err := ask(dir, gatewayConfig{}, saysThen(inBooks{}, away)); err != nil || !reflect.DeepEqual(got, had) {
		t.Errorf("while they are away: %+v, %v", got, err)
	}
	if _, err := ask(t.TempDir(), gatewayConfig{}, saysThen(inBooks{}, away)); !errors.Is(err, vending.ErrDatabase) {
		t.Errorf("where nothing is known: %v", err)
	}
	if got, err := ask(t.TempDir(), gatewayConfig{Lines: []lineConfig{{Port: "/dev/ttyUSB0"}}}, saysThen(inBooks{}, away)); err != nil || len(got.Meters) != 0 {
		t.Errorf("with lines of a file: %+v, %v", got, err)
	}
	if _, err := ask(dir, gatewayConfig{}, saysThen(inBooks{}, errors.ErrUnsupported)); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("where it is not that they are away: %v", err)
	}
}

// What the books say of one line, and cannot be, keeps no other from being read, nor the file's own meters on it; what the file says
// wrongly ends the start.
func TestOneLineKeepsNoOtherFromStarting(t *testing.T) {
	t.Parallel()
	at := func(meter, line string, baud int) vending.LineMeter {
		return vending.LineMeter{Customer: 1001, Meter: meter, Address: meter, Model: "cjt188-gas", Line: line, Baud: baud, Parity: "even"}
	}
	opened := func(c gatewayConfig) (map[string]int, troubles, error) {
		f := &gatewayField{log: slog.New(slog.DiscardHandler), config: c, lines: map[string]*gatewayLine{}, calendar: gateway.Calendar{},
			metrics: gateway.NewMetrics(prometheus.NewRegistry())}
		defer f.close()
		wrong, err := f.openAll()
		meters := map[string]int{}
		for name, l := range f.lines {
			meters[name] = len(l.points)
		}
		return meters, wrong, err
	}
	c := gatewayConfig{Books: true, Lines: []lineConfig{{TCP: "127.0.0.1:2", Baud: 2400, Meters: []meterConfig{{Number: "88010000000009", Model: "cjt188-gas"}}}}}
	c.books.Meters = []vending.LineMeter{
		at("88010000000001", "tcp://127.0.0.1:1", 2400), at("88010000000002", "tcp://127.0.0.1:1", 2400),
		at("88010000000003", "dtu://42", 2400),          // no DTU dials in here
		at("88010000000004", "tcp://127.0.0.1:2", 9600), // the file has another rate
	}
	meters, wrong, err := opened(c)
	if want := map[string]int{"127.0.0.1:1": 2, "127.0.0.1:2": 1}; err != nil || !reflect.DeepEqual(meters, want) {
		t.Errorf("meters by line: %v, want %v; %v", meters, want, err)
	}
	if len(wrong) != 2 {
		t.Errorf("said to be wrong: %v", wrong)
	}
	c.Lines[0].Meters[0].Model = "nobody's"
	if _, _, err := opened(c); err == nil {
		t.Error("a model of the file that is none is taken")
	}
}
