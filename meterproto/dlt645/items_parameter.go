package dlt645

import "github.com/vendgate/vendgate/meterproto"

var (
	number1  = []Field{{Kind: meterproto.OfCount, Size: 1}}
	number2  = []Field{{Kind: meterproto.OfCount, Size: 2}}
	number3  = []Field{{Kind: meterproto.OfCount, Size: 3}}
	minute   = []Field{{Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 1}}
	minutes2 = []Field{{Kind: meterproto.OfDuration, Unit: meterproto.Minute, Size: 2}}
	moment   = []Field{minuteOf}
	mode     = []Field{{Kind: meterproto.OfStatus, Form: Bits, Size: 1}}
	word     = []Field{{Kind: meterproto.OfStatus, Form: Bits, Size: 2}}
	name6    = []Field{{Kind: meterproto.OfIdentity, Form: Digits, Size: 6}}
	text4    = []Field{{Kind: meterproto.OfText, Form: Text, Size: 4}}
	text6    = []Field{{Kind: meterproto.OfText, Form: Text, Size: 6}}
	text10   = []Field{{Kind: meterproto.OfText, Form: Text, Size: 10}}
	text16   = []Field{{Kind: meterproto.OfText, Form: Text, Size: 16}}
	text32   = []Field{{Kind: meterproto.OfText, Form: Text, Size: 32}}
	limit    = []Field{{Kind: meterproto.OfPower, Unit: meterproto.Watt, Size: 3, Scale: -1}}
	dayHour  = []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 2, Layout: "hD"}}

	ofTariff = group{0xFF, []part{{means: byTariff, bits: 8, low: 1, high: 0x3F, block: true, first: 1}}}
	ofLadder = group{0xFF, []part{{means: byIndex, bits: 8, low: 1, high: 0x0F, block: true, first: 1}}}
	ofList   = group{0xFF, []part{{means: byIndex, bits: 8, low: 1, high: 0x0A}}}
	ofWords  = group{0xFF, []part{{means: byIndex, bits: 8, low: 1, high: statusWords, block: true, first: 1}}}
)

