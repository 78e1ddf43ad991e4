package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// Modbus is the Driver of one model of Modbus slaves. A meter is named by its unit,
// 1 to 247.
type Modbus struct {
	Map    *modbus.Map
	TCP    bool // frames of Modbus TCP, instead of RTU
	Timing meterproto.Timing
	SER    *Counter // numbers the transactions of TCP; nil begins anywhere
}

// maxUnit is the highest address of a slave; what is above is reserved.
const maxUnit = 247

// Read asks the unit for every register of the map.
func (d Modbus) Read(ctx context.Context, line Line, meter string) (r meterproto.Reading, err error) {
	unit, err := strconv.ParseUint(meter, 10, 8)
	if err != nil || unit < 1 || unit > maxUnit {
		return r, fmt.Errorf("meter %q: want a unit, 1 to %d", meter, maxUnit)
	}
	if d.SER == nil {
		d.SER = randomCounter()
	}
	r.Meter = meter
	for _, request := range d.Map.Requests() {
		reply, err := retry(ctx, d.Timing, fmt.Sprintf("register %d", request.Address), func() (modbus.Message, error) {
			return d.exchange(ctx, line, modbus.Frame{Unit: byte(unit), Message: request})
		})
		if err == nil {
			r.Registers, err = d.Map.AppendRegisters(r.Registers, request, reply)
		}
		if err != nil {
			return r, fmt.Errorf("read unit %s: %w", meter, err)
		}
	}
	fill(&r)
	return r, nil
}

// exchange sends one request and takes the answer to it.
func (d Modbus) exchange(ctx context.Context, line Line, asked modbus.Frame) (answer modbus.Message, err error) {
	var transaction uint16 // 0 on a serial line, where there is none
	if d.TCP {
		transaction = uint16(d.SER.Next())
	}
	request, err := d.append(asked, transaction)
	if err != nil {
		return answer, err
	}
	l := modbusListener{driver: d, asked: asked, transaction: transaction}
	if err := line.Exchange(ctx, request, d.Timing, l.accept); err != nil {
		if errors.Is(err, meterproto.ErrGarbage) && l.other != nil {
			err = l.other
		}
		return answer, err
	}
	return l.answer, l.refusal
}

// modbusListener picks the answer to one request out of what a line gives.
type modbusListener struct {
	driver      Modbus
	asked       modbus.Frame
	transaction uint16

	answer  modbus.Message
	refusal error
	other   error // why what came is not the answer
}

// accept is shown the line's bytes; see link.Line.
func (l *modbusListener) accept(stream []byte) (rest []byte, done bool) {
	for {
		f, transaction, rest, err := l.driver.next(stream)
		if err != nil {
			return rest, false
		}
		why := foreign(f, l.asked, transaction != l.transaction)
		if _, ok := errors.AsType[*modbus.RefusalError](why); ok {
			l.refusal, why = why, nil
		}
		if why == nil {
			l.answer = f.Message
			l.answer.Data = bytes.Clone(f.Message.Data) // the stream goes on to be used
			return rest, true
		}
		l.other, stream = why, rest
	}
}

func (d Modbus) append(f modbus.Frame, transaction uint16) ([]byte, error) {
	if d.TCP {
		return f.AppendTCP(nil, transaction)
	}
	return f.AppendRTU(nil)
}

// next finds a reply.
func (d Modbus) next(stream []byte) (f modbus.Frame, transaction uint16, rest []byte, err error) {
	if d.TCP {
		return modbus.NextTCP(stream, modbus.Reply)
	}
	f, _, rest, err = modbus.NextRTU(stream, modbus.Reply)
	return f, transaction, rest, err
}

// foreign says why a frame is not the answer.
func foreign(f, asked modbus.Frame, late bool) error {
	switch {
	case f.Unit != asked.Unit:
		return fmt.Errorf("%w: unit %d instead of %d", meterproto.ErrWrongMeter, f.Unit, asked.Unit)
	case late:
		return fmt.Errorf("%w: another transaction", meterproto.ErrStale)
	}
	return f.Message.Answers(asked.Message)
}
