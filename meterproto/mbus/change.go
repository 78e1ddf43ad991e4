package mbus

import "github.com/vendgate/vendgate/meterproto"

// change is what the VIFEs behind a code do to its quantity (EN 13757-3, tables
// 15 and 17).
type change struct {
	shift int             // the value is to be multiplied by 10^shift
	kind  meterproto.Kind // OfInstant or OfDuration: about the quantity, not of it; Unread: not known
	state meterproto.State
	times int64 // of OfDuration: how many seconds the unit has
}

// changed reads the VIFEs. A quantity of the given kind keeps it only where they
// leave its meaning alone: a value of one phase, of the backward flow or of the
// maker's own kind must not pass for the whole.
func changed(vifes []byte, kind meterproto.Kind) change {
	c := change{kind: kind}
	for _, vife := range vifes {
		switch code := vife & codeBits; {
		case code == 0x00, code == 0x1D, code == 0x3A, code == 0x3B, code == 0x3E:
			// no error; standard content; at measuring conditions; forward flow; at base conditions
		case code >= 0x15 && code <= 0x18:
			c.state = meterproto.NoValue // no data, overflow, underflow, data error
		case code >= 0x70 && code <= 0x77:
			c.shift += int(code) - 0x76
		case code == 0x7D:
			c.shift += 3
		case code == 0x39 || aboutDate(code):
			c.kind = meterproto.OfInstant
		case code >= 0x50 && code <= 0x67:
			c.kind, c.times = meterproto.OfDuration, [...]int64{second, minute, hour, day}[code&3]
		case code == 0x7E && c.kind == meterproto.OfInstant:
			// a date to come
		default:
			return change{kind: meterproto.Unread}
		}
	}
	return c
}

// aboutDate reports the codes for when a limit was passed, and when the first or
// last such time began or ended (E100 uf1b, E110 1f1b).
func aboutDate(code byte) bool { return code&0x72 == 0x42 || code&0x7A == 0x6A }
