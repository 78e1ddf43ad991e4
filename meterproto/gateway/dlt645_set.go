package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// deadline is how long a relay command holds, by the meter's own clock: longer than an
// answer may take, and too short to be of use to who has recorded it.
const deadline = 5 * time.Minute

// level is that of the password.
const level = 0x02

// SetValve trips the relay or lets it close (1C): a person closes it at the meter.
// Valve is the proof.
func (d DLT645) SetValve(ctx context.Context, line Line, meter string, open bool) meterproto.Result {
	a, err := d.one(meter)
	if err != nil {
		return refused(err)
	}
	now, err := d.clock(ctx, line, a)
	if err != nil {
		return refused(fmt.Errorf("nothing was sent: %w", err))
	}
	r := dlt645.Relay{Command: dlt645.Trip, Deadline: now.Add(deadline)}
	if open {
		r.Command = dlt645.PermitClose
	}
	r.Grant.Operator = d.Operator
	request, err := d.relay(ctx, line, a, r)
	if err != nil {
		return refused(fmt.Errorf("nothing was sent: %w", err))
	}
	return d.command(ctx, line, request)
}

// relay is the command as the meter believes it: sealed where there are keys.
func (d DLT645) relay(ctx context.Context, line Line, a dlt645.Address, r dlt645.Relay) (dlt645.Frame, error) {
	if d.Keys == nil {
		r.Grant.Access = dlt645.Access{Level: level, Password: d.Password}
		return r.Frame(a)
	}
	session, err := d.identify(ctx, line, a)
	if err != nil {
		return dlt645.Frame{}, err
	}
	r.Grant.Access.Level = dlt645.LevelCipher
	sealed, err := dlt645.SealRelay(ctx, d.Keys, session, r)
	return sealed.Frame(a), err
}

// command sends what is answered without data, once.
func (d DLT645) command(ctx context.Context, line Line, request dlt645.Frame) meterproto.Result {
	answer, err := d.exchange(ctx, line, request)
	if err == nil {
		err = dlt645.Done(answer, request.Control)
	}
	return result(err)
}

// clock is the meter's: in one (0400010C) or, at older ones, date and time of day.
func (d DLT645) clock(ctx context.Context, line Line, a dlt645.Address) (time.Time, error) {
	reading, err := d.single(ctx, line, a, dlt645.ClockNow)
	if errors.Is(err, dlt645.ErrNoData) {
		return d.oldClock(ctx, line, a)
	}
	if err == nil && reading.Time.IsZero() {
		err = fmt.Errorf("%w: the clock of meter %v is not set", meterproto.ErrLayout, a)
	}
	return reading.Time, err
}

// oldClock asks for the time of day first: at midnight it is then early by a day, and a
// command is refused, not good for a day longer.
func (d DLT645) oldClock(ctx context.Context, line Line, a dlt645.Address) (time.Time, error) {
	d.Asks = []dlt645.DI{dlt645.ID(dlt645.TimeNow), dlt645.ID(dlt645.DateNow)}
	reading, err := d.Read(ctx, line, a.String())
	if err != nil {
		return time.Time{}, err
	}
	if len(reading.Registers) != 2 || reading.Registers[0].State != meterproto.Good || reading.Registers[1].State != meterproto.Good {
		return time.Time{}, fmt.Errorf("%w: the clock of meter %v is not set", meterproto.ErrLayout, a)
	}
	clock, day := reading.Registers[0].Time, reading.Registers[1].Time
	return day.Add(clock.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Add(-dlt645.ZoneOffset))), nil
}

func (d DLT645) single(ctx context.Context, line Line, a dlt645.Address, di uint32) (meterproto.Reading, error) {
	d.Asks = []dlt645.DI{dlt645.ID(di)}
	return d.Read(ctx, line, a.String())
}

// Valve reads how the relay stands.
func (d DLT645) Valve(ctx context.Context, line Line, meter string) (open *bool, err error) {
	a, err := d.one(meter)
	if err != nil {
		return nil, err
	}
	reading, err := d.single(ctx, line, a, dlt645.StatusWord3)
	return reading.ValveOpen, err
}

// SetTime writes date and time (0400010C), with the password.
func (d DLT645) SetTime(ctx context.Context, line Line, meter string, t time.Time) meterproto.Result {
	a, err := d.one(meter)
	if err != nil {
		return refused(err)
	}
	now := []meterproto.Register{{Kind: meterproto.OfInstant, Time: t}}
	w := dlt645.Write{DI: dlt645.ID(dlt645.ClockNow), Grant: dlt645.Grant{
		Access: dlt645.Access{Level: level, Password: d.Password}, Operator: d.Operator}}
	if w.Values, err = dlt645.AppendValues(nil, w.DI, now); err != nil {
		return refused(err)
	}
	return d.command(ctx, line, w.Frame(a))
}
