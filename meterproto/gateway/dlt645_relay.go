package gateway

import (
	"context"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// relayLasts is how long a relay command may be under way before the meter takes it no more.
const relayLasts = 5 * time.Minute

// SetValve trips the relay or lets it close (C = 1C), proved by the key service. The answer comes before the relay moves:
// Valve is the proof.
func (d DLT645) SetValve(ctx context.Context, line Line, address string, open bool) meterproto.Result {
	a, err := dlt645.ParseAddress(address)
	if err != nil {
		return refused(err)
	}
	if d.Keys == nil {
		return refused(errNoKeys)
	}
	session, err := d.session(ctx, line, a)
	if err != nil {
		return result(err)
	}
	order := dlt645.Relay{Grant: dlt645.Grant{Access: dlt645.Access{Level: dlt645.LevelCipher}, Operator: d.Operator},
		Command: dlt645.Trip, Deadline: time.Now().Add(relayLasts)}
	if open {
		order.Command = dlt645.Close
	}
	sealed, err := dlt645.SealRelay(ctx, d.Keys, session, order)
	if err != nil {
		return refused(err)
	}
	answer, err := d.exchange(ctx, line, sealed.Frame(a))
	if err == nil {
		err = dlt645.Done(answer, dlt645.SwitchRelay)
	}
	return result(err)
}

// Valve reads how the relay stands, from status word 3: a relay is to electricity what a valve is to gas.
func (d DLT645) Valve(ctx context.Context, line Line, address string) (open *bool, err error) {
	a, err := dlt645.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	var r meterproto.Reading
	reply, from, err := d.ask(ctx, line, a, dlt645.StatusWord3)
	if err == nil {
		err = dlt645.AddTo(&r, from, reply)
	}
	return r.ValveOpen, err
}
