package cjt188

import (
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// AddTo adds what a meter's answer says to a reading: all of it to Registers,
// whose Raw is a part of the frame, and what a reading has a name for to that. A
// heat meter's energy is among its registers only: what it counts is no volume.
// credit is what the meter counts its purchases in, the zero Credit where nobody
// has said: the amounts are then Raw only.
//
// It fails, and the reading stays as it was, where the content has an error or a
// layout that is not known: an answer with one wrong field is not to be believed.
func (c Content) AddTo(to *meterproto.Reading, credit Credit) error {
	if c.Err != nil {
		return c.Err
	}
	if c.Message == nil {
		return fmt.Errorf("%w: %v with %d bytes", meterproto.ErrLayout, c.DI, len(c.Rest))
	}
	for _, i := range c.Items {
		to.Registers = append(to.Registers, i.credited(credit))
	}
	switch m := c.Message.(type) {
	case *Flow:
		addState(to, m.Time, m.Status)
		to.Consumed, to.Settled = volume(m.Current), volume(m.Settled)
	case *Heat:
		addState(to, m.Time, m.Status)
	case *Heat2018:
		addState(to, m.Time, m.Status)
	case *HeatCold:
		addState(to, m.Time, m.Status)
	case *Purchases:
		addState(to, to.Time, m.Status)
		if volumes, err := m.Volumes(credit); err == nil { // money and energy have no place among volumes
			to.Purchases = &volumes
		}
	}
	return nil
}

// credited is the register of an item; an amount is one of what the meter counts.
func (i Item) credited(c Credit) meterproto.Register {
	r := i.Register
	if r.Kind != meterproto.Unread || !i.Numeric || !c.Known() {
		return r
	}
	if r.Kind, r.Unit, r.Value = c.register(i.Digits); r.State != meterproto.Good {
		r.Unit, r.Value = meterproto.NoUnit, meterproto.Decimal{}
	}
	return r
}

// volume is a quantity whose unit was found to be one of volume.
func volume(q Quantity) meterproto.Volume {
	v, _ := q.Volume()
	return v
}

func addState(to *meterproto.Reading, t time.Time, s Status) {
	to.Time, to.ValveOpen, to.BatteryLow = t, s.ValveIsOpen(), s.BatteryLow()
}
