package mbus

import mp "github.com/vendgate/vendgate/meterproto"

// primaryQuantities are the codes of a VIF itself (EN 13757-3, table 10).
var primaryQuantities = spread([]span{
	counted(0x00, 8, mp.OfEnergy, mp.WattHour, -3, "Energy"),
	counted(0x08, 8, mp.OfEnergy, mp.Joule, 0, "Energy"),
	counted(0x10, 8, mp.OfVolume, mp.CubicMetre, -6, "Volume"),
	counted(0x18, 8, mp.OfMass, mp.Kilogram, -3, "Mass"),
	counted(0x28, 8, mp.OfPower, mp.Watt, -3, "Power"),
	counted(0x30, 8, mp.OfPower, mp.JoulePerHour, 0, "Power"),
	counted(0x38, 8, mp.OfFlow, mp.CubicMetrePerHour, -6, "Volume flow"),
	{0x40, 8, Quantity{
		Name: "Volume flow", Kind: mp.OfFlow, Unit: mp.CubicMetrePerHour, Symbol: "m^3/min", Scale: -7, Hourly: 60,
	}},
	{0x48, 8, Quantity{
		Name: "Volume flow", Kind: mp.OfFlow, Unit: mp.CubicMetrePerHour, Symbol: "m^3/s", Scale: -9, Hourly: 3600,
	}},
	counted(0x50, 8, mp.OfMassFlow, mp.KilogramPerHour, -3, "Mass flow"),
	counted(0x58, 4, mp.OfTemperature, mp.Celsius, -3, "Flow temperature"),
	counted(0x5C, 4, mp.OfTemperature, mp.Celsius, -3, "Return temperature"),
	counted(0x60, 4, mp.OfTempSpan, mp.Kelvin, -3, "Temperature difference"),
	counted(0x64, 4, mp.OfTemperature, mp.Celsius, -3, "External temperature"),
	counted(0x68, 4, mp.OfPressure, mp.Bar, -3, "Pressure"),
	plain(0x6C, mp.OfInstant, "Time point (date)"),
	plain(0x6D, mp.OfInstant, "Time point (date & time)"),
	{0x6E, 1, Quantity{Name: "H.C.A.", Kind: mp.OfRatio, Symbol: "Units for H.C.A."}},
	plain(0x78, mp.OfIdentity, "Fabrication No"),
	plain(0x79, mp.OfIdentity, "(Enhanced) Identification"),
	plain(0x7A, mp.OfIdentity, "Bus Address"),
	plain(vifText, mp.Unread, ""),
	plain(0x7E, mp.Unread, "Any VIF"),
	plain(vifMaker, mp.Unread, "Manufacturer specific"),
},
	durations(0x20, 0, "On time", false), durations(0x24, 0, "Operating time", false),
	durations(0x70, 0, "Averaging Duration", false), durations(0x74, 0, "Actuality Duration", false),
)
