package mbus

import mp "github.com/vendgate/vendgate/meterproto"

// secondQuantities are the codes behind VIF FB (EN 13757-3, table 14). American
// units are not converted: their Kind is Unread. The symbols of the codes 08,
// 09, 30 and 31 are the reference decoders' slips, which their frames keep.
var secondQuantities = spread([]span{
	counted(0x00, 2, mp.OfEnergy, mp.WattHour, 5, "Energy"),
	newer(0x02, 2, mp.OfReactive, mp.VarHour, 3, "Reactive energy"),
	newer(0x04, 2, mp.OfApparent, mp.VoltAmpereHour, 3, "Apparent energy"),
	{0x08, 2, Quantity{Name: "Energy", Kind: mp.OfEnergy, Unit: mp.Joule, Symbol: Reserved, Scale: 8}},
	later(0x0C, mp.Unread, "Energy (0.1 Mcal)"),
	later(0x0D, mp.Unread, "Energy (Mcal)"),
	later(0x0E, mp.Unread, "Energy (10 Mcal)"),
	later(0x0F, mp.Unread, "Energy (100 Mcal)"),
	counted(0x10, 2, mp.OfVolume, mp.CubicMetre, 2, "Volume"),
	newer(0x14, 4, mp.OfReactive, mp.Var, 0, "Reactive power"),
	counted(0x18, 2, mp.OfMass, mp.Kilogram, 5, "Mass"),
	newer(0x1A, 2, mp.OfRatio, mp.Percent, -1, "Relative humidity"),
	later(0x20, mp.Unread, "Volume (feet^3)"),
	foreign(0x21, 1, "feet^3", -1, "Volume"),
	foreign(0x22, 2, "American gallon", -1, "Volume"),
	foreign(0x24, 1, "American gallon/min", -3, "Volume flow"),
	foreign(0x25, 1, "American gallon/min", 0, "Volume flow"),
	foreign(0x26, 1, "American gallon/h", 0, "Volume flow"),
	counted(0x28, 2, mp.OfPower, mp.Watt, 5, "Power"),
	later(0x2A, mp.Unread, "Phase between voltages (0.1 degrees)"),
	later(0x2B, mp.Unread, "Phase between voltage and current (0.1 degrees)"),
	newer(0x2C, 4, mp.OfFrequency, mp.Hertz, -3, "Frequency"),
	{0x30, 2, Quantity{Name: "Power", Kind: mp.OfPower, Unit: mp.JoulePerHour, Symbol: "J", Scale: 8}},
	newer(0x34, 4, mp.OfApparent, mp.VoltAmpere, 0, "Apparent power"),
	foreign(0x58, 4, "°F", -3, "Flow temperature"),
	foreign(0x5C, 4, "°F", -3, "Return temperature"),
	foreign(0x60, 4, "°F", -3, "Temperature difference"),
	foreign(0x64, 4, "°F", -3, "External temperature"),
	foreign(0x70, 4, "°F", -3, "Cold / Warm Temperature Limit"),
	counted(0x74, 4, mp.OfTemperature, mp.Celsius, -3, "Cold / Warm Temperature Limit"),
	counted(0x78, 8, mp.OfPower, mp.Watt, -3, "Cumul count max power"),
})

// newer is a scaled quantity that the edition of 2004 did not have.
func newer(code, count byte, kind mp.Kind, unit mp.Unit, scale int8, name string) span {
	s := counted(code, count, kind, unit, scale, name)
	s.Later = true
	return s
}
