package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// IEC62056 is the Driver of meters that give a readout in modes A, B and C. The line
// is opened at 300 baud, 7E1, and changes its rate where the meter offers another
// one; a line that cannot stays at 300. A meter is named by its device
// address; "" is whichever meter is alone under the head.
type IEC62056 struct {
	Timing meterproto.Timing
	Rolls  bool // a register begins again after as many digits as are printed
}

// Text is a meter asked as the standard has it.
func Text() IEC62056 { return IEC62056{Timing: iec62056.Timing()} }

// Read signs on and takes the readout.
func (d IEC62056) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	r, err := retry(ctx, d.Timing, "readout", func() (meterproto.Reading, error) { return d.session(ctx, line, meter) })
	if err != nil {
		return meterproto.Reading{}, fmt.Errorf("read meter %q: %w", meter, err)
	}
	r.Meter = meter
	if d.Rolls {
		byDigits(r.Registers)
	}
	fill(&r)
	return r, nil
}

// session is one, from sign-on to readout. The line goes back to its first rate,
// whatever came of it.
func (d IEC62056) session(ctx context.Context, line Line, meter string) (r meterproto.Reading, err error) {
	defer func() { err = errors.Join(err, slowDown(ctx, line)) }()
	t := d.Timing
	t.Idle = t.Answer // what the meter before was asked for may still come
	said, r, err := d.exchange(ctx, line, iec62056.Message{Kind: iec62056.SignOn, Device: []byte(meter)}, t)
	if err == nil && said.Kind == iec62056.Identified {
		ident := said.Ident
		said, r, err = d.readout(ctx, line, ident)
		if errors.Is(err, meterproto.ErrSpeed) { // nothing was sent
			ident.Baud = '0'
			said, r, err = d.readout(ctx, line, ident)
		}
	} else if err == nil && !unasked(said.Ident) {
		err = fmt.Errorf("%w: a readout without an option", meterproto.ErrStale)
	}
	if err == nil {
		err = foreignReadout(said, meter)
	}
	return r, err
}

// unasked tells whether a meter that calls itself so sends its readout without an option: modes A and B. One that comes without an
// identification is the end of another's.
func unasked(ident iec62056.Identification) bool { return ident.Baud != 0 && ident.Mode() != 'C' }

// foreignReadout says whose a readout is, where that is not the meter that was asked: a readout that bears numbers of its meter has
// that one among them, as it is or without its leading zeros.
func foreignReadout(m iec62056.Message, asked string) error {
	m.Ident = iec62056.Identification{} // which is no number
	var others []string
	for _, d := range m.Devices() {
		if d.Is(asked) || strings.TrimLeft(d.Number, "0") == strings.TrimLeft(asked, "0") {
			return nil
		}
		if d.Channel == 0 {
			others = append(others, d.Number)
		}
	}
	if asked == "" || len(others) == 0 {
		return nil
	}
	return fmt.Errorf("%w: the readout is of %s", meterproto.ErrWrongMeter, strings.Join(others, ", "))
}

// slowDown puts the line back to its first rate, also where nobody waits any more.
func slowDown(ctx context.Context, line Line) error {
	s, ok := line.(Speeder)
	if !ok {
		return nil
	}
	err := s.SetBaud(context.WithoutCancel(ctx), 0)
	if errors.Is(err, meterproto.ErrSpeed) {
		return nil // it has never had another
	}
	return err
}

// readout asks for the data, at the rate that the meter offers.
func (d IEC62056) readout(ctx context.Context, line Line, ident iec62056.Identification) (iec62056.Message, meterproto.Reading, error) {
	t := d.Timing
	option := iec62056.Option{Protocol: '0', Baud: '0', Mode: '0'}
	if rate, ok := ident.BaudRate(); ok && ident.Mode() == 'C' && ident.Baud != '0' {
		option.Baud, t.Baud = ident.Baud, rate
	}
	m, r, err := d.exchange(ctx, line, iec62056.Message{Kind: iec62056.OptionSelect, Option: option}, t)
	if err == nil && m.Kind != iec62056.Readout {
		err = fmt.Errorf("%w: an answer that is no readout", meterproto.ErrStale)
	}
	return m, r, err
}

// exchange sends one message and takes what the meter answers.
func (d IEC62056) exchange(ctx context.Context, line Line, m iec62056.Message, t meterproto.Timing) (answer iec62056.Message, r meterproto.Reading, err error) {
	request, err := m.AppendTo(nil)
	if err != nil {
		return answer, r, err
	}
	var wrong error
	err = line.Exchange(ctx, request, t, func(stream []byte) ([]byte, bool) {
		text := bytes.Clone(stream) // registers are parts of it, and the stream goes on to be used
		if plain, ok := iec62056.StripParity(text); ok {
			text = plain
		}
		var ok bool
		if answer, ok = answerIn(text); ok {
			r.Registers, wrong = iec62056.AppendRegisters(nil, answer)
		}
		return stream, ok
	})
	if err == nil && wrong != nil {
		err = fmt.Errorf("%w: %w", meterproto.ErrGarbage, wrong)
	}
	return answer, r, err
}

// answerIn finds what the meter says, behind noise and our own echo. An
// identification is known by its line break where nothing follows it before we
// answer, in mode C; in other modes the data follows by itself.
func answerIn(text []byte) (m iec62056.Message, ok bool) {
	for rest := text; ; {
		got, _, behind, err := iec62056.Next(rest, nil)
		if err != nil {
			break
		}
		if got.Kind == iec62056.Identified || got.Kind == iec62056.Readout {
			return got, true
		}
		rest = behind
	}
	for at := bytes.IndexByte(text, '/'); at >= 0; {
		got, err := iec62056.Decode(text[at:], nil)
		if err == nil && got.Kind == iec62056.Identified && got.Ident.Mode() == 'C' && bytes.HasSuffix(text, []byte("\r\n")) {
			return got, true
		}
		next := bytes.IndexByte(text[at+1:], '/')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return m, false
}
