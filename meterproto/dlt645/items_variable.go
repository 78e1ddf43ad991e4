package dlt645

import "github.com/vendgate/vendgate/meterproto"

var (
	phases       = group{0xFF00, []part{{means: byPhase, shift: 8, bits: 8, low: 1, high: 3, block: true, first: 1}}}
	sumAndPhases = group{0xFF00, []part{{means: byPhase, shift: 8, bits: 8, high: 3, block: true}}}
	harmonics    = group{0xFFFF, []part{
		{means: byPhase, shift: 8, bits: 8, low: 1, high: 3},
		{means: byIndex, bits: 8, low: 1, high: 0x15, block: true, first: 1},
	}}

	voltage       = []Field{{Kind: meterproto.OfTension, Unit: meterproto.Volt, Size: 2, Scale: -1}}
	current       = []Field{{Kind: meterproto.OfCurrent, Unit: meterproto.Ampere, Form: Signed, Size: 3, Scale: -3}}
	activePower   = []Field{{Kind: meterproto.OfPower, Unit: meterproto.Watt, Form: Signed, Size: 3, Scale: -1}}
	reactivePower = []Field{{Kind: meterproto.OfReactive, Unit: meterproto.Var, Form: Signed, Size: 3, Scale: -1}}
	apparentPower = []Field{{Kind: meterproto.OfApparent, Unit: meterproto.VoltAmpere, Form: Signed, Size: 3, Scale: -1}}
	powerFactor   = []Field{{Kind: meterproto.OfRatio, Form: Signed, Size: 2, Scale: -3}}
	phaseAngle    = []Field{{Kind: meterproto.OfAngle, Unit: meterproto.Degree, Size: 2, Scale: -1}}
	distortion    = []Field{{Kind: meterproto.OfRatio, Unit: meterproto.Percent, Size: 2, Scale: -2}}
	frequency     = []Field{{Kind: meterproto.OfFrequency, Unit: meterproto.Hertz, Size: 2, Scale: -2}}
	temperature   = []Field{{Kind: meterproto.OfTemperature, Unit: meterproto.Celsius, Form: Signed, Size: 2, Scale: -1}}
	battery       = []Field{{Kind: meterproto.OfTension, Unit: meterproto.Volt, Size: 2, Scale: -2}}
	price         = []Field{{Kind: meterproto.OfPrice, Unit: meterproto.Currency, Size: 4, Scale: -4}}
)

// variables are the identifiers 02: what the meter measures now.
var variables = []Item{
	{Name: "voltage", code: 0x02010000, vary: phases, Fields: voltage},
	{Name: "current", code: 0x02020000, vary: phases, Fields: current},
	{Name: "active power", code: 0x02030000, vary: sumAndPhases, Fields: activePower},
	{Name: "reactive power", code: 0x02040000, vary: sumAndPhases, Fields: reactivePower},
	{Name: "apparent power", code: 0x02050000, vary: sumAndPhases, Fields: apparentPower},
	{Name: "power factor", code: 0x02060000, vary: sumAndPhases, Fields: powerFactor},
	{Name: "phase angle", code: 0x02070000, vary: phases, Fields: phaseAngle},
	{Name: "voltage distortion", code: 0x02080000, vary: phases, Fields: distortion},
	{Name: "current distortion", code: 0x02090000, vary: phases, Fields: distortion},
	{Name: "voltage harmonics", code: 0x020A0000, vary: harmonics, Fields: distortion},
	{Name: "current harmonics", code: 0x020B0000, vary: harmonics, Fields: distortion},
	{Name: "neutral current", code: 0x02800001, Fields: current},
	{Name: "frequency", code: 0x02800002, Fields: frequency},
	{Name: "active power, mean of a minute", code: 0x02800003, Fields: activePower},
	{Name: "active demand", code: 0x02800004, Fields: activePower},
	{Name: "reactive demand", code: 0x02800005, Fields: reactivePower},
	{Name: "apparent demand", code: 0x02800006, Fields: apparentPower},
	{Name: "temperature in the meter", code: 0x02800007, Fields: temperature},
	{Name: "clock battery voltage", code: 0x02800008, Fields: battery},
	{Name: "reading battery voltage", code: 0x02800009, Fields: battery},
	{Name: "battery working time", code: 0x0280000A, Fields: []Field{{Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 4}}},
	{Name: "ladder price", code: 0x0280000B, Fields: price},
	{Name: "price", code: 0x02800020, Fields: price},
	{Name: "tariff price", code: 0x02800021, Fields: price},
	{Name: "authentication left", code: 0x02800022, Fields: minutes2},
}
