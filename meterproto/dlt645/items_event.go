package dlt645

import "github.com/vendgate/vendgate/meterproto"

var (
	count2  = Field{Kind: meterproto.OfCount, Size: 2}
	count3  = Field{Kind: meterproto.OfCount, Size: 3}
	minutes = Field{Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 3}

	counts   = []Field{count3}
	lasted   = []Field{count3, minutes}
	ofPhases = []Field{
		{Kind: meterproto.OfCount, Size: 3, Phase: 1}, {Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 3, Phase: 1},
		{Kind: meterproto.OfCount, Size: 3, Phase: 2}, {Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 3, Phase: 2},
		{Kind: meterproto.OfCount, Size: 3, Phase: 3}, {Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 3, Phase: 3},
	}

	operator = Field{Kind: meterproto.OfIdentity, Form: Digits, Size: 4}
	last     = part{means: byStorage, bits: 8, low: 1, high: 0x0A}
	lasts    = group{0xFF, []part{last}}
	// phasesOfEvent: identifiers 10 to 1C, where DI3 is the kind of event and DI2 the phase.
	phasesOfEvent = group{0xFFFF0000, []part{{shift: 24, bits: 8, low: 0x10, high: 0x1C}, {means: byPhase, shift: 16, bits: 8, high: 3}}}
)

// events are the identifiers 03 and 10 to 1E: how often something happened, and
// the records of purchases (§2). Records of other events stay raw: their length
// is the maker's.
var events = []Item{
	{Name: "loss of voltage", code: 0x03010000, Fields: ofPhases},
	{Name: "under-voltage", code: 0x03020000, Fields: ofPhases},
	{Name: "over-voltage", code: 0x03030000, Fields: ofPhases},
	{Name: "phase break", code: 0x03040000, Fields: ofPhases},
	{Name: "loss of all voltages", code: 0x03050000, Fields: lasted},
	{Name: "loss of auxiliary supply", code: 0x03060000, Fields: lasted},
	{Name: "voltage sequence reversed", code: 0x03070000, Fields: lasted},
	{Name: "current sequence reversed", code: 0x03080000, Fields: lasted},
	{Name: "voltage unbalance", code: 0x03090000, Fields: lasted},
	{Name: "current unbalance", code: 0x030A0000, Fields: lasted},
	{Name: "loss of current", code: 0x030B0000, Fields: ofPhases},
	{Name: "over-current", code: 0x030C0000, Fields: ofPhases},
	{Name: "current break", code: 0x030D0000, Fields: ofPhases},
	{Name: "flow reversed", code: 0x030E0000, Fields: ofPhases},
	{Name: "overload", code: 0x030F0000, Fields: ofPhases},
	{Name: "power failures", code: 0x03100000, vary: group{0xFF, []part{{means: byStorage, bits: 8, high: 0x0C}}}, Fields: counts},
	{Name: "power failures", code: 0x03110000, Fields: counts},
	{Name: "power failure, from and to", code: 0x03110000, vary: lasts, Fields: []Field{secondOf, secondOf}},
	{Name: "programmings", code: 0x03300000, Fields: counts},
	{Name: "meter clearings", code: 0x03300100, Fields: counts},
	{Name: "demand clearings", code: 0x03300200, Fields: counts},
	{Name: "event clearings", code: 0x03300300, Fields: counts},
	{Name: "clock settings", code: 0x03300400, Fields: counts},
	{Name: "clock setting: operator, before, after", code: 0x03300400, vary: lasts, Fields: []Field{operator, secondOf, secondOf}},
	{Name: "day table programmings", code: 0x03300500, Fields: counts},
	{Name: "zone table programmings", code: 0x03300600, Fields: counts},
	{Name: "weekend programmings", code: 0x03300700, Fields: counts},
	{Name: "holiday programmings", code: 0x03300800, Fields: counts},
	{Name: "active combination programmings", code: 0x03300900, Fields: counts},
	{Name: "reactive combination 1 programmings", code: 0x03300A00, Fields: counts},
	{Name: "reactive combination 2 programmings", code: 0x03300B00, Fields: counts},
	{Name: "settlement day programmings", code: 0x03300C00, Fields: counts},
	{Name: "cover openings", code: 0x03300D00, Fields: counts},
	{Name: "terminal cover openings", code: 0x03300E00, Fields: counts},
	{Name: "purchase of energy: date", code: 0x03320100, vary: lasts, Fields: []Field{minuteOf}},
	{Name: "purchase count", code: 0x03320200, vary: lasts, Fields: []Field{count2}},
	{Name: "purchase count", code: 0x03320200, vary: lasts, Fields: []Field{{Kind: meterproto.OfCount, Size: 4}}},
	{Name: "energy purchased", code: 0x03320300, vary: lasts, Fields: activeEnergy},
	{Name: "remaining energy before the purchase", code: 0x03320400, vary: lasts, Fields: activeEnergy},
	{Name: "remaining energy after the purchase", code: 0x03320500, vary: lasts, Fields: activeEnergy},
	{Name: "cumulative energy purchased", code: 0x03320600, vary: lasts, Fields: activeEnergy},
	{Name: "purchase: date", code: 0x03330100, vary: lasts, Fields: []Field{minuteOf}},
	{Name: "purchase count", code: 0x03330200, vary: lasts, Fields: []Field{count2}},
	{Name: "purchase count", code: 0x03330200, vary: lasts, Fields: []Field{{Kind: meterproto.OfCount, Size: 4}}},
	{Name: "amount purchased", code: 0x03330300, vary: lasts, Fields: money},
	{Name: "remaining amount before the purchase", code: 0x03330400, vary: lasts, Fields: money},
	{Name: "remaining amount after the purchase", code: 0x03330500, vary: lasts, Fields: money},
	{Name: "cumulative amount purchased", code: 0x03330600, vary: lasts, Fields: money},
	{Name: "magnetic interferences", code: 0x03350000, Fields: counts},
	{Name: "relay faults", code: 0x03360000, Fields: counts},
	{Name: "supply faults", code: 0x03370000, Fields: counts},
	{Name: "events of a kind", code: 0x00000001, vary: phasesOfEvent, Fields: counts},
	{Name: "time of events of a kind", code: 0x00000002, vary: phasesOfEvent, Fields: []Field{minutes}},
	{Name: "trips", code: 0x1D000001, Fields: counts},
	{Name: "trip: time", code: 0x1D000100, vary: lasts, Fields: []Field{secondOf}},
	{Name: "trip: operator", code: 0x1D000200, vary: lasts, Fields: []Field{operator}},
	{Name: "trip: forward active energy", code: 0x1D000300, vary: lasts, Fields: activeEnergy},
	{Name: "closings", code: 0x1E000001, Fields: counts},
	{Name: "closing: time", code: 0x1E000100, vary: lasts, Fields: []Field{secondOf}},
	{Name: "closing: operator", code: 0x1E000200, vary: lasts, Fields: []Field{operator}},
	{Name: "closing: forward active energy", code: 0x1E000300, vary: lasts, Fields: activeEnergy},
}
