package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

// modelConfig is how one model of meters is asked.
type modelConfig struct {
	Base     string   `json:"base"`     // a model that is built in
	Credit   string   `json:"credit"`   // volume, money or none
	DIFirst  string   `json:"di_first"` // high or low byte
	Preamble *int     `json:"preamble"`
	Layout   []string `json:"layout"` // unit-first, high-first, time-high-first, plus-33
	Gap      duration `json:"gap"`    // between two conversations
	Idle     duration `json:"idle"`   // before each request
}

// builtIn are the models that need no configuration.
func builtIn() map[string]gateway.CJT188 {
	return map[string]gateway.CJT188{"cjt188-gas": gateway.Gas(), "cjt188-water": gateway.Water(), "cjt188-heat": gateway.Heat()}
}

// point is the meter as the gateway asks it. ser numbers the requests of its line.
func (c gatewayConfig) point(m meterConfig, ser *gateway.Counter) (gateway.Point, error) {
	model, ok := c.Models[m.Model]
	if !ok {
		model.Base = m.Model
	}
	d, ok := builtIn()[model.Base]
	if !ok {
		names := slices.Sorted(maps.Keys(builtIn()))
		return gateway.Point{}, fmt.Errorf("meter %s: model %q is neither under models nor one of %s", m.Number, model.Base, strings.Join(names, ", "))
	}
	if m.Address == "" {
		m.Address = m.Number
	}
	if _, err := cjt188.ParseAddress(m.Address); err != nil {
		return gateway.Point{}, err
	}
	d.SER = ser
	if err := model.change(&d); err != nil {
		return gateway.Point{}, fmt.Errorf("model %s: %w", m.Model, err)
	}
	return gateway.Point{Meter: m.Number, Address: m.Address, Driver: d, Gap: time.Duration(model.Gap)}, nil
}

// change makes the built-in model what the configuration says.
func (m modelConfig) change(d *gateway.CJT188) error {
	credit, ok := map[string]cjt188.Credit{"": d.Credit, "none": 0, "volume": cjt188.CreditVolume, "money": cjt188.CreditMoney}[m.Credit]
	if !ok {
		return fmt.Errorf("credit %q: want volume, money or none", m.Credit)
	}
	order, ok := map[string]cjt188.DIOrder{"": d.Order, "high": cjt188.HighFirst, "low": cjt188.LowFirst}[m.DIFirst]
	if !ok {
		return fmt.Errorf("di_first %q: want high or low", m.DIFirst)
	}
	d.Credit, d.Order = credit, order
	if m.Preamble != nil {
		d.Preamble = *m.Preamble
	}
	if m.Idle != 0 {
		d.Timing.Idle = time.Duration(m.Idle)
	}
	for _, l := range m.Layout {
		switch l {
		case "unit-first":
			d.Layout.UnitFirst = true
		case "high-first":
			d.Layout.HighFirst = true
		case "time-high-first":
			d.Layout.TimeHighFirst = true
		case "plus-33":
			d.Layout.Plus33 = true
		default:
			return fmt.Errorf("layout %q: want unit-first, high-first, time-high-first or plus-33", l)
		}
	}
	return d.Check()
}
