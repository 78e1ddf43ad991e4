package iec62056

import (
	"bytes"
	"slices"

	"github.com/vendgate/vendgate/meterproto"
)

// The most that a meter counts between two telegrams, which are seconds apart: two kWh or two cubic metres.
const (
	mostWattHours = 2_000
	mostJoules    = 3_600 * mostWattHours
	mostLitres    = 2_000
)

// Confirms tells whether a telegram bears out the one before it, where no seal proves either: the same identification,
// the same data sets, the same numbers of devices, and counters that rise a little or stand. A digit that turned into another in
// one of them stands out, unless what it makes lies so near.
func (m Message) Confirms(before Message) bool {
	if m.Ident.Maker != before.Ident.Maker || m.Ident.Baud != before.Ident.Baud ||
		!bytes.Equal(m.Ident.Name, before.Ident.Name) || !slices.EqualFunc(m.Fields, before.Fields, sameSet) {
		return false
	}
	now, err := AppendRegisters(nil, m)
	then, thenErr := AppendRegisters(nil, before)
	return err == nil && thenErr == nil && slices.EqualFunc(now, then, follows)
}

func sameSet(a, b Field) bool { return a.Nth == b.Nth && bytes.Equal(a.Address, b.Address) }

// follows tells whether a register may show this right after that.
func follows(now, then meterproto.Register) bool {
	if now.Kind != then.Kind || now.Unit != then.Unit || now.State != then.State {
		return false
	}
	var scale int8
	var most int64
	switch {
	case now.Kind == meterproto.OfIdentity:
		return bytes.Equal(now.Raw, then.Raw)
	case now.State != meterproto.Good || now.Function != meterproto.Instantaneous:
		return true
	case now.Kind == meterproto.OfVolume:
		scale, most = -3, mostLitres
	case now.Kind == meterproto.OfEnergy && now.Unit == meterproto.Joule:
		most = mostJoules
	case now.Kind == meterproto.OfEnergy:
		most = mostWattHours
	default:
		return true
	}
	a, _, ok := then.Value.In(scale)
	b, _, fits := now.Value.In(scale)
	return ok && fits && b >= a && b-a <= most
}
