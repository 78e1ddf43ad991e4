package mbus

import "github.com/vendgate/vendgate/meterproto"

// Reading is the answer as a reading: what the meter as a whole shows now and
// what it stored last, and every register. Errors as AppendRegisters. The
// registers are parts of the frame's bytes.
func (r Response) Reading() (meterproto.Reading, error) {
	registers, err := r.AppendRegisters(nil)
	if err != nil {
		return meterproto.Reading{}, err
	}
	out := meterproto.Reading{
		Meter: r.Header.Secondary.String(), BatteryLow: r.Header.Status&PowerLow != 0, Registers: registers,
	}
	if _, _, ok := r.Encrypted(); ok {
		registers = registers[1:] // the first is no record's
	}
	records := r.Records()
	var rec Record
	for _, reg := range registers {
		if ok, err := records.Next(&rec); err != nil || !ok {
			break
		}
		if rec.whole() {
			take(&out, rec, reg)
		}
	}
	return out, nil
}

// Reading is the answer as a reading: its number stands for the meter.
func (x Fixed) Reading() meterproto.Reading {
	out := meterproto.Reading{
		Meter:      Secondary{ID: x.ID, Manufacturer: AnyManufacturer, Version: AnyByte, Medium: AnyByte}.String(),
		BatteryLow: Status(x.Status)&PowerLow != 0,
	}
	for i := range x.Counters {
		reg := x.Register(i)
		out.Registers = append(out.Registers, reg)
		take(&out, Record{}, reg)
	}
	return out
}

// whole reports a value of the meter as a whole, over all tariffs, that no VIFE
// narrows.
func (r Record) whole() bool {
	if r.Function != meterproto.Instantaneous || r.Tariff != 0 || r.Subunit != 0 {
		return false
	}
	for _, vife := range r.VIFEs {
		if code := vife & codeBits; code < 0x70 || code > 0x7D {
			return false
		}
	}
	return true
}

// take fills in the parts of a reading that have a name. The first of a kind
// counts: meters send finer copies of a register behind it.
func take(out *meterproto.Reading, rec Record, reg meterproto.Register) {
	if reg.State != meterproto.Good {
		return
	}
	switch {
	case reg.Kind == meterproto.OfVolume && reg.Storage == 0 && !out.Consumed.Valid:
		out.Consumed = reg.Litres()
	case reg.Kind == meterproto.OfVolume && reg.Storage == 1 && !out.Settled.Valid:
		out.Settled = reg.Litres()
	case rec.VIF == 0x6D && reg.Kind == meterproto.OfInstant && reg.Storage == 0 && out.Time.IsZero():
		out.Time = reg.Time
	}
}
