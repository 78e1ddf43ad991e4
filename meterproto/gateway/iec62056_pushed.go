package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// pushListener picks a telegram of one meter out of what a line gives by itself, and
// remembers what else it saw, to say why there was none.
type pushListener struct {
	asked string

	telegram iec62056.Message
	device   iec62056.Device // in it, the one that was asked

	before *iec62056.Message // without a CRC, and nothing came since
	sealed bool              // the line has CRCs
	why    error             // the last telegram was not taken
}

// Why a telegram is not taken, beside a CRC that is wrong.
var (
	errCut         = errors.New("a telegram has lost its CRC")
	errUnconfirmed = errors.New("telegrams without a CRC, of which no two in a row agree")
)

// accept is shown the line's bytes; see link.Line.
func (l *pushListener) accept(stream []byte) (rest []byte, done bool) {
	text := bytes.Clone(stream) // a telegram is kept, and the stream goes on to be used
	if plain, ok := iec62056.StripParity(text); ok {
		text = plain
	}
	for {
		m, _, behind, err := iec62056.Next(text, nil)
		if err == nil && m.Kind == iec62056.Readout {
			done = l.take(m)
		}
		if text = behind; err != nil || done {
			return stream[len(stream)-len(behind):], done
		}
	}
}

// take reports whether m is a telegram of the meter, and proved.
func (l *pushListener) take(m iec62056.Message) bool {
	before := l.before
	l.before = nil
	switch {
	case m.Seal == iec62056.BrokenCRC:
		l.sealed, l.why = true, iec62056.ErrBroken
		return false
	case m.Seal == iec62056.Unsealed && (l.sealed || m.PromisesCRC()):
		l.why = errCut
		return false
	}
	l.sealed = l.sealed || m.Seal == iec62056.CRC
	if !l.names(m) {
		return false
	}
	if m.Seal == iec62056.Unsealed && (before == nil || !m.Confirms(*before)) {
		l.before, l.why = &m, errUnconfirmed
		return false
	}
	l.telegram = m
	return true
}

// names finds the device that was asked in the telegram.
func (l *pushListener) names(m iec62056.Message) bool {
	var others []string
	for _, d := range m.Devices() {
		if l.asked == "" || d.Is(l.asked) {
			l.device = d
			return true
		}
		others = append(others, d.Number)
	}
	l.why = fmt.Errorf("%w: the telegram is of %s", meterproto.ErrWrongMeter, strings.Join(others, ", "))
	return false
}

// explain says more than the line can: it only knows that no telegram was taken.
func (l *pushListener) explain(err error) error {
	switch {
	case errors.Is(err, meterproto.ErrNoAnswer):
		return ErrNoTelegram
	case !errors.Is(err, meterproto.ErrGarbage) || l.why == nil:
		return err
	case errors.Is(l.why, meterproto.ErrWrongMeter):
		return l.why
	}
	return fmt.Errorf("%w: %w", meterproto.ErrGarbage, l.why)
}
