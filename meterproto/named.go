package meterproto

// Named is a reading of these registers, with the parts that have a name filled
// in: of the device as a whole, over all tariffs, the first good register of a
// kind, for meters send finer copies behind it.
func Named(meter string, registers []Register) Reading {
	r := Reading{Meter: meter, Registers: registers}
	for _, reg := range registers {
		if reg.State != Good || reg.Function != Instantaneous || reg.Tariff != 0 || reg.Subunit != 0 {
			continue
		}
		switch {
		case reg.Kind == OfVolume && reg.Storage == 0 && !r.Consumed.Valid:
			r.Consumed = volumeOf(reg.Value)
		case reg.Kind == OfVolume && reg.Storage == 1 && !r.Settled.Valid:
			r.Settled = volumeOf(reg.Value)
		case reg.Kind == OfInstant && reg.Storage == 0 && r.Time.IsZero():
			r.Time = reg.Time
		}
	}
	return r
}

// volumeOf is a number of cubic metres in litres; not Valid where it does not
// fit.
func volumeOf(d Decimal) Volume {
	const litres = -3
	n, step, ok := d.In(litres)
	if !ok {
		return Volume{}
	}
	return Volume{Litres: n, Resolution: step, Valid: true}
}
