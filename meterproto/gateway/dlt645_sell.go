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

// TopUp proves who we are and sends a purchase, once (070102FF; the first one opens the account, 070101FF). That the
// meter says "repeat recharge" means that it has credited this count before.
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
	di := dlt645.Recharge
	if o.Count == 1 {
		di = dlt645.OpenAccount
	}
	request, err := d.seal(ctx, line, a, di, p)
	if errors.Is(err, dlt645.ErrAmount) || errors.Is(err, dlt645.ErrNumber) {
		return refused(err)
	}
	if err != nil {
		return result(err) // the purchase was not sent; a meter that does not accept who we are never takes it
	}
	answer, err := d.exchange(ctx, line, request)
	if err == nil {
		_, err = dlt645.DecodeCredit(answer, di)
	}
	if errors.Is(err, dlt645.ErrRepeated) {
		return meterproto.Result{Outcome: meterproto.Already}
	}
	return result(err)
}

// seal opens a session with the meter and has the purchase proved in it.
func (d DLT645) seal(ctx context.Context, line Line, a dlt645.Address, di uint32, p dlt645.Purchase) (dlt645.Frame, error) {
	challenge, err := d.Keys.Challenge(ctx, a)
	if err != nil {
		return dlt645.Frame{}, err
	}
	answer, err := d.again(ctx, line, dlt645.AskIdentity(d.Operator, challenge).Frame(a))
	if err != nil {
		return dlt645.Frame{}, err
	}
	session, err := dlt645.DecodeIdentity(answer, challenge)
	if err != nil {
		return dlt645.Frame{}, err
	}
	sealed, err := dlt645.Seal(ctx, d.Keys, session, di, d.Operator, p)
	if err != nil {
		return dlt645.Frame{}, err
	}
	return sealed.Frame(a)
}

// Taken asks for the account (078102FF), which holds the count and what remains, and for all that was purchased (03330601).
func (d DLT645) Taken(ctx context.Context, line Line, address string) (t meterproto.Taken, err error) {
	a, err := dlt645.ParseAddress(address)
	if err != nil {
		return t, err
	}
	answer, err := d.again(ctx, line, dlt645.QueryAccount(d.Operator).Frame(a))
	if err != nil {
		return t, err
	}
	account, err := dlt645.DecodeAccount(answer)
	if err != nil {
		return t, err
	}
	reply, from, err := d.ask(ctx, line, a, dltPurchased)
	if err != nil {
		return t, err
	}
	total, err := purchased(reply)
	if err != nil {
		return t, err
	}
	left := meterproto.Credit{N: account.Fen, Unit: meterproto.CreditFen, Resolution: 1, Valid: true}
	return meterproto.Taken{Meter: from.String(), Count: account.Count, Total: total, Remaining: left}, nil
}

// purchased is the one amount of an answer, in fen.
func purchased(r dlt645.Reply) (c meterproto.Credit, err error) {
	registers, err := dlt645.AppendRegisters(nil, r)
	if err != nil || len(registers) != 1 {
		return c, fmt.Errorf("%w: %d amounts in %v: %w", meterproto.ErrLayout, len(registers), r.DI, err)
	}
	if registers[0].State != meterproto.Good {
		return c, nil
	}
	c.Unit = meterproto.CreditFen
	c.N, c.Resolution, c.Valid = registers[0].Value.In(-2)
	return c, nil
}
