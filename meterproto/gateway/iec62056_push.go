package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// IEC62056Push is the Driver of meters that send telegrams by themselves: P1 ports (115200 8N1, older ones 9600 7E1) and mode
// D (2400 7E1). It sends nothing, and takes the next telegram that begins while it listens. A meter is named by the number that
// the telegram has of it, or of a meter behind it (see iec62056.Device); "" is whoever sends.
//
// A telegram with a CRC or a block check is taken where that is right. One without any is taken where the next one confirms
// it (iec62056.Message.Confirms), and never where the line has CRCs or the telegram promises one.
type IEC62056Push struct {
	Wait  time.Duration // in which a telegram must have begun; without a CRC, the second one
	Rolls bool          // a register begins again after as many digits as are printed
}

// pushWait is for two telegrams of a meter that sends one in ten seconds, and one that was lost.
const pushWait = 30 * time.Second

// pushIdle is longer than any pause within a telegram, adapters and loans included, and shorter than those between two: who listens
// comes in where none is under way, and behind what had waited in a buffer.
const pushIdle = 100 * time.Millisecond

// Pushed is a meter that sends at least every ten seconds.
func Pushed() IEC62056Push { return IEC62056Push{Wait: pushWait} }

// ErrNoTelegram: a line on which a meter should send by itself was silent.
var ErrNoTelegram = fmt.Errorf("%w: it sends no telegram by itself: check that the data request line (P1 pin 2) is on, and the baud rate", meterproto.ErrNoAnswer)

// Read listens for a telegram of the meter.
func (d IEC62056Push) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	l := pushListener{asked: meter}
	t := meterproto.Timing{Idle: pushIdle, Answer: d.Wait, ReplyChars: iec62056.Timing().ReplyChars}
	if err := line.Exchange(ctx, nil, t, l.accept); err != nil {
		return meterproto.Reading{}, fmt.Errorf("read meter %q, which sends by itself: %w", meter, l.explain(err))
	}
	return l.reading(d.Rolls)
}

// reading is what the telegram says of the device that was asked.
func (l *pushListener) reading(rolls bool) (r meterproto.Reading, err error) {
	r.Meter = l.device.Number
	if l.asked != "" {
		r.Meter = l.asked
	}
	if r.Registers, err = iec62056.AppendRegisters(nil, l.telegram); err != nil {
		return r, fmt.Errorf("read meter %q: %w: %w", l.asked, meterproto.ErrGarbage, err)
	}
	if rolls {
		byDigits(r.Registers)
	}
	if l.device.Channel != 0 {
		r.Registers = belonging(l.device.Channel, r.Registers)
	} else if total, ok := l.telegram.Total(); ok {
		r.Registers = slices.Insert(r.Registers, 0, total) // before what was exported
	}
	fill(&r)
	if r.Time.IsZero() {
		r.Time = shownAt(r.Registers)
	}
	return r, nil
}

// belonging are the registers of a meter behind the one that sends, as its own.
func belonging(channel uint16, all []meterproto.Register) (its []meterproto.Register) {
	for _, reg := range all {
		if reg.Subunit == channel {
			reg.Subunit = 0
			its = append(its, reg)
		}
	}
	return its
}

// shownAt is when the register was, where the meter has no clock in the telegram: the value of a meter behind it is up to an hour old,
// and has a time of its own.
func shownAt(all []meterproto.Register) time.Time {
	for _, reg := range all {
		counts := reg.Kind == meterproto.OfVolume || reg.Kind == meterproto.OfEnergy
		if counts && reg.State == meterproto.Good && reg.Storage == 0 && reg.Function == meterproto.Instantaneous {
			return reg.Time
		}
	}
	return time.Time{}
}
