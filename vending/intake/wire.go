package intake

import (
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/vending"
)

// FromWire turns a reading of a meter on a line into a report. It fails with
// vending.ErrIncomplete where the reading lacks a part that a report cannot do
// without, naming it; a value that the meter sent as "no value" is never taken
// for zero. Another meter's reading is meterproto.ErrWrongMeter. A meter without
// a clock reports as of now.
func FromWire(customer int64, meter string, r meterproto.Reading, now time.Time) (vending.Report, error) {
	report := vending.Report{Customer: customer, Meter: meter, Source: vending.OverWire, MeterTime: r.Time,
		Resolution: 1, BatteryLow: r.BatteryLow, ValveOpen: r.ValveOpen != nil && *r.ValveOpen}
	if r.Meter != meter {
		return vending.Report{}, fmt.Errorf("asked meter %s, %s answered: %w", meter, r.Meter, meterproto.ErrWrongMeter)
	}
	if r.Purchases == nil {
		return vending.Report{}, incomplete(meter, "the credit it has taken")
	}
	if r.Time.IsZero() {
		report.MeterTime = now.Truncate(time.Second)
	}
	for _, part := range []struct {
		name  string
		value meterproto.Volume
		into  *int64
	}{
		{"the total purchased", r.Purchases.Total, &report.Loaded},
		{"the remaining credit", r.Purchases.Remaining, &report.Remaining},
		{"the register", r.Consumed, &report.Consumed},
	} {
		if !part.value.Valid {
			return vending.Report{}, incomplete(meter, part.name)
		}
		*part.into = part.value.Litres
		report.Resolution = max(report.Resolution, part.value.Resolution)
	}
	return report, nil
}

func incomplete(meter, part string) error {
	return vending.ErrIncomplete.With("Meter", meter, "Part", part)
}
