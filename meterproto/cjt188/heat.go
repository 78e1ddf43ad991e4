package cjt188

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// heatSize is the values' length of DI 901F, L = 2EH (§3).
const heatSize = 5*quantitySize + 2*tempSize + countSize + timeSize + statusSize

// Heat is the answer to DI 901F of a meter for heat or cold (T 20–29).
type Heat struct {
	Settled Quantity // energy, on the settlement day
	Energy  Quantity
	Power   Quantity
	Flow    Rate
	Volume  Quantity
	Supply  Digits // °C
	Return  Digits // °C
	Hours   Count  // of work
	Time    time.Time
	Status  Status
}

func (h *Heat) walk(w *walker) {
	w.quantity(&settledHeat, &h.Settled)
	w.quantity(&currentHeat, &h.Energy)
	w.quantity(&power, &h.Power)
	w.rate(&flowRate, &h.Flow)
	w.quantity(&currentFlow, &h.Volume)
	w.hundredths(&supplyTemp, &h.Supply, tempSize, meterproto.Celsius)
	w.hundredths(&returnTemp, &h.Return, tempSize, meterproto.Celsius)
	w.hours(&workHours, &h.Hours, hoursSize)
	w.time(&clock, &h.Time)
	w.status(&status, &h.Status)
}

// heat2018Size is the values' length of DI 901F, L = 2BH (§7).
const heat2018Size = 3*quantitySize + 2*shortSize + 2*shortTempSize + longHoursSize + timeSize + statusSize

// Heat2018 is the answer to DI 901F of a meter for heat or cold by the 2018
// edition, second-hand. The only source contradicts itself on the decimals of
// power and flow, so these stay the bytes they are.
type Heat2018 struct {
	Settled Quantity
	Energy  Quantity
	Power   Short
	Flow    Short
	Volume  Quantity
	Supply  Digits // °C
	Return  Digits // °C
	Hours   Count
	Time    time.Time
	Status  Status
}

func (h *Heat2018) walk(w *walker) {
	w.quantity(&settledHeat, &h.Settled)
	w.quantity(&currentHeat, &h.Energy)
	w.short(&powerRaw, &h.Power)
	w.short(&flowRaw, &h.Flow)
	w.quantity(&currentFlow, &h.Volume)
	w.hundredths(&supplyTemp, &h.Supply, shortTempSize, meterproto.Celsius)
	w.hundredths(&returnTemp, &h.Return, shortTempSize, meterproto.Celsius)
	w.hours(&workHours, &h.Hours, longHoursSize)
	w.time(&clock, &h.Time)
	w.status(&status, &h.Status)
}

// HeatCold is the answer to DI 911F of a meter for heat and cold by the 2018
// edition, second-hand: L = 39H by its fields, though the source says 3EH. The
// scale of power, flow and pressures is not known.
type HeatCold struct {
	SettledHeat, SettledCold Quantity
	Heat, Cold               Quantity
	Power, Flow              Short
	Volume                   Quantity
	Supply, Return           Digits // °C
	Pressures                [4]byte
	Hours                    Count
	Time                     time.Time
	Status                   Status
}

func (h *HeatCold) walk(w *walker) {
	w.quantity(&settledHeat, &h.SettledHeat)
	w.quantity(&settledCold, &h.SettledCold)
	w.quantity(&currentHeat, &h.Heat)
	w.quantity(&currentCold, &h.Cold)
	w.short(&powerRaw, &h.Power)
	w.short(&flowRaw, &h.Flow)
	w.quantity(&currentFlow, &h.Volume)
	w.hundredths(&supplyTemp, &h.Supply, shortTempSize, meterproto.Celsius)
	w.hundredths(&returnTemp, &h.Return, shortTempSize, meterproto.Celsius)
	w.raw(&pressureRaw, h.Pressures[:])
	w.hours(&workHours, &h.Hours, longHoursSize)
	w.time(&clock, &h.Time)
	w.status(&status, &h.Status)
}
