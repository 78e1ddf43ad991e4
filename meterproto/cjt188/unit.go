package cjt188

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Unit is a unit byte (§2). The steps of ten and a hundred, and everything an
// hour but L/h and m³/h, are of the 2018 edition, which is known second-hand.
type Unit byte

// The units that are used by name.
const (
	KilowattHour      Unit = 0x05
	Kilowatt          Unit = 0x17
	Litre             Unit = 0x29
	LitreX10          Unit = 0x2A
	LitreX100         Unit = 0x2B
	CubicMetre        Unit = 0x2C
	CubicMetreX10     Unit = 0x2D
	CubicMetreX100    Unit = 0x2E
	CubicMetrePerHour Unit = 0x35
)

// UnitError is a unit byte that is none of its field's. Want says what the field
// holds, as "volume".
type UnitError struct {
	Unit Unit
	Want string
}

func (e *UnitError) Error() string {
	return fmt.Sprintf("unit %02X is no unit of %s", byte(e.Unit), e.Want)
}

// unit is what a unit byte means: one of name is 10^shift of the unit that
// meterproto counts the kind in. The zero unit is none.
type unit struct {
	name  string
	kind  meterproto.Kind
	base  meterproto.Unit
	shift int8
}

// scales are the rows of the table: the first unit byte of a row has the name
// and the shift, the ones after it are ten and a hundred of it.
var scales = [...]struct {
	from  Unit
	steps Unit
	unit
}{
	{0x01, 1, unit{"J", meterproto.OfEnergy, meterproto.Joule, 0}},
	{0x02, 3, unit{"Wh", meterproto.OfEnergy, meterproto.WattHour, 0}},
	{0x05, 3, unit{"kWh", meterproto.OfEnergy, meterproto.WattHour, 3}},
	{0x08, 3, unit{"MWh", meterproto.OfEnergy, meterproto.WattHour, 6}},
	{0x0B, 3, unit{"kJ", meterproto.OfEnergy, meterproto.Joule, 3}},
	{0x0E, 3, unit{"MJ", meterproto.OfEnergy, meterproto.Joule, 6}},
	{0x11, 3, unit{"GJ", meterproto.OfEnergy, meterproto.Joule, 9}},
	{0x14, 3, unit{"W", meterproto.OfPower, meterproto.Watt, 0}},
	{0x17, 3, unit{"kW", meterproto.OfPower, meterproto.Watt, 3}},
	{0x1A, 3, unit{"MW", meterproto.OfPower, meterproto.Watt, 6}},
	{0x29, 3, unit{"L", meterproto.OfVolume, meterproto.CubicMetre, -3}},
	{0x2C, 3, unit{"m3", meterproto.OfVolume, meterproto.CubicMetre, 0}},
	{0x32, 3, unit{"L/h", meterproto.OfFlow, meterproto.CubicMetrePerHour, -3}},
	{0x35, 3, unit{"m3/h", meterproto.OfFlow, meterproto.CubicMetrePerHour, 0}},
	{0x40, 1, unit{"J/h", meterproto.OfPower, meterproto.JoulePerHour, 0}},
	{0x43, 3, unit{"kJ/h", meterproto.OfPower, meterproto.JoulePerHour, 3}},
	{0x46, 3, unit{"MJ/h", meterproto.OfPower, meterproto.JoulePerHour, 6}},
	{0x49, 3, unit{"GJ/h", meterproto.OfPower, meterproto.JoulePerHour, 9}},
}

// units is the table by unit byte.
var units = func() (all [256]unit) {
	for _, row := range scales {
		for step := range row.steps {
			u := row.unit
			u.shift += int8(step)
			u.name += [...]string{"", "×10", "×100"}[step]
			all[row.from+step] = u
		}
	}
	return all
}()

// Kind is what the unit counts; Unread where the byte is no unit.
func (u Unit) Kind() meterproto.Kind { return units[u].kind }

// String is the unit's symbol, "MWh×100" for hundreds of it, and the byte in
// hexadecimal where it is no unit.
func (u Unit) String() string {
	if m := units[u]; m.kind != meterproto.Unread {
		return m.name
	}
	return fmt.Sprintf("%02X", byte(u))
}

// millilitres is what one hundredth of the unit holds: every volume is sent as
// XXXXXX.XX of its unit.
func (u Unit) millilitres() (int64, error) {
	m := &units[u]
	if m.kind != meterproto.OfVolume {
		return 0, &UnitError{Unit: u, Want: "volume"}
	}
	return [...]int64{10, 100, 1_000, 10_000, 100_000, 1_000_000}[m.shift+3], nil
}
