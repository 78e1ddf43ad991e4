package dlt645

import "github.com/vendgate/vendgate/meterproto"

var (
	// frozen is what freezes vary in: DI2 is why it was frozen (00 timed, 01 at
	// once, 02 and 03 at a switch of tables, 04 hourly, 05 at a switch of prices,
	// 06 daily, 07 at a switch of ladders), DI0 how many freezes ago.
	frozen = group{0xFF00FF, []part{{shift: 16, bits: 8, high: 0x07}, {means: byStorage, bits: 8, low: 1, high: 0xFE}}}
	// andTariffs: the total is followed by the tariffs, as many as the meter has.
	andTariffs = part{means: byTariff, high: 0x3F}

	frozenPowers = []Field{
		{Kind: meterproto.OfPower, Unit: meterproto.Watt, Form: Signed, Size: 3, Scale: -1},
		{Kind: meterproto.OfPower, Unit: meterproto.Watt, Form: Signed, Size: 3, Scale: -1, Phase: 1},
		{Kind: meterproto.OfPower, Unit: meterproto.Watt, Form: Signed, Size: 3, Scale: -1, Phase: 2},
		{Kind: meterproto.OfPower, Unit: meterproto.Watt, Form: Signed, Size: 3, Scale: -1, Phase: 3},
		{Kind: meterproto.OfReactive, Unit: meterproto.Var, Form: Signed, Size: 3, Scale: -1},
		{Kind: meterproto.OfReactive, Unit: meterproto.Var, Form: Signed, Size: 3, Scale: -1, Phase: 1},
		{Kind: meterproto.OfReactive, Unit: meterproto.Var, Form: Signed, Size: 3, Scale: -1, Phase: 2},
		{Kind: meterproto.OfReactive, Unit: meterproto.Var, Form: Signed, Size: 3, Scale: -1, Phase: 3},
	}
)

// freezes are the identifiers 05: the registers as they were at a moment.
var freezes = []Item{
	{Name: "time of the freeze", code: 0x05000000, vary: frozen, Fields: []Field{minuteOf}},
	{Name: "frozen forward active energy", code: 0x05000100, vary: frozen, more: &andTariffs, Fields: activeEnergy},
	{Name: "frozen reverse active energy", code: 0x05000200, vary: frozen, more: &andTariffs, Fields: activeEnergy},
	{Name: "frozen combined reactive energy 1", code: 0x05000300, vary: frozen, more: &andTariffs, Fields: reactiveBalance},
	{Name: "frozen combined reactive energy 2", code: 0x05000400, vary: frozen, more: &andTariffs, Fields: reactiveBalance},
	{Name: "frozen reactive energy, quadrant I", code: 0x05000500, vary: frozen, more: &andTariffs, Fields: reactiveEnergy},
	{Name: "frozen reactive energy, quadrant II", code: 0x05000600, vary: frozen, more: &andTariffs, Fields: reactiveEnergy},
	{Name: "frozen reactive energy, quadrant III", code: 0x05000700, vary: frozen, more: &andTariffs, Fields: reactiveEnergy},
	{Name: "frozen reactive energy, quadrant IV", code: 0x05000800, vary: frozen, more: &andTariffs, Fields: reactiveEnergy},
	{Name: "frozen forward active maximum demand", code: 0x05000900, vary: frozen, more: &andTariffs, Fields: activePeak},
	{Name: "frozen reverse active maximum demand", code: 0x05000A00, vary: frozen, more: &andTariffs, Fields: activePeak},
	{Name: "frozen powers", code: 0x05001000, vary: frozen, Fields: frozenPowers},
}
