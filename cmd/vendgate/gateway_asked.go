package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// wayOf says all of how a meter on a line is asked, but for what only this machine knows of the line: see gateway.Point. Two meters, or one
// meter now and then, are asked alike where it says the same.
func wayOf(l lineConfig, m meterConfig, model modelConfig) (string, error) {
	text, err := json.Marshal([]any{l.name(), l.way(), m.Number, cmp.Or(m.Address, m.Number), m.Model, model})
	return string(text), err
}

// wayInBooks is wayOf, as the books say.
func wayInBooks(m vending.LineMeter, model modelConfig) (string, error) {
	return wayOf(lineOf(m, model), meterConfig{Number: m.Meter, Address: m.Address, Model: m.Model}, model)
}

// ways are how the books say that meters are asked, by number. A meter of a model that is none is not there.
func (b inBooks) ways() map[string]string {
	out := make(map[string]string, len(b.Meters))
	asked := models{}
	for _, m := range b.Meters {
		model, err := b.model(m.Model, asked)
		if err != nil {
			continue
		}
		if way, err := wayInBooks(m, model); err == nil {
			out[m.Meter] = way
		}
	}
	return out
}

// errAskedOtherwise is that the books say by now that a meter is asked in another way than it is: an order would go out in the old way.
var errAskedOtherwise = errors.New("the books have another line, address or model of the meter than the one by which it is asked")

// askedStill fails with errAskedOtherwise where the books say by now that a meter is asked otherwise.
func askedStill(ctx context.Context, s *store.Store, p gateway.Point) error {
	m, err := s.LineMeter(ctx, p.Meter)
	if err != nil {
		return err
	}
	model, err := modelInBooks(ctx, s, m.Model)
	if err != nil {
		return err
	}
	way, err := wayInBooks(m, model)
	if err == nil && way != p.Way {
		err = errAskedOtherwise
	}
	return err
}
