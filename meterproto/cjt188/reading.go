package cjt188

import (
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// AddTo adds what an answer to a read says to a reading: all of it to Registers,
// whose Raw is a part of r.Values, and what a reading has a name for to that.
// l and c are the meter's model: the layout of its values, and what it counts its
// purchases in, which is the zero Credit where nobody has said.
//
// Errors as DecodeValues, and meterproto.ErrLayout for an identifier whose layout
// is not known; the reading is then as it was.
func (r Reply) AddTo(to *meterproto.Reading, l Layout, c Credit) error {
	m := MessageOf(ReadData.Reply(), r.DI, len(r.Values))
	if m == nil {
		return fmt.Errorf("%w: %v with %d bytes", meterproto.ErrLayout, r.DI, len(r.Values))
	}
	var items []Item
	w := walker{layout: l, credit: c, storage: r.DI.stored(), b: r.Values, items: &items}
	if err := w.read(m); err != nil {
		return err
	}
	to.Registers = AppendRegisters(to.Registers, items)
	switch m := m.(type) {
	case *Flow:
		addState(to, m.Time, m.Status)
		to.Consumed, to.Settled = volume(m.Current), volume(m.Settled)
	case *Heat:
		addState(to, m.Time, m.Status)
		to.Consumed = volume(m.Volume)
	case *Heat2018:
		addState(to, m.Time, m.Status)
		to.Consumed = volume(m.Volume)
	case *HeatCold:
		addState(to, m.Time, m.Status)
		to.Consumed = volume(m.Volume)
	case *Purchases:
		addState(to, to.Time, m.Status)
		if volumes, err := m.Volumes(c); err == nil { // money has no place among volumes: it is in Registers
			to.Purchases = &volumes
		}
	}
	return nil
}

// volume is a quantity whose unit was found to be one of volume.
func volume(q Quantity) meterproto.Volume {
	v, _ := q.Volume()
	return v
}

func addState(to *meterproto.Reading, t time.Time, s Status) {
	to.Time, to.ValveOpen, to.BatteryLow = t, s.ValveIsOpen(), s.BatteryLow()
}
