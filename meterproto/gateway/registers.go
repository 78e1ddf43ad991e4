package gateway

import "github.com/vendgate/vendgate/meterproto"

// litreScale is a litre in cubic metres, as a power of ten.
const litreScale = -3

// fill finds in the registers what a reading names: the first volume is what the
// meter counts, for its maker puts it there.
func fill(r *meterproto.Reading) {
	for _, reg := range r.Registers {
		if reg.State != meterproto.Good || reg.Function != meterproto.Instantaneous || reg.Tariff != 0 || reg.Subunit != 0 {
			continue
		}
		switch {
		case reg.Kind == meterproto.OfVolume && reg.Storage == 0 && !r.Consumed.Valid:
			r.Consumed = litres(reg.Value)
		case reg.Kind == meterproto.OfVolume && reg.Storage == 1 && !r.Settled.Valid:
			r.Settled = litres(reg.Value)
		case reg.Kind == meterproto.OfInstant && reg.Storage == 0 && r.Time.IsZero():
			r.Time = reg.Time
		}
	}
}

// litres is a number of cubic metres; not Valid where it does not fit.
func litres(d meterproto.Decimal) meterproto.Volume {
	n, step, ok := d.In(litreScale)
	if !ok {
		return meterproto.Volume{}
	}
	return meterproto.Volume{Litres: n, Resolution: step, Valid: true}
}