// parameters are the identifiers 04: how the meter is set up, and its state (§2, §3).
var parameters = []Item{
	{Name: "date and weekday", code: 0x04000101, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 4, Layout: "WDMY"}}},
	{Name: "time", code: 0x04000102, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 3, Layout: "smh"}}},
	{Name: "demand period", code: 0x04000103, Fields: minute},
	{Name: "demand slide", code: 0x04000104, Fields: minute},
	{Name: "pulse width, ms", code: 0x04000105, Fields: number2},
	{Name: "switch of the zone tables", code: 0x04000106, Fields: moment},
	{Name: "switch of the day tables", code: 0x04000107, Fields: moment},
	{Name: "switch of the price sets", code: 0x04000108, Fields: moment},
	{Name: "switch of the ladders", code: 0x04000109, Fields: moment},
	{Name: "date, weekday and time", code: 0x0400010C, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 7, Layout: "smhWDMY"}}},
	{Name: "zones", code: 0x04000201, Fields: number1},
	{Name: "day tables", code: 0x04000202, Fields: number1},
	{Name: "periods of a day", code: 0x04000203, Fields: number1},
	{Name: "tariffs", code: 0x04000204, Fields: number1},
	{Name: "holidays", code: 0x04000205, Fields: number2},
	{Name: "harmonics", code: 0x04000206, Fields: number1},
	{Name: "ladder steps", code: 0x04000207, Fields: number1},
	{Name: "keys", code: 0x04000208, Fields: number1},
	{Name: "screens shown in turn", code: 0x04000301, Fields: number1},
	{Name: "time of a screen", code: 0x04000302, Fields: []Field{{Kind: meterproto.OfDuration, Unit: meterproto.Second, Size: 1}}},
	{Name: "decimals of energy", code: 0x04000303, Fields: number1},
	{Name: "decimals of power", code: 0x04000304, Fields: number1},
	{Name: "screens by key", code: 0x04000305, Fields: number1},
	{Name: "current transformer ratio", code: 0x04000306, Fields: number3},
	{Name: "voltage transformer ratio", code: 0x04000307, Fields: number3},
	{Name: "address", code: 0x04000401, Fields: name6},
	{Name: "meter number", code: 0x04000402, Fields: name6},
	{Name: "asset code", code: 0x04000403, Fields: text32},
	{Name: "rated voltage", code: 0x04000404, Fields: text6},
	{Name: "rated current", code: 0x04000405, Fields: text6},
	{Name: "maximum current", code: 0x04000406, Fields: text6},
	{Name: "active accuracy class", code: 0x04000407, Fields: text4},
	{Name: "reactive accuracy class", code: 0x04000408, Fields: text4},
	{Name: "pulses a kWh", code: 0x04000409, Fields: number3},
	{Name: "pulses a kvarh", code: 0x0400040A, Fields: number3},
	{Name: "model", code: 0x0400040B, Fields: text10},
	{Name: "date of production", code: 0x0400040C, Fields: text10},
	{Name: "protocol version", code: 0x0400040D, Fields: text16},
	{Name: "customer number", code: 0x0400040E, Fields: name6},
	{Name: "status word", code: 0x04000500, vary: ofWords, Fields: word},
	{Name: "active combination", code: 0x04000601, Fields: mode},
	{Name: "reactive combination 1", code: 0x04000602, Fields: mode},
	{Name: "reactive combination 2", code: 0x04000603, Fields: mode},
	{Name: "baud rate of a port", code: 0x04000700, vary: ofList, Fields: mode},
	{Name: "weekend", code: 0x04000801, Fields: mode},
	{Name: "day table of weekends", code: 0x04000802, Fields: number1},
	{Name: "load record mode", code: 0x04000901, Fields: mode},
	{Name: "freeze mode", code: 0x04000900, vary: group{0xFF, []part{{bits: 8, low: 2, high: 6}}}, Fields: mode},
	{Name: "start of the load record", code: 0x04000A01, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 4, Layout: "mhDM"}}},
	{Name: "interval of a load record", code: 0x04000A00, vary: group{0xFF, []part{{means: byIndex, bits: 8, low: 2, high: 7}}}, Fields: minutes2},
	{Name: "settlement day", code: 0x04000B00, vary: ofList, Fields: dayHour},
	{Name: "forward active power limit", code: 0x04000E01, Fields: limit},
	{Name: "reverse active power limit", code: 0x04000E02, Fields: limit},
	{Name: "voltage upper limit", code: 0x04000E03, Fields: voltage},
	{Name: "voltage lower limit", code: 0x04000E04, Fields: voltage},
	{Name: "alarm energy 1", code: 0x04000F01, Fields: activeEnergy},
	{Name: "alarm energy 2", code: 0x04000F02, Fields: activeEnergy},
	{Name: "hoard limit, energy", code: 0x04000F03, Fields: activeEnergy},
	{Name: "overdraft limit, energy", code: 0x04000F04, Fields: activeEnergy},
	{Name: "alarm amount 1", code: 0x04001001, Fields: money},
	{Name: "alarm amount 2", code: 0x04001002, Fields: money},
	{Name: "overdraft limit", code: 0x04001003, Fields: money},
	{Name: "hoard limit", code: 0x04001004, Fields: money},
	{Name: "amount that permits closing", code: 0x04001005, Fields: money},
	{Name: "running mode", code: 0x04001101, Fields: mode},
	{Name: "start of the hourly freeze", code: 0x04001201, Fields: moment},
	{Name: "interval of the hourly freeze", code: 0x04001202, Fields: minute},
	{Name: "time of the daily freeze", code: 0x04001203, Fields: []Field{{Kind: meterproto.OfInstant, Form: Clock, Size: 2, Layout: "mh"}}},
	{Name: "trip delay", code: 0x04001401, Fields: minutes2},
	{Name: "tariff price, set 1", code: 0x04050100, vary: ofTariff, Fields: price},
	{Name: "tariff price, set 2", code: 0x04050200, vary: ofTariff, Fields: price},
	{Name: "ladder threshold, set 1", code: 0x04060000, vary: ofLadder, Fields: activeEnergy},
	{Name: "ladder price, set 1", code: 0x04060100, vary: ofLadder, Fields: price},
	{Name: "ladder threshold, set 2", code: 0x04060200, vary: ofLadder, Fields: activeEnergy},
	{Name: "ladder price, set 2", code: 0x04060300, vary: ofLadder, Fields: price},
	{Name: "software version", code: 0x04800001, Fields: text32},
	{Name: "hardware version", code: 0x04800002, Fields: text32},
	{Name: "maker's code", code: 0x04800003, Fields: text32},
}
