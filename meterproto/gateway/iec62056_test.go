package gateway_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// onText runs a test on a line with two meters of the text protocol.
func onText(t *testing.T, faults metersim.FaultPlan, test func(*testing.T, *link.Line)) {
	t.Helper()
	other := someState()
	other.Number, other.Consumed = "00000000000042", 1
	onCable(t, metersim.Line{Faults: faults, Seed: 1, Protocol: metersim.IEC62056Line{}}, nil, test,
		&metersim.IEC62056{Meter: still(someState())}, &metersim.IEC62056{Meter: still(other)})
}

func checkText(t *testing.T, got meterproto.Reading) {
	t.Helper()
	consumed := meterproto.Volume{Litres: 1_046_963, Resolution: 1, Valid: true}
	if got.Meter != number || got.Consumed != consumed || len(got.Registers) != 7 || string(got.Registers[0].Raw) != number {
		t.Errorf("got %+v", got)
	}
}

func TestTextOnEveryFault(t *testing.T) {
	t.Parallel()
	for fault, always := range map[metersim.Fault]error{
		metersim.NoFault: nil, metersim.Repeated: nil, metersim.Torn: nil, metersim.Echo: nil, metersim.Noise: nil,
		metersim.Silence: meterproto.ErrNoAnswer, metersim.Deaf: meterproto.ErrNoAnswer,
	} {
		onText(t, metersim.Always(fault), func(t *testing.T, line *link.Line) {
			got, err := gateway.Text(true).Read(t.Context(), line, number)
			if !errors.Is(err, always) || (err == nil) != (always == nil) {
				t.Errorf("%s: %v, want %v", fault, err, always)
			}
			if err == nil {
				checkText(t, got)
			}
		})
	}
	for _, fault := range append(metersim.LineFaults(), metersim.Deaf, metersim.Collision, metersim.Stranger) {
		onText(t, metersim.First(2, fault), func(t *testing.T, line *link.Line) {
			got, err := gateway.Text(true).Read(t.Context(), line, number)
			if fault == metersim.Stranger && errors.Is(err, meterproto.ErrWrongMeter) {
				return
			}
			if err != nil {
				t.Errorf("%s twice: %v", fault, err)
				return
			}
			checkText(t, got)
		})
	}
}

// A readout whose number is another's is no reading of the meter that was asked.
func TestTextMeterThatIsAnother(t *testing.T) {
	t.Parallel()
	onText(t, metersim.Always(metersim.Stranger), func(t *testing.T, line *link.Line) {
		if _, err := gateway.Text(true).Read(t.Context(), line, number); !errors.Is(err, meterproto.ErrWrongMeter) {
			t.Errorf("got %v", err)
		}
	})
	onText(t, metersim.Friendly(), func(t *testing.T, line *link.Line) {
		if got, err := gateway.Text(true).Read(t.Context(), line, "42"); err != nil || got.Consumed.Litres != 1 {
			t.Errorf("leading zeros: %+v, %v", got, err)
		}
		if _, err := gateway.Text(true).Read(t.Context(), line, "43"); !errors.Is(err, meterproto.ErrNoAnswer) {
			t.Errorf("nobody's address: %v", err)
		}
		if _, err := gateway.Text(true).Read(t.Context(), line, "4!"); err == nil {
			t.Error("a mark in an address was taken")
		}
	})
}

// speeds is a line whose rate can change: it remembers when that was asked for.
type speeds struct {
	*link.Line
	asked []int
	at    []time.Time
	fail  error
}

func (s *speeds) SetBaud(_ context.Context, baud int) error {
	s.asked, s.at = append(s.asked, baud), append(s.at, time.Now())
	return s.fail
}

// A meter that takes its time is heard at the rate it offers, and the line goes
// back to its own, whatever happens.
func TestTextMeterChangesTheRate(t *testing.T) {
	t.Parallel()
	slave := &metersim.IEC62056{Meter: still(someState()), Speed: '5'}
	onCable(t, metersim.Line{Faults: metersim.Friendly(), Think: 200 * time.Millisecond, Protocol: metersim.IEC62056Line{}}, nil,
		func(t *testing.T, line *link.Line) {
			s := &speeds{Line: line}
			got, err := gateway.Text(false).Read(t.Context(), s, number)
			if err != nil || !slices.Equal(s.asked, []int{9600, 0}) {
				t.Errorf("%v, %v", s.asked, err)
				return
			}
			checkText(t, got)
			s = &speeds{Line: line, fail: meterproto.ErrSpeed}
			if _, err := gateway.Text(false).Read(t.Context(), s, number); !errors.Is(err, meterproto.ErrSpeed) || s.asked[len(s.asked)-1] != 0 {
				t.Errorf("%v, %v", s.asked, err)
			}
		}, slave)
}

// script is a line on which each request has its answer, which comes in pieces.
type script map[string][]string

func (s script) Exchange(_ context.Context, request []byte, _ meterproto.Timing, accept func([]byte) ([]byte, bool)) error {
	var stream []byte
	for _, piece := range s[string(request)] {
		rest, done := accept(append(stream, piece...))
		if done {
			return nil
		}
		stream = rest
	}
	if len(s[string(request)]) == 0 {
		return meterproto.ErrNoAnswer
	}
	return meterproto.ErrGarbage
}

const (
	// The readout of Kamstrup's MULTICAL (jonkerj/go-iec62056), and one with a BCC by hand.
	multicalData = "\x020.0(00005077354)\r\n6.8(00433.65*GJ)\r\n6.26(03052.95*m3)\r\n6.31(0109868*h)!\r\n\x03a"
	onlyVolume   = "\x028-0:1.0.0(1.5*m3)\r\n!\r\n\x03\x53"
)

func TestTextMetersOfOtherModes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line   script
		litres int64
		want   error
	}{
		"data follow by themselves": {script{"/?!\r\n": {"/KAM MC\r\n", multicalData}}, 3_052_950, nil},
		"a fast one keeps its rate": {script{"/?!\r\n": {"/ABc5X\r\n"}, "\x06000\r\n": {onlyVolume}}, 1_500, nil},
		"an open rate is kept":      {script{"/?!\r\n": {"/ABC9X\r\n"}, "\x06000\r\n": {onlyVolume}}, 1_500, nil},
		"no speeder":                {script{"/?!\r\n": {"/ABC5X\r\n"}}, 0, meterproto.ErrSpeed},
		"no block check":            {script{"/?!\r\n": {"/ABc5X\r\n"}, "\x06000\r\n": {onlyVolume[:len(onlyVolume)-2]}}, 0, meterproto.ErrGarbage},
		"a broken CRC":              {script{"/?!\r\n": {"/ABC3X\r\n\r\n8-0:1.0.0(1.5*m3)\r\n!0000\r\n"}}, 0, meterproto.ErrGarbage},
	} {
		got, err := gateway.Text(false).Read(t.Context(), c.line, "")
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || got.Consumed.Litres != c.litres {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
