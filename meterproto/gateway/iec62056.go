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

// IEC62056 is the Driver of meters of the text protocol, modes A and C. A meter's
// address is its device address; "" asks whichever meter is alone on the line.
type IEC62056 struct {
	Timing meterproto.Timing
	// FixedRate is for lines whose rate the meter does not change, as RS-485 and
	// converters on TCP. Else the line must be a Speeder: a mode C meter that takes
	// its time is heard at the rate that it offers.
	FixedRate bool
}

// Text is a meter asked as its standard has it, on a line that keeps its rate or
// not.
func Text(fixedRate bool) IEC62056 { return IEC62056{iec62056.Timing(), fixedRate} }

// Read signs on and takes the readout.
func (d IEC62056) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	signOn, err := iec62056.Message{Kind: iec62056.SignOn, Device: []byte(meter)}.AppendTo(nil)
	if err != nil {
		return meterproto.Reading{}, err
	}
	readout, err := retry(ctx, d.Timing, "the readout", func() (iec62056.Message, error) { return d.session(ctx, line, signOn) })
	if err != nil {
		return meterproto.Reading{}, fmt.Errorf("read meter %q: %w", meter, err)
	}
	registers, err := iec62056.AppendRegisters(nil, readout)
	if errors.Is(err, iec62056.ErrBroken) {
		err = fmt.Errorf("%w: %w", meterproto.ErrGarbage, err)
	}
	if err != nil {
		return meterproto.Reading{}, err
	}
	number, err := numberIn(readout, meter)
	return meterproto.Named(number, registers), err
}

// session is one sign-on and what follows it.
func (d IEC62056) session(ctx context.Context, line Line, signOn []byte) (iec62056.Message, error) {
	m, err := d.hear(ctx, line, signOn, d.Timing)
	if err != nil || m.Kind == iec62056.Readout {
		return m, err
	}
	rate, known := m.Ident.BaudRate()
	option := iec62056.Message{Kind: iec62056.OptionSelect, Option: iec62056.Option{Protocol: '0', Baud: m.Ident.Baud, Mode: '0'}}
	change := !d.FixedRate && known && !m.Ident.FastAnswer()
	if !change && !d.FixedRate {
		option.Option.Baud = '0' // it goes on as it began
	}
	request, err := option.AppendTo(nil)
	if err != nil {
		return iec62056.Message{}, err
	}
	if change {
		return d.faster(ctx, line, request, rate)
	}
	return d.hear(ctx, line, request, d.Timing)
}

// faster sends the option at the rate that is in force and listens at another: the
// meter waits 200 ms in between (§6.4.3), of which the line's own wait for an
// answer that cannot come takes a part.
func (d IEC62056) faster(ctx context.Context, line Line, option []byte, rate int) (m iec62056.Message, err error) {
	speeder, ok := line.(Speeder)
	if !ok {
		return m, fmt.Errorf("%w: say that the line keeps its rate", meterproto.ErrSpeed)
	}
	now := meterproto.Timing{Idle: d.Timing.Idle}
	nothing := func(stream []byte) ([]byte, bool) { return stream, false }
	if err := line.Exchange(ctx, option, now, nothing); !errors.Is(err, meterproto.ErrNoAnswer) {
		return m, fmt.Errorf("%w: the meter did not wait", cause(err))
	}
	defer func() { err = errors.Join(err, speeder.SetBaud(context.WithoutCancel(ctx), 0)) }()
	if err := speeder.SetBaud(ctx, rate); err != nil {
		return m, err
	}
	at := d.Timing
	at.Idle = 0
	return d.hear(ctx, line, nil, at)
}

// cause is an error that an exchange had, or what it should have had.
func cause(err error) error {
	if err == nil {
		return meterproto.ErrGarbage
	}
	return err
}

// hear sends a request and takes the identification of a meter that waits for an
// option, or a readout; its bytes are its own.
func (d IEC62056) hear(ctx context.Context, line Line, request []byte, t meterproto.Timing) (m iec62056.Message, err error) {
	take := func(b []byte) bool {
		got, err := iec62056.Decode(bytes.Clone(b), nil)
		waits := got.Kind == iec62056.Identified && got.Ident.Mode() == 'C'
		if err != nil || !waits && (got.Kind != iec62056.Readout || got.Seal == iec62056.Unsealed) {
			return false
		}
		m = got
		return true
	}
	err = line.Exchange(ctx, request, t, func(stream []byte) (rest []byte, done bool) {
		for {
			_, skipped, rest, err := iec62056.Next(stream, nil)
			if err != nil { // an identification ends what has come so far
				return rest, take(rest)
			}
			if take(stream[skipped : len(stream)-len(rest)]) {
				return rest, true
			}
			stream = rest
		}
	})
	return m, err
}

// numberIn is the number that a readout says the meter has (0.0.0), or else the
// one that was asked. Meters shorten theirs, so one that ends in the other will
// do; another is ErrWrongMeter.
func numberIn(m iec62056.Message, asked string) (string, error) {
	for _, f := range m.Fields {
		code, ok := iec62056.ParseOBIS(f.Address)
		if !ok || code.C != 0 || code.D != 0 || code.E != 0 && code.E != iec62056.Absent {
			continue
		}
		said := string(f.Text)
		a, b := strings.TrimLeft(said, "0"), strings.TrimLeft(asked, "0")
		switch {
		case asked == "":
			return said, nil
		case a == "" || !strings.HasSuffix(a, b) && !strings.HasSuffix(b, a):
			return said, fmt.Errorf("%w: %q instead of %q", meterproto.ErrWrongMeter, said, asked)
		}
		break
	}
	return asked, nil
}
