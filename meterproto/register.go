package meterproto

import "time"

// Register is one thing a meter said of itself: a quantity, a date or a text.
// Every codec turns what it can interpret into registers; what it cannot
// interpret has the Kind Unread and lives in Raw only, never in Value.
type Register struct {
	Kind     Kind
	Unit     Unit
	Function Function
	State    State
	Tariff   uint32  // 0: over all tariffs
	Storage  uint64  // 0: now; n: the n-th stored value of the protocol
	Subunit  uint16  // which part of the device, 0 the device itself
	Value    Decimal // only where State is Good and Kind is a quantity
	Span     int64   // after how many of Value's last digit it begins again, by its width; 0: not known
	Time     time.Time
	Raw      []byte // as it was on the wire, a part of the frame that was decoded: copy it to keep it
}

// Kind is what a register tells.
type Kind uint8

// The kinds. A Unit belongs to each that is a quantity.
const (
	Unread        Kind = iota // not interpreted: Raw only
	OfVolume                  // cubic metres
	OfEnergy                  // watt hours or joules
	OfPower                   // watts, or joules an hour
	OfFlow                    // cubic metres an hour
	OfMass                    // kilograms
	OfMassFlow                // kilograms an hour
	OfTemperature             // degrees Celsius
	OfTempSpan                // kelvin, a difference of two temperatures
	OfPressure                // bar
	OfTension                 // volts
	OfCurrent                 // amperes
	OfFrequency               // hertz
	OfReactive                // var or varh, by unit
	OfApparent                // VA or VAh, by unit
	OfRatio                   // without a unit: power factor, percent, conversion factor
	OfDuration                // seconds, or minutes where the meter counts those
	OfMoney                   // the meter's currency
	OfPrice                   // the meter's currency, a unit of what it counts
	OfCount                   // events, pulses, purchases
	OfIdentity                // a number or name that tells devices apart: Raw
	OfInstant                 // a date, or a date and a time of day: Time
	OfStatus                  // bits whose meaning the codec's own type tells: Raw
	OfText                    // words of the meter: Raw
	OfAngle                   // degrees, of one wave against another
)

// Unit is the unit of a Value. Codecs normalise to these by moving the decimal
// point, never by multiplying: kWh and MWh become Wh, litres become m³.
type Unit uint8

// The units.
const (
	NoUnit Unit = iota
	CubicMetre
	WattHour
	Joule
	Watt
	JoulePerHour
	CubicMetrePerHour
	Kilogram
	KilogramPerHour
	Celsius
	Kelvin
	Bar
	Volt
	Ampere
	Hertz
	Var
	VarHour
	VoltAmpere
	VoltAmpereHour
	Percent
	Second
	Currency // what the meter was set up for: yuan in China
	Minute
	Degree
)

// units are the names on the edges, as the reference frames have them.
var units = [...]string{
	"", "m3", "Wh", "J", "W", "J/h", "m3/h", "kg", "kg/h", "C", "K", "bar", "V", "A", "Hz", "var", "varh", "VA", "VAh", "%", "s", "currency",
	"min", "deg",
}

// String is the unit's usual symbol, in ASCII.
func (u Unit) String() string {
	if int(u) < len(units) {
		return units[u]
	}
	return "?"
}

// Function is which value of a quantity a register holds.
type Function uint8

// The functions (EN 13757-3, function field; other protocols have fewer).
const (
	Instantaneous Function = iota
	Maximum
	Minimum
	DuringError
)

// State is whether a register has a value.
type State uint8

// The states.
const (
	Good    State = iota
	NoValue       // the meter sent 99…9, FF…F or a date that says "none": there is no number
	Invalid       // digits that are none, a date that cannot be: kept in Raw only
)
