package iec62056

// every stands in the table for every value of a group.
const every = 254

// The media as the table has them; an absent A goes with every one.
const (
	ofDevice      = 0
	ofElectricity = 1
	ofCooling     = 5
	ofHeat        = 6
	ofGas         = 7
	ofColdWater   = 8
	ofHotWater    = 9
)

// entry names the codes that it goes with. short is the form of two groups that
// heat meters use, in which the first is the medium.
type entry struct {
	a, c, d, e uint8
	short      bool
	role       role
	name       string
}

// role is what a value is where no unit says it.
type role uint8

const (
	aNumber   role = iota // as the unit says
	identity              // tells devices apart
	status                // bits or an error code
	instant               // a time
	counter               // how often something happened
	ratio                 // a number without a unit
	text                  // words
	ofDayTime             // a time of day or a date alone
)

// names are the common objects (IEC 62056-61 and EN 13757-1; the DSMR P1 list
// for 96.x and 24.x; makers' lists for the short codes of heat meters).
var names = [...]entry{
	{ofHeat, 6, 8, every, true, aNumber, "heat energy"},
	{ofHeat, 6, 26, every, true, aNumber, "volume"},
	{ofHeat, 6, 6, every, true, aNumber, "power, maximum"},
	{ofHeat, 6, 33, every, true, aNumber, "flow, maximum"},
	{ofHeat, 6, 31, every, true, aNumber, "operating time"},
	{ofHeat, 6, 32, every, true, aNumber, "time in fault"},
	{ofHeat, 6, 35, every, true, aNumber, "measuring period"},
	{ofHeat, 6, 36, every, true, ofDayTime, "settlement day"},
	{ofHeat, 9, 20, every, true, identity, "device number"},
	{ofHeat, 9, 21, every, true, identity, "property number"},
	{ofHeat, 9, 36, every, true, ofDayTime, "date and time"},

	{ofDevice, 0, 0, every, false, identity, "device number"},
	{ofElectricity, 0, 0, every, false, identity, "device number"},
	{ofDevice, 0, 1, every, false, counter, "billing period counter"},
	{ofElectricity, 0, 1, 0, false, counter, "billing period counter"},
	{ofElectricity, 0, 1, every, false, text, "billing period"},
	{ofDevice, 0, 2, every, false, text, "firmware or programme version"},
	{ofElectricity, 0, 2, every, false, text, "firmware or programme version"},
	{every, 0, 9, 1, false, ofDayTime, "time of day"},
	{every, 0, 9, 2, false, ofDayTime, "date"},
	{ofDevice, 1, 0, 0, false, instant, "clock"},
	{ofDevice, 17, 0, 0, false, aNumber, "limiter threshold"},
	{ofDevice, 24, 1, every, false, text, "kind of sub-device"},
	{ofDevice, 24, 2, every, false, aNumber, "value of sub-device"},
	{ofDevice, 24, 3, every, false, aNumber, "hourly value of sub-device"},
	{ofDevice, 24, 4, every, false, status, "valve or switch of sub-device"},
	{ofDevice, 42, 0, 0, false, identity, "logical device name"},
	{every, generalService, 1, every, false, identity, "device number"},
	{every, generalService, 3, every, false, status, "inputs, outputs and switches"},
	{every, generalService, 5, every, false, status, "operating status"},
	{every, generalService, 7, every, false, counter, "power failures"},
	{every, generalService, 8, every, false, aNumber, "operating time"},
	{every, generalService, 13, every, false, text, "message to the customer"},
	{every, generalService, 14, every, false, text, "tariff in force"},
	{every, generalError, generalError, every, false, status, "fatal error"},
	{ofElectricity, 99, 97, every, false, text, "power failure log"},
	{every, dataProfile, every, every, false, text, "profile or log"},

	{ofElectricity, 1, timeIntegral, every, false, aNumber, "active energy, import"},
	{ofElectricity, 2, timeIntegral, every, false, aNumber, "active energy, export"},
	{ofElectricity, 3, timeIntegral, every, false, aNumber, "reactive energy, import"},
	{ofElectricity, 4, timeIntegral, every, false, aNumber, "reactive energy, export"},
	{ofElectricity, 5, timeIntegral, every, false, aNumber, "reactive energy, quadrant I"},
	{ofElectricity, 6, timeIntegral, every, false, aNumber, "reactive energy, quadrant II"},
	{ofElectricity, 7, timeIntegral, every, false, aNumber, "reactive energy, quadrant III"},
	{ofElectricity, 8, timeIntegral, every, false, aNumber, "reactive energy, quadrant IV"},
	{ofElectricity, 9, timeIntegral, every, false, aNumber, "apparent energy, import"},
	{ofElectricity, 15, timeIntegral, every, false, aNumber, "active energy, import and export"},
	{ofElectricity, 16, timeIntegral, every, false, aNumber, "active energy, import less export"},
	{ofElectricity, 1, maximum, every, false, aNumber, "active power, import, maximum"},
	{ofElectricity, 2, maximum, every, false, aNumber, "active power, export, maximum"},
	{ofElectricity, 1, 2, every, false, aNumber, "active power, import, cumulative maximum"},
	{ofElectricity, 1, 4, every, false, aNumber, "active power, import, average of the running period"},
	{ofElectricity, 1, instantaneous, every, false, aNumber, "active power, import"},
	{ofElectricity, 2, instantaneous, every, false, aNumber, "active power, export"},
	{ofElectricity, 3, instantaneous, every, false, aNumber, "reactive power, import"},
	{ofElectricity, 4, instantaneous, every, false, aNumber, "reactive power, export"},
	{ofElectricity, 9, instantaneous, every, false, aNumber, "apparent power, import"},
	{ofElectricity, 13, instantaneous, every, false, ratio, "power factor"},
	{ofElectricity, 14, instantaneous, every, false, aNumber, "frequency"},
	{ofElectricity, 15, instantaneous, every, false, aNumber, "active power, import and export"},
	{ofElectricity, 16, instantaneous, every, false, aNumber, "active power, import less export"},
	{ofElectricity, 21, instantaneous, every, false, aNumber, "active power, import, phase 1"},
	{ofElectricity, 41, instantaneous, every, false, aNumber, "active power, import, phase 2"},
	{ofElectricity, 61, instantaneous, every, false, aNumber, "active power, import, phase 3"},
	{ofElectricity, 22, instantaneous, every, false, aNumber, "active power, export, phase 1"},
	{ofElectricity, 42, instantaneous, every, false, aNumber, "active power, export, phase 2"},
	{ofElectricity, 62, instantaneous, every, false, aNumber, "active power, export, phase 3"},
	{ofElectricity, 31, instantaneous, every, false, aNumber, "current, phase 1"},
	{ofElectricity, 51, instantaneous, every, false, aNumber, "current, phase 2"},
	{ofElectricity, 71, instantaneous, every, false, aNumber, "current, phase 3"},
	{ofElectricity, 32, instantaneous, every, false, aNumber, "voltage, phase 1"},
	{ofElectricity, 52, instantaneous, every, false, aNumber, "voltage, phase 2"},
	{ofElectricity, 72, instantaneous, every, false, aNumber, "voltage, phase 3"},
	{ofElectricity, 32, 32, every, false, counter, "voltage sags, phase 1"},
	{ofElectricity, 52, 32, every, false, counter, "voltage sags, phase 2"},
	{ofElectricity, 72, 32, every, false, counter, "voltage sags, phase 3"},
	{ofElectricity, 32, 36, every, false, counter, "voltage swells, phase 1"},
	{ofElectricity, 52, 36, every, false, counter, "voltage swells, phase 2"},
	{ofElectricity, 72, 36, every, false, counter, "voltage swells, phase 3"},

	{ofCooling, 1, 0, every, false, aNumber, "cooling energy"},
	{ofCooling, 2, 0, every, false, aNumber, "volume"},
	{ofHeat, 1, 0, every, false, aNumber, "heat energy"},
	{ofHeat, 2, 0, every, false, aNumber, "volume"},
	{ofHeat, 3, 0, every, false, aNumber, "mass"},
	{ofHeat, 8, 0, every, false, aNumber, "power"},
	{ofHeat, 9, 0, every, false, aNumber, "flow"},
	{ofHeat, 10, 0, every, false, aNumber, "flow temperature"},
	{ofHeat, 11, 0, every, false, aNumber, "return temperature"},
	{ofHeat, 12, 0, every, false, aNumber, "temperature difference"},
	{ofGas, 1, every, every, false, aNumber, "volume, forward, undisturbed"},
	{ofGas, 3, every, every, false, aNumber, "volume, forward, absolute"},
	{ofGas, 41, every, every, false, aNumber, "temperature"},
	{ofGas, 42, every, every, false, aNumber, "pressure"},
	{ofGas, 43, every, every, false, aNumber, "flow"},
	{ofColdWater, 1, every, every, false, aNumber, "volume"},
	{ofColdWater, 2, every, every, false, aNumber, "flow"},
	{ofHotWater, 1, every, every, false, aNumber, "volume"},
	{ofHotWater, 2, every, every, false, aNumber, "flow"},
}

// Name says what a code stands for, "" where the table does not know it.
func (c OBIS) Name() string { return c.entry().name }

// entry is the first that goes with the code.
func (c OBIS) entry() entry {
	short := c.A == Absent && c.E == Absent
	for i := range names {
		if e := &names[i]; (!e.short || short) && e.goesWith(c) {
			return *e
		}
	}
	return entry{}
}

func (e *entry) goesWith(c OBIS) bool {
	medium := e.a == every || c.A == e.a || c.A == Absent
	return (e.c == every || c.C == e.c) && medium && (e.d == every || c.D == e.d) && (e.e == every || c.E == e.e)
}
