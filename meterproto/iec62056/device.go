package iec62056

import (
	"bytes"
	"encoding/hex"
)

// Device is one that a readout names: the meter itself, or a meter behind it whose
// values it hands on, as a P1 port does for gas, heat and water.
type Device struct {
	Channel uint16 // group B of its codes, 0 the meter itself
	Number  string // an octet string in hexadecimal is decoded
	sent    string // as it was sent
}

// Is tells whether the device is called so, decoded or as it was sent.
func (d Device) Is(number string) bool { return number == d.Number || number == d.sent }

// Devices are those that the readout names by a number (0-0:96.1.1, 0-1:96.1.0,
// 0-0:42.0.0, 0.0.0 …), in its order. A readout without any number is named by its identification
// line, which tells models apart and not always meters.
func (m Message) Devices() (all []Device) {
	for _, f := range m.Fields {
		code, known := ParseOBIS(f.Address)
		if !known || f.Nth > 0 || len(f.Value()) == 0 || !code.numbers() {
			continue
		}
		sent := string(f.Value())
		all = append(all, Device{code.Channel(), code.octets(sent), sent})
	}
	if len(all) == 0 && m.Ident.Baud != 0 {
		name := string(m.Ident.appendTo(nil)[1:])
		all = append(all, Device{0, name, name})
	}
	return all
}

// numbers tells whether the code holds the number of a device.
func (c OBIS) numbers() bool { return c.entry().role == identity && (c.C != 9 || c.D != 21) } // 9.21 is the property's

// octets decodes an octet string (DSMR P1 §6.4, S n): the number's characters in hexadecimal. What holds anything
// but characters is a number as it is.
func (c OBIS) octets(sent string) string {
	if c.A != ofDevice || c.C != generalService && c.C != 42 {
		return sent
	}
	b, err := hex.DecodeString(sent)
	if err != nil || bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return sent
	}
	return string(b)
}

// PromisesCRC tells whether the telegram says that it is of an edition of P1 which ends in a CRC: 1-3:0.2.8, from 4.0 on.
// Without one it was cut.
func (m Message) PromisesCRC() bool {
	for _, f := range m.Fields {
		if string(f.Address) == "1-3:0.2.8" && len(f.Text) == 2 && f.Text[0] >= '4' {
			return true
		}
	}
	return false
}
