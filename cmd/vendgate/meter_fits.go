package main

import (
	"context"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// fits says whether a meter can hang on its line beside these: all are asked at one rate and in one way, each at an address of
// its own, for what two customers' meters at one address said would be one meter's.
func fits(ctx context.Context, s *store.Store, m vending.LineMeter, beside []vending.LineMeter) error {
	if len(beside) >= gateway.MaxPoints {
		return vending.ErrLineFull.With("Line", m.Line, "Most", gateway.MaxPoints)
	}
	described := models{} // by the books, each asked for once
	asked := func(m vending.LineMeter) (d gateway.Driver, way string, err error) {
		model, known := described[m.Model]
		if !known {
			if model, err = modelInBooks(ctx, s, m.Model); err != nil {
				return nil, "", err
			}
			described[m.Model] = model
		}
		d, l, err := driverIn(m, model)
		return d, l.way(), err
	}
	d, way, err := asked(m)
	if err != nil {
		return err
	}
	for _, b := range beside {
		other, goes, err := asked(b)
		switch {
		case err != nil:
			return err
		case goes != way:
			return vending.ErrLineOtherwise.With("Line", m.Line, "Meter", m.Meter, "Wants", way, "Beside", b.Meter, "Goes", goes)
		case gateway.OneMeter(d, m.Address, other, b.Address):
			return vending.ErrAddressTaken.With("Line", m.Line, "Address", m.Address, "Beside", b.Meter, "Customer", b.Customer)
		}
	}
	return nil
}
