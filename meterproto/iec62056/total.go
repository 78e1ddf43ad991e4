package iec62056

import "github.com/vendgate/vendgate/meterproto"

// Total is the imported energy over all tariffs of a readout that shows it by tariff only (1.8.1, 1.8.2 …), as the P1
// ports of the Netherlands and Belgium do: the sum. ok is false where the readout has a total of its own, where it shows
// one tariff, or a tariff is missing or has no value.
func (m Message) Total() (total meterproto.Register, ok bool) {
	tariffs := uint8(0)
	for at, end := 0, 0; at < len(m.Fields); at = end {
		end = setEnd(m.Fields, at)
		code, known := ParseOBIS(m.Fields[at].Address)
		if !known || code.A != ofElectricity || code.B != 0 || code.C != 1 || code.D != timeIntegral || code.F != Absent {
			continue
		}
		registers := appendSet(nil, m.Fields[at:end])
		tariffs++
		if code.E != tariffs || len(registers) != 1 || !add(&total, registers[0]) {
			return meterproto.Register{}, false
		}
	}
	return total, tariffs > 1
}

// add adds a tariff; false where it cannot be.
func add(total *meterproto.Register, r meterproto.Register) bool {
	if r.Kind != meterproto.OfEnergy || r.State != meterproto.Good || r.Value.Digits < 0 {
		return false
	}
	if total.Kind == meterproto.Unread {
		*total = meterproto.Register{Kind: r.Kind, Unit: r.Unit, Value: r.Value}
		return true
	}
	total.Value.Digits += r.Value.Digits
	return r.Unit == total.Unit && r.Value.Scale == total.Value.Scale && total.Value.Digits >= 0
}
