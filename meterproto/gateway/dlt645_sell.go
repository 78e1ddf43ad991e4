package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// errNoKeys is a purchase for which nobody can compute the proof.
var errNoKeys = errors.New("no key service for this meter: nothing is sent to it that must be proved")

// TopUp proves who we are and sends a purchase, once (070102FF), to a meter whose account was opened. That it says
// "repeat recharge" means that it has credited this count before.
func (d DLT645) TopUp(ctx context.Context, line Line, address string, o meterproto.Order) meterproto.Result {
	a, err := dlt645.ParseAddress(address)
	if err != nil {
		return refused(err)
	}
	p := dlt645.Purchase{Fen: o.Amount, Count: o.Count}
	if p.Customer, err = dlt645.ParseCustomer(o.Customer); err != nil {
		return refused(err)
	}
	if d.Keys == nil {
		return refused(errNoKeys)
	}
	if o.Unit != meterproto.CreditFen {
		return refused(fmt.Errorf("an order in %v to a meter that counts fen", o.Unit))
	}
	request, err := d.seal(ctx, line, a, p)
	if errors.Is(err, dlt645.ErrAmount) || errors.Is(err, dlt645.ErrNumber) {
		return refused(err)
	}
	if err != nil {
		return result(err) // the purchase was not sent; a meter that does not accept who we are never takes it
	}
	answer, err := d.exchange(ctx, line, request)
	if err == nil {
		_, err = dlt645.DecodeCredit(answer, dlt645.Recharge)
	}
	if errors.Is(err, dlt645.ErrRepeated) {
		return meterproto.Result{Outcome: meterproto.Already}
	}
	return result(err)
}

// seal opens a session with the meter and has the purchase proved in it.
func (d DLT645) seal(ctx context.Context, line Line, a dlt645.Address, p dlt645.Purchase) (dlt645.Frame, error) {
	session, err := d.session(ctx, line, a)
	if err != nil {
		return dlt645.Frame{}, err
	}
	sealed, err := dlt645.Seal(ctx, d.Keys, session, dlt645.Recharge, d.Operator, p)
	if err != nil {
		return dlt645.Frame{}, err
	}
	return sealed.Frame(a)
}

// session proves to the meter who we are (070000FF).
func (d DLT645) session(ctx context.Context, line Line, a dlt645.Address) (s dlt645.Session, err error) {
	challenge, err := d.Keys.Challenge(ctx, a)
	if err != nil {
		return s, err
	}
	answer, err := d.again(ctx, line, dlt645.AskIdentity(d.Operator, challenge).Frame(a))
	if err != nil {
		return s, err
	}
	return dlt645.DecodeIdentity(answer, challenge)
}

// countModulus is where the purchase count of four digits begins again.
const countModulus = 10_000

// Taken reads the purchase count, all that was purchased and what remains: plain registers, for which nobody has
// to be proved.
func (d DLT645) Taken(ctx context.Context, line Line, address string) (t meterproto.Taken, err error) {
	a, err := dlt645.ParseAddress(address)
	if err != nil {
		return t, err
	}
	var count meterproto.Credit
	for _, part := range []struct {
		di    uint32
		scale int8
		into  *meterproto.Credit
	}{{dltCount, 0, &count}, {dltPurchased, -2, &t.Total}, {dltRemaining, -2, &t.Remaining}} {
		reply, from, err := d.ask(ctx, line, a, part.di)
		if err != nil {
			return t, err
		}
		if *part.into, err = amountOf(reply, part.scale); err != nil {
			return t, err
		}
		t.Meter = from.String()
	}
	if !count.Valid {
		return t, fmt.Errorf("%w: the purchase count has no value", meterproto.ErrLayout)
	}
	t.Count, t.Modulus = uint32(count.N), countModulus
	return t, nil
}

// amountOf is the one number of an answer, in units of 10^scale; where the meter has no value, it is not Valid.
func amountOf(r dlt645.Reply, scale int8) (c meterproto.Credit, err error) {
	registers, err := dlt645.AppendRegisters(nil, r)
	if err != nil {
		return c, err
	}
	if len(registers) != 1 || registers[0].State == meterproto.Invalid {
		return c, fmt.Errorf("%w: %v is no number", meterproto.ErrGarbage, r.DI)
	}
	if registers[0].State != meterproto.Good {
		return c, nil
	}
	c.Unit = meterproto.CreditFen
	c.N, c.Resolution, c.Valid = registers[0].Value.In(scale)
	return c, nil
}
