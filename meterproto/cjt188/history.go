package cjt188

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Settlement is the answer to DI D120 to D12B, and of water and gas meters to D200
// to D2FF (second-hand): the register on the settlement day of a month, volume
// or energy by its unit.
type Settlement struct{ Register Quantity }

func (s *Settlement) walk(w *walker) { w.quantity(&settledAny, &s.Register) }

// heatSettlementSize is the values' length of DI D200 to D2FF, L = 12H (§7).
const heatSettlementSize = 3 * quantitySize

// HeatSettlement is the answer to DI D200 to D2FF of a meter for heat and cold,
// second-hand.
type HeatSettlement struct{ Heat, Cold, Volume Quantity }

func (s *HeatSettlement) walk(w *walker) {
	w.quantity(&settledHeat, &s.Heat)
	w.quantity(&settledCold, &s.Cold)
	w.quantity(&settledFlow, &s.Volume)
}

// Freeze is the answer to DI D300 to D3FF (at set times) and D400 to D4FF (at
// once), second-hand: L = 1AH. The scale of the pressure is not known.
type Freeze struct {
	Time        time.Time
	Volume      Quantity
	Flow        Rate
	Temperature Digits // °C
	Pressure    [3]byte
}

func (z *Freeze) walk(w *walker) {
	w.time(&clock, &z.Time)
	w.quantity(&currentFlow, &z.Volume)
	w.rate(&flowRate, &z.Flow)
	w.hundredths(&temperature, &z.Temperature, tempSize, meterproto.Celsius)
	w.raw(&pressureRaw, z.Pressure[:])
}

// stored is which stored value a data identifier asks for: the n-th month or
// freeze before now, from 1; 0 where it asks for what is.
func (d DI) stored() uint64 {
	switch {
	case d >= DIHistory && d <= DIHistoryLast:
		return uint64(d-DIHistory) + 1
	case d>>8 == 0xD2, d>>8 == 0xD3, d>>8 == 0xD4:
		return uint64(d&0xFF) + 1
	}
	return 0
}
