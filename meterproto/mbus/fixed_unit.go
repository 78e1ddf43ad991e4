package mbus

import (
	"strings"

	mp "github.com/vendgate/vendgate/meterproto"
)

// fixedUnits are the units of the fixed data structure (EN 1434-3:1997, table
// of physical units). A number n stands for n × 10^Scale of Unit.
var fixedUnits = spreadFixed(
	fixedSpan{0x02, 9, mp.OfEnergy, mp.WattHour, 0, "Wh kWh MWh"},
	fixedSpan{0x0B, 9, mp.OfEnergy, mp.Joule, 3, "kJ MJ GJ"},
	fixedSpan{0x14, 9, mp.OfPower, mp.Watt, 0, "W kW MW"},
	fixedSpan{0x1D, 9, mp.OfPower, mp.JoulePerHour, 3, "kJ/h MJ/h GJ/h"},
	fixedSpan{0x26, 9, mp.OfVolume, mp.CubicMetre, -6, "ml l m^3"},
	fixedSpan{0x2F, 9, mp.OfFlow, mp.CubicMetrePerHour, -6, "ml/h l/h m^3/h"},
)

// fixedSpan is count units from code on, each ten times the one before; every
// third has a name of its own.
type fixedSpan struct {
	code, count byte
	kind        mp.Kind
	unit        mp.Unit
	scale       int8
	names       string
}

func spreadFixed(spans ...fixedSpan) (table [64]Quantity) {
	for i := range table {
		table[i].Symbol = "reserved"
	}
	for _, s := range spans {
		names := strings.Fields(s.names)
		for i := range s.count {
			prefix := [...]string{"", "10 ", "100 "}[i%3]
			table[s.code+i] = Quantity{Kind: s.kind, Unit: s.unit, Scale: s.scale + int8(i), Symbol: prefix + names[i/3]}
		}
	}
	table[0x00].Symbol, table[0x01].Symbol = "h,m,s", "D,M,Y"
	table[0x38] = Quantity{Kind: mp.OfTemperature, Unit: mp.Celsius, Scale: -3, Symbol: "1e-3 °C"}
	table[0x39] = Quantity{Kind: mp.OfRatio, Symbol: "units for HCA"}
	table[historicUnit].Symbol = "reserved but historic"
	table[0x3F].Symbol = "without units"
	return table
}
