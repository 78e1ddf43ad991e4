package cjt188

import "fmt"

// Unit is a unit byte (§2).
type Unit byte

// The units of volume: litres and cubic metres, and the steps of ten and a
// hundred that the 2018 edition adds.
const (
	Litre          Unit = 0x29
	LitreX10       Unit = 0x2A
	LitreX100      Unit = 0x2B
	CubicMetre     Unit = 0x2C
	CubicMetreX10  Unit = 0x2D
	CubicMetreX100 Unit = 0x2E
)

// UnitError is a unit byte that is no unit of volume.
type UnitError struct{ Unit Unit }

func (e *UnitError) Error() string {
	return fmt.Sprintf("unit %02X is no unit of volume", byte(e.Unit))
}

// millilitres is what one hundredth of the unit holds: every volume is sent as
// XXXXXX.XX of its unit.
func (u Unit) millilitres() (int64, error) {
	switch u {
	case Litre:
		return 10, nil
	case LitreX10:
		return 100, nil
	case LitreX100:
		return 1_000, nil
	case CubicMetre:
		return 10_000, nil
	case CubicMetreX10:
		return 100_000, nil
	case CubicMetreX100:
		return 1_000_000, nil
	}
	return 0, &UnitError{Unit: u}
}
