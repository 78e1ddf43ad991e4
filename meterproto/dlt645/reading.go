package dlt645

import (
	"encoding/binary"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// The identifiers that say more of a meter than a quantity.
const (
	DateNow      uint32 = 0x04000101
	TimeNow      uint32 = 0x04000102
	ClockNow     uint32 = 0x0400010C // both; older meters do not have it
	StatusWord1  uint32 = 0x04000501
	StatusWord3  uint32 = 0x04000503
	StatusOfAll  uint32 = 0x040005FF
	batteriesLow        = 1<<2 | 1<<3 // of status word 1: clock and reading battery
)

// AddTo adds what an answer says to the reading of its meter, whose address it
// sets. The registers are copies: the frame may be used again. It fails with
// meterproto.ErrWrongMeter where the reading is another meter's; other errors are
// those of AppendRegisters, and the good registers are added all the same.
//
// A relay is to electricity what a valve is to gas: ValveOpen is supply that is on.
func AddTo(m *meterproto.Reading, a Address, r Reply) error {
	switch meter := a.String(); {
	case m.Meter == "":
		m.Meter = meter
	case m.Meter != meter:
		return fmt.Errorf("%w: %s, in a reading of %s", meterproto.ErrWrongMeter, meter, m.Meter)
	}
	r.Values = append([]byte(nil), r.Values...)
	var err error
	from := len(m.Registers)
	m.Registers, err = AppendRegisters(m.Registers, r)
	for _, register := range m.Registers[from:] {
		if register.State == meterproto.Good && r.DI.Edition == Of2007 {
			note(m, r.DI.Code, register)
		}
	}
	return err
}

// note sets the parts of a reading that have a name of their own.
func note(m *meterproto.Reading, code uint32, r meterproto.Register) {
	switch {
	case code == ClockNow:
		m.Time = r.Time
	case r.Kind != meterproto.OfStatus || code != StatusWord1 && code != StatusWord3 && code != StatusOfAll:
	case r.Storage == 1:
		m.BatteryLow = binary.LittleEndian.Uint16(r.Raw)&batteriesLow != 0
	case r.Storage == 3:
		on := !Status(binary.LittleEndian.Uint16(r.Raw)).Has(RelayOff)
		m.ValveOpen = &on
	}
}
