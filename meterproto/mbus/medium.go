package mbus

import "fmt"

// media are the device types from 0 on (EN 13757-3, table 3).
var media = [...]string{
	"Other", "Oil", "Electricity", "Gas", "Heat: Outlet", "Steam", "Warm water (30-90°C)", "Water",
	"Heat Cost Allocator", "Compressed Air", "Cooling load meter: Outlet", "Cooling load meter: Inlet",
	"Heat: Inlet", "Heat / Cooling load meter", "Bus/System", "Unknown Medium",
	"Irrigation Water", "Water Logger", "Gas Logger", "Gas Converter", "Calorific value", "Hot water (>90°C)",
	"Cold water", "Dual water", "Pressure", "A/D Converter", "Smoke Detector", "Ambient Sensor", "Gas Detector",
	29: Reserved, 30: "Carbon Monoxide Detector", 31: "Heat Detector",
	32: "Breaker: Electricity", 33: "Valve: Gas or Water", 34: Reserved, 35: Reserved, 36: Reserved,
	37: "Customer Unit: Display Device", 38: Reserved, 39: Reserved, 40: "Waste Water", 41: "Garbage", 42: "Carbon Dioxide",
}

// MediumName is what a meter with this device type measures.
func MediumName(medium byte) string {
	if int(medium) < len(media) {
		return media[medium]
	}
	return fmt.Sprintf("Unknown medium (0x%02x)", medium)
}

// fixedMedia are the media of the fixed structure, from 0 on.
var fixedMedia = [16]string{
	"Other", "Oil", "Electricity", "Gas", "Heat", "Steam", "Hot Water", "Water", "H.C.A.", Reserved,
	"Gas Mode 2", "Heat Mode 2", "Hot Water Mode 2", "Water Mode 2", "H.C.A. Mode 2", Reserved,
}

// MediumName is what the meter measures.
func (x Fixed) MediumName() string { return fixedMedia[x.Medium&0x0F] }
