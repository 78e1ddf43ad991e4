package dlt645

import "github.com/vendgate/vendgate/meterproto"

// The tables are data and never written to. They follow Annex A of the 2007
// edition; §2 of the reference where that says more.

var (
	tariffs     = part{means: byTariff, shift: 8, bits: 8, high: 0x3F, block: true}
	settlements = part{means: byStorage, bits: 8, high: 0x0C, block: true}
	// settled is what energies and demands vary in.
	settled = group{0xFFFF, []part{tariffs, settlements}}

	activeEnergy    = []Field{{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Size: 4, Scale: 1}}
	activeBalance   = []Field{{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Form: Signed, Size: 4, Scale: 1}}
	reactiveEnergy  = []Field{{Kind: meterproto.OfReactive, Unit: meterproto.VarHour, Size: 4, Scale: 1}}
	reactiveBalance = []Field{{Kind: meterproto.OfReactive, Unit: meterproto.VarHour, Form: Signed, Size: 4, Scale: 1}}
	apparentEnergy  = []Field{{Kind: meterproto.OfApparent, Unit: meterproto.VoltAmpereHour, Size: 4, Scale: 1}}
	money           = []Field{{Kind: meterproto.OfMoney, Unit: meterproto.Currency, Size: 4, Scale: -2}}

	activePeak      = []Field{{Kind: meterproto.OfPower, Unit: meterproto.Watt, Size: 3, Scale: -1, Function: meterproto.Maximum}, peakTime}
	reactivePeak    = []Field{{Kind: meterproto.OfReactive, Unit: meterproto.Var, Size: 3, Scale: -1, Function: meterproto.Maximum}, peakTime}
	reactiveExtreme = []Field{{Kind: meterproto.OfReactive, Unit: meterproto.Var, Form: Signed, Size: 3, Scale: -1, Function: meterproto.Maximum}, peakTime}
	apparentPeak    = []Field{{Kind: meterproto.OfApparent, Unit: meterproto.VoltAmpere, Size: 3, Scale: -1, Function: meterproto.Maximum}, peakTime}

	peakTime = Field{Kind: meterproto.OfInstant, Form: Clock, Size: 5, Layout: "mhDMY", Function: meterproto.Maximum}
	minuteOf = Field{Kind: meterproto.OfInstant, Form: Clock, Size: 5, Layout: "mhDMY"}
	secondOf = Field{Kind: meterproto.OfInstant, Form: Clock, Size: 6, Layout: "smhDMY"}
)

// energies are the identifiers 00: energy, and what is left of it (§2).
var energies = []Item{
	{Name: "combined active energy", code: 0x00000000, vary: settled, Fields: activeBalance},
	{Name: "forward active energy", code: 0x00010000, vary: settled, Fields: activeEnergy},
	{Name: "reverse active energy", code: 0x00020000, vary: settled, Fields: activeEnergy},
	{Name: "combined reactive energy 1", code: 0x00030000, vary: settled, Fields: reactiveBalance},
	{Name: "combined reactive energy 2", code: 0x00040000, vary: settled, Fields: reactiveBalance},
	{Name: "reactive energy, quadrant I", code: 0x00050000, vary: settled, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant II", code: 0x00060000, vary: settled, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant III", code: 0x00070000, vary: settled, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant IV", code: 0x00080000, vary: settled, Fields: reactiveEnergy},
	{Name: "forward apparent energy", code: 0x00090000, vary: settled, Fields: apparentEnergy},
	{Name: "reverse apparent energy", code: 0x000A0000, vary: settled, Fields: apparentEnergy},
	{Name: "energy of the settlement period", code: 0x000B0000, vary: settled, Fields: activeEnergy},
	{Name: "energy of the month", code: 0x000C0000, vary: settled, Fields: activeEnergy},
	{Name: "associated energy", code: 0x00800000, vary: settled, Fields: activeBalance},
	{Name: "forward active fundamental energy", code: 0x00810000, vary: settled, Fields: activeEnergy},
	{Name: "reverse active fundamental energy", code: 0x00820000, vary: settled, Fields: activeEnergy},
	{Name: "forward active harmonic energy", code: 0x00830000, vary: settled, Fields: activeEnergy},
	{Name: "reverse active harmonic energy", code: 0x00840000, vary: settled, Fields: activeEnergy},
	{Name: "copper loss energy", code: 0x00850000, vary: settled, Fields: activeEnergy},
	{Name: "iron loss energy", code: 0x00860000, vary: settled, Fields: activeEnergy},
	{Name: "remaining energy", code: 0x00900100, Fields: activeEnergy},
	{Name: "overdrawn energy", code: 0x00900101, Fields: activeEnergy},
	{Name: "remaining amount", code: 0x00900200, Fields: money},
	{Name: "overdrawn amount", code: 0x00900201, Fields: money},
	{Name: "remaining free amount", code: 0x00900220, Fields: money},
}

// demands are the identifiers 01: the highest demand and when it was.
var demands = []Item{
	{Name: "forward active maximum demand", code: 0x01010000, vary: settled, Fields: activePeak},
	{Name: "reverse active maximum demand", code: 0x01020000, vary: settled, Fields: activePeak},
	{Name: "combined reactive 1 maximum demand", code: 0x01030000, vary: settled, Fields: reactiveExtreme},
	{Name: "combined reactive 2 maximum demand", code: 0x01040000, vary: settled, Fields: reactiveExtreme},
	{Name: "reactive maximum demand, quadrant I", code: 0x01050000, vary: settled, Fields: reactivePeak},
	{Name: "reactive maximum demand, quadrant II", code: 0x01060000, vary: settled, Fields: reactivePeak},
	{Name: "reactive maximum demand, quadrant III", code: 0x01070000, vary: settled, Fields: reactivePeak},
	{Name: "reactive maximum demand, quadrant IV", code: 0x01080000, vary: settled, Fields: reactivePeak},
	{Name: "forward apparent maximum demand", code: 0x01090000, vary: settled, Fields: apparentPeak},
	{Name: "reverse apparent maximum demand", code: 0x010A0000, vary: settled, Fields: apparentPeak},
}
