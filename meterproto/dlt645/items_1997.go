package dlt645

import "github.com/vendgate/vendgate/meterproto"

var (
	// settled97: in 90 to 99, A0 to A9 and B0 to B9 the third and fourth bit say
	// which month (0 this, 1 the last, 2 the one before), the last nibble the tariff.
	settled97 = group{0x0C0F, []part{tariffs97, months97}}
	tariffs97 = part{means: byTariff, bits: 4, high: 0x0E, block: true}
	months97  = part{means: byStorage, shift: 10, bits: 2, high: 2}
	phases97  = group{0xF, []part{{means: byPhase, bits: 4, low: 1, high: 3, block: true, first: 1}}}
	sums97    = group{0xF, []part{{means: byPhase, bits: 4, high: 3, block: true}}}

	monthMinute = []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 4, Layout: "mhDM"}}
	peakMinute  = []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 4, Layout: "mhDM", Function: meterproto.Maximum}}
	duration97  = []Field{minutes}
	counts97    = []Field{count2}
)

// items97 are the identifiers of the 1997 edition.
var items97 = []Item{
	{Name: "active energy", code: 0x9000, vary: settled97, Fields: activeEnergy},
	{Name: "forward active energy", code: 0x9010, vary: settled97, Fields: activeEnergy},
	{Name: "reverse active energy", code: 0x9020, vary: settled97, Fields: activeEnergy},
	{Name: "reactive energy", code: 0x9100, vary: settled97, Fields: reactiveEnergy},
	{Name: "forward reactive energy", code: 0x9110, vary: settled97, Fields: reactiveEnergy},
	{Name: "reverse reactive energy", code: 0x9120, vary: settled97, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant I", code: 0x9130, vary: settled97, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant IV", code: 0x9140, vary: settled97, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant II", code: 0x9150, vary: settled97, Fields: reactiveEnergy},
	{Name: "reactive energy, quadrant III", code: 0x9160, vary: settled97, Fields: reactiveEnergy},
	{Name: "forward active maximum demand", code: 0xA010, vary: settled97, Fields: activePeak[:1]},
	{Name: "reverse active maximum demand", code: 0xA020, vary: settled97, Fields: activePeak[:1]},
	{Name: "forward reactive maximum demand", code: 0xA110, vary: settled97, Fields: reactivePeak[:1]},
	{Name: "reverse reactive maximum demand", code: 0xA120, vary: settled97, Fields: reactivePeak[:1]},
	{Name: "reactive maximum demand, quadrant I", code: 0xA130, vary: settled97, Fields: reactivePeak[:1]},
	{Name: "reactive maximum demand, quadrant IV", code: 0xA140, vary: settled97, Fields: reactivePeak[:1]},
	{Name: "reactive maximum demand, quadrant II", code: 0xA150, vary: settled97, Fields: reactivePeak[:1]},
	{Name: "reactive maximum demand, quadrant III", code: 0xA160, vary: settled97, Fields: reactivePeak[:1]},
	{Name: "time of the forward active maximum demand", code: 0xB010, vary: settled97, Fields: peakMinute},
	{Name: "time of the reverse active maximum demand", code: 0xB020, vary: settled97, Fields: peakMinute},
	{Name: "time of the forward reactive maximum demand", code: 0xB110, vary: settled97, Fields: peakMinute},
	{Name: "time of the reverse reactive maximum demand", code: 0xB120, vary: settled97, Fields: peakMinute},
	{Name: "time of the reactive maximum demand, quadrant I", code: 0xB130, vary: settled97, Fields: peakMinute},
	{Name: "time of the reactive maximum demand, quadrant IV", code: 0xB140, vary: settled97, Fields: peakMinute},
	{Name: "time of the reactive maximum demand, quadrant II", code: 0xB150, vary: settled97, Fields: peakMinute},
	{Name: "time of the reactive maximum demand, quadrant III", code: 0xB160, vary: settled97, Fields: peakMinute},
	{Name: "last programming", code: 0xB210, Fields: monthMinute},
	{Name: "last demand clearing", code: 0xB211, Fields: monthMinute},
	{Name: "programmings", code: 0xB212, Fields: counts97},
	{Name: "demand clearings", code: 0xB213, Fields: counts97},
	{Name: "battery working time", code: 0xB214, Fields: duration97},
	{Name: "phase breaks", code: 0xB310, vary: sums97, Fields: counts97},
	{Name: "time of phase breaks", code: 0xB320, vary: sums97, Fields: duration97},
	{Name: "last phase break, from", code: 0xB330, vary: sums97, Fields: monthMinute},
	{Name: "last phase break, to", code: 0xB340, vary: sums97, Fields: monthMinute},
	{Name: "voltage", code: 0xB610, vary: phases97, Fields: []Field{{Kind: meterproto.OfTension, Unit: meterproto.Volt, Size: 2}}},
	{Name: "current", code: 0xB620, vary: phases97, Fields: []Field{{Kind: meterproto.OfCurrent, Unit: meterproto.Ampere, Size: 2, Scale: -2}}},
	{Name: "active power", code: 0xB630, vary: sums97, Fields: []Field{{Kind: meterproto.OfPower, Unit: meterproto.Watt, Size: 3, Scale: -1}}},
	{Name: "active power limit", code: 0xB630, vary: group{0xF, []part{{means: byIndex, bits: 4, low: 4, high: 5}}}, Fields: limit},
	{Name: "reactive power", code: 0xB640, vary: sums97, Fields: []Field{{Kind: meterproto.OfReactive, Unit: meterproto.Var, Size: 2, Scale: 1}}},
	{Name: "power factor", code: 0xB650, vary: sums97, Fields: []Field{{Kind: meterproto.OfRatio, Size: 2, Scale: -3}}},
	{Name: "date and weekday", code: 0xC010, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 4, Layout: "WDMY"}}},
	{Name: "time", code: 0xC011, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 3, Layout: "smh"}}},
	{Name: "meter status", code: 0xC020, Fields: mode},
	{Name: "grid status", code: 0xC021, Fields: mode},
	{Name: "weekend", code: 0xC022, Fields: mode},
	{Name: "pulses a kWh", code: 0xC030, Fields: number3},
	{Name: "pulses a kvarh", code: 0xC031, Fields: number3},
	{Name: "meter number", code: 0xC032, Fields: name6},
	{Name: "customer number", code: 0xC033, Fields: name6},
	{Name: "device code", code: 0xC034, Fields: name6},
	{Name: "demand period", code: 0xC111, Fields: minute},
	{Name: "demand slide", code: 0xC112, Fields: minute},
	{Name: "time of a screen", code: 0xC113, Fields: []Field{{Kind: meterproto.OfDuration, Unit: meterproto.Second, Size: 1}}},
	{Name: "time of a screen by key", code: 0xC114, Fields: []Field{{Kind: meterproto.OfDuration, Unit: meterproto.Second, Size: 1}}},
	{Name: "decimals shown", code: 0xC115, Fields: number1},
	{Name: "settlement day", code: 0xC117, Fields: dayHour},
	{Name: "active energy at the start", code: 0xC119, Fields: []Field{{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Size: 4, Scale: 2}}},
	{Name: "reactive energy at the start", code: 0xC11A, Fields: []Field{{Kind: meterproto.OfReactive, Unit: meterproto.VarHour, Size: 4, Scale: 2}}},
	{Name: "zones", code: 0xC310, Fields: number1},
	{Name: "day tables", code: 0xC311, Fields: number1},
	{Name: "periods of a day", code: 0xC312, Fields: number1},
	{Name: "tariffs", code: 0xC313, Fields: number1},
	{Name: "holidays", code: 0xC314, Fields: number1},
}
