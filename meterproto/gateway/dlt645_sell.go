package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// TopUp sends an order in fen (070102FF), once, in a session of its own. A meter that
// has the order already says so: nothing more is taken, however often it is sent.
func (d DLT645) TopUp(ctx context.Context, line Line, meter string, o meterproto.Order) meterproto.Result {
	a, err := d.one(meter)
	if err != nil {
		return refused(err)
	}
	p, err := d.purchase(o)
	if err != nil {
		return refused(err)
	}
	session, err := d.identify(ctx, line, a)
	if err != nil {
		// A line that is silent says nothing of an order that was sent before.
		return result(fmt.Errorf("the order was not sent: %w", err))
	}
	sealed, err := dlt645.Seal(ctx, d.Keys, session, dlt645.Recharge, d.Operator, p)
	if err != nil {
		return refused(err)
	}
	request, err := sealed.Frame(a)
	if err != nil {
		return refused(err)
	}
	answer, err := d.exchange(ctx, line, request)
	if err == nil {
		_, err = dlt645.DecodeCredit(answer, dlt645.Recharge)
	}
	if errors.Is(err, dlt645.ErrRepeated) {
		return meterproto.Result{Outcome: meterproto.Already, Reason: err}
	}
	return result(err)
}

// purchase is the order as the meter knows it.
func (d DLT645) purchase(o meterproto.Order) (dlt645.Purchase, error) {
	if d.Keys == nil {
		return dlt645.Purchase{}, ErrNoKeys
	}
	if o.Unit != meterproto.CreditFen {
		return dlt645.Purchase{}, fmt.Errorf("an order in %v to a meter that counts %v", o.Unit, meterproto.CreditFen)
	}
	customer, err := dlt645.ParseCustomer(o.Customer)
	if err != nil {
		return dlt645.Purchase{}, err
	}
	p := dlt645.Purchase{Fen: o.Amount, Count: o.Count, Customer: customer}
	return p, p.Check()
}

// Prove shows the meter our keys, in a session of which nothing comes: ErrNoKeys, ErrKeys, or what a line can fail with.
func (d DLT645) Prove(ctx context.Context, line Line, meter string) error {
	a, err := d.one(meter)
	if err != nil {
		return err
	}
	if d.Keys == nil {
		return ErrNoKeys
	}
	_, err = d.identify(ctx, line, a)
	return err
}

// identify opens a session. It changes nothing that counts, so it may be tried again. Nothing in the answer says which
// challenge it belongs to: one that came too late would be taken for the next, and each MAC made for the wrong session costs
// one of the chip's few tries. So something else is asked first: whatever is late comes before the answer to that.
func (d DLT645) identify(ctx context.Context, line Line, a dlt645.Address) (dlt645.Session, error) {
	return retry(ctx, d.Timing, "the identity", func() (dlt645.Session, error) {
		if _, err := d.askOnce(ctx, line, &a, dlt645.ID(dlt645.StatusWord3)); err != nil && !errors.Is(err, meterproto.ErrAbnormal) {
			return dlt645.Session{}, err
		}
		challenge, err := d.Keys.Challenge(ctx, a)
		if err != nil {
			return dlt645.Session{}, err
		}
		answer, err := d.exchange(ctx, line, dlt645.AskIdentity(d.Operator, challenge).Frame(a))
		if err != nil {
			return dlt645.Session{}, err
		}
		session, err := dlt645.DecodeIdentity(answer, challenge)
		if errors.Is(err, meterproto.ErrAbnormal) {
			err = fmt.Errorf("%w: %w", ErrKeys, err)
		}
		return session, err
	})
}

// What a meter holds of its purchases (§2), the last one first.
const (
	purchaseCount = 0x03330201
	purchaseLast  = 0x03330301
	purchaseTotal = 0x03330601
	remaining     = 0x00900200
)

// Taken asks what the meter has taken. It needs no keys.
func (d DLT645) Taken(ctx context.Context, line Line, meter string) (meterproto.Taken, error) {
	a, err := d.one(meter)
	if err != nil {
		return meterproto.Taken{}, err
	}
	taken := meterproto.Taken{Meter: a.String()}
	for _, ask := range []struct {
		di   uint32
		into func(meterproto.Register)
	}{
		{purchaseCount, func(r meterproto.Register) { taken.Count, taken.Modulus = uint32(r.Value.Digits), modulus(len(r.Raw)) }},
		{purchaseLast, func(r meterproto.Register) { taken.Last = fen(r) }},
		{purchaseTotal, func(r meterproto.Register) { taken.Total = fen(r) }},
		{remaining, func(r meterproto.Register) { taken.Remaining = fen(r) }},
	} {
		reply, _, err := d.ask(ctx, line, a, dlt645.ID(ask.di))
		if err != nil {
			return meterproto.Taken{}, fmt.Errorf("read the purchases of meter %s: %w", meter, err)
		}
		registers, err := dlt645.AppendRegisters(nil, reply)
		if err != nil {
			return meterproto.Taken{}, err
		}
		if ask.di == purchaseCount && registers[0].State != meterproto.Good {
			return meterproto.Taken{}, fmt.Errorf("%w: meter %s has no purchase count", meterproto.ErrLayout, meter)
		}
		ask.into(registers[0])
	}
	return taken, nil
}

// modulus is after how many purchases a count of so many bytes begins anew.
func modulus(size int) uint32 {
	m := uint32(1)
	for range size {
		m *= 100
	}
	return m
}

// fen is an amount XXXXXX.XX.
func fen(r meterproto.Register) meterproto.Credit {
	return meterproto.Credit{N: r.Value.Digits, Unit: meterproto.CreditFen, Valid: r.State == meterproto.Good}
}
