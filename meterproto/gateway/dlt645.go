package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// DLT645 is the Driver of electricity meters of DL/T 645-2007. Begin with [Electricity].
type DLT645 struct {
	Preamble int             // FE bytes before a request, 0 to 4
	Operator dlt645.Operator // who commands, as the meter's records say
	// Keys proves purchases; where it is nil, none is sent.
	Keys   dlt645.Keys
	Timing meterproto.Timing
}

// Electricity is a meter of 2007, asked as its standard has it.
func Electricity() DLT645 { return DLT645{Preamble: 4, Timing: dlt645.Timing()} }

// What a reading asks for, and what a purchase is judged by (reference §2, §3).
const (
	dltEnergy    = 0x00010000 // forward active, over all tariffs
	dltCount     = 0x03330201 // purchase count
	dltPurchased = 0x03330601 // cumulative purchased amount
	dltRemaining = 0x00900200 // remaining amount
)

// Read asks the meter with this address (12 digits) for its energy and for its relay. A meter that has none
// refuses the latter, which is no error.
func (d DLT645) Read(ctx context.Context, line Line, address string) (r meterproto.Reading, err error) {
	a, err := dlt645.ParseAddress(address)
	if err != nil {
		return r, err
	}
	for _, di := range []uint32{dltEnergy, dlt645.StatusWord1, dlt645.StatusWord3} {
		reply, from, err := d.ask(ctx, line, a, di)
		if di != dltEnergy && errors.Is(err, meterproto.ErrAbnormal) {
			continue
		}
		if err == nil {
			err = dlt645.AddTo(&r, from, reply)
		}
		if err != nil {
			return r, fmt.Errorf("read %v of meter %s: %w", dlt645.ID(di), address, err)
		}
	}
	return r, nil
}

// ask reads one data identifier, with repetitions.
func (d DLT645) ask(ctx context.Context, line Line, a dlt645.Address, di uint32) (reply dlt645.Reply, from dlt645.Address, err error) {
	asked, err := dlt645.Read{DI: dlt645.ID(di)}.Frame(a)
	if err != nil {
		return reply, a, err
	}
	answer, err := d.again(ctx, line, asked)
	if err != nil {
		return reply, a, err
	}
	reply, err = dlt645.DecodeReply(answer)
	return reply, answer.Address, err
}

// again is exchange, with repetitions: for what may be asked twice.
func (d DLT645) again(ctx context.Context, line Line, asked dlt645.Frame) (dlt645.Frame, error) {
	return retry(ctx, d.Timing, asked.Control.String(), func() (dlt645.Frame, error) { return d.exchange(ctx, line, asked) })
}

// exchange sends a request once and gives the answer, a refusal as an error.
func (d DLT645) exchange(ctx context.Context, line Line, asked dlt645.Frame) (answer dlt645.Frame, err error) {
	request, err := dlt645.AppendPreamble(nil, d.Preamble)
	if err != nil {
		return answer, err
	}
	if request, err = asked.AppendTo(request); err != nil {
		return answer, err
	}
	var other error // why what came is not the answer
	err = line.Exchange(ctx, request, d.Timing, func(stream []byte) ([]byte, bool) {
		for {
			f, _, rest, err := dlt645.Next(nil, stream)
			if err != nil {
				return rest, false
			}
			if err = dlt645.Answers(f, asked); err == nil {
				answer = f
				return rest, true
			}
			if f.Control.FromMeter() {
				other = err
			}
			stream = rest
		}
	})
	if errors.Is(err, meterproto.ErrGarbage) && other != nil {
		err = other
	}
	if err == nil {
		err = dlt645.Refused(answer)
	}
	return answer, err
}
