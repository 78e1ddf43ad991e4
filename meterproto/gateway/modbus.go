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

// Modbus is the Driver of devices with one register map on a serial line. A
// meter's address is its unit, "1" to "247".
type Modbus struct {
	Map    *modbus.Map
	Timing meterproto.Timing
}

// Corrector is a device with that map, on a line of that many baud.
func Corrector(m *modbus.Map, baud int) Modbus { return Modbus{Map: m, Timing: modbus.Timing(baud)} }

// Read asks the unit for every value of the map. The registers of the reading are
// in the order of the map's entries; an error leaves those before it.
func (d Modbus) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	unit, err := strconv.ParseUint(meter, 10, 8)
	if err != nil || unit < 1 || unit > 247 {
		return meterproto.Reading{}, fmt.Errorf("unit %q: want 1 to 247", meter)
	}
	var registers []meterproto.Register
	for _, request := range d.Map.Requests() {
		what := fmt.Sprintf("%d registers from %d", request.Quantity, request.Address)
		reply, err := retry(ctx, d.Timing, what, func() (modbus.Message, error) {
			return d.exchange(ctx, line, byte(unit), request)
		})
		if err == nil {
			registers, err = d.Map.AppendRegisters(registers, request, reply)
		}
		if err != nil {
			return meterproto.Named(meter, registers), fmt.Errorf("read unit %d: %w", unit, err)
		}
	}
	return meterproto.Named(meter, registers), nil
}

// exchange sends a request once and gives the reply, a refusal as an error.
func (d Modbus) exchange(ctx context.Context, line Line, unit byte, m modbus.Message) (modbus.Message, error) {
	request, err := modbus.Frame{Unit: unit, Message: m}.AppendRTU(nil)
	if err != nil {
		return modbus.Message{}, err
	}
	var reply modbus.Message
	why := error(meterproto.ErrGarbage)
	accept := func(stream []byte) (rest []byte, done bool) {
		for {
			f, _, rest, err := modbus.NextRTU(stream, modbus.Reply)
			if err != nil {
				return rest, false
			}
			stream = rest
			if f.Unit != unit {
				why = fmt.Errorf("%w: unit %d instead of %d", meterproto.ErrWrongMeter, f.Unit, unit)
				continue
			}
			if why = f.Message.Answers(m); why == nil || errors.Is(why, meterproto.ErrAbnormal) {
				f.Message.Data = bytes.Clone(f.Message.Data) // the stream goes on to be used
				reply = f.Message
				return rest, true
			}
		}
	}
	err = line.Exchange(ctx, request, d.Timing, accept)
	if err == nil || errors.Is(err, meterproto.ErrGarbage) {
		err = why
	}
	return reply, err
}
