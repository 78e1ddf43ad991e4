package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// place is where a meter hangs, and how this gateway asks it since it started.
type place struct {
	line  int
	point gateway.Point
	name  string // of its model
	model modelConfig
	on    lineConfig
}

// errAskedOtherwise is that the books say since then how a meter is asked otherwise: an order would go out in the old way.
var errAskedOtherwise = errors.New("the books have another line, address or model of the meter than when this gateway started: restart it")

// asks says whether the meter is asked as the books say.
func (p place) asks(m vending.LineMeter, model modelConfig) bool {
	books := lineOf(m, model)
	return p.name == m.Model && p.model.same(model) && cmp.Or(p.point.Address, m.Meter) == m.Address && p.on.name() == books.name() &&
		p.on.ModbusTCP == books.ModbusTCP && p.on.rate() == books.rate() && p.on.parity() == books.parity()
}

// askedStill fails with errAskedOtherwise where the books say by now that a meter is asked otherwise.
func (p place) askedStill(ctx context.Context, s *store.Store) error {
	m, err := s.LineMeter(ctx, p.point.Meter)
	if err != nil {
		return err
	}
	model, err := modelInBooks(ctx, s, m.Model)
	if err == nil && !p.asks(m, model) {
		err = errAskedOtherwise
	}
	return err
}
