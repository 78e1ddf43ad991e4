package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/mbus"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// modelConfig is how one model of meters is asked. What is said of CJ/T 188 alone is
// refused elsewhere.
type modelConfig struct {
	Base     string   `json:"base"`     // a model that is built in
	Gap      duration `json:"gap"`      // between two conversations
	Credit   string   `json:"credit"`   // cjt188: one of cjt188.CreditNames or none; dlt645: money or none
	Map      string   `json:"map"`      // modbus: a register map, shipped or a file
	DIFirst  string   `json:"di_first"` // cjt188: high or low byte
	Preamble *int     `json:"preamble"` // cjt188
	Layout   []string `json:"layout"`   // cjt188: unit-first, high-first, time-high-first, plus-33
	Idle     duration `json:"idle"`     // cjt188: before each request
}

// maker makes the driver of a built-in model, for a line.
type maker func(m modelConfig, l lineConfig, ser *gateway.Counter) (gateway.Driver, error)

// builtIn are the models that need no configuration but a register map.
func builtIn() map[string]maker {
	return map[string]maker{
		"cjt188-gas":   ofCJT188(gateway.Gas()),
		"cjt188-water": ofCJT188(gateway.Water()),
		"cjt188-heat":  ofCJT188(gateway.Heat()),
		"dlt645":       ofDLT645,
		"mbus": func(_ modelConfig, l lineConfig, _ *gateway.Counter) (gateway.Driver, error) {
			return gateway.MBus{Timing: mbus.Timing(l.rate())}, nil
		},
		"modbus": func(m modelConfig, l lineConfig, ser *gateway.Counter) (gateway.Driver, error) {
			registers, err := registerMap(m.Map)
			return gateway.Modbus{Map: registers, TCP: l.ModbusTCP, Timing: modbus.Timing(l.rate()), SER: ser}, err
		},
		"iec62056-21": func(modelConfig, lineConfig, *gateway.Counter) (gateway.Driver, error) { return gateway.Text(), nil },
	}
}

// point is the meter as the gateway asks it. ser numbers the requests of its line.
func (c gatewayConfig) point(m meterConfig, l lineConfig, ser *gateway.Counter) (gateway.Point, error) {
	model, ok := c.Models[m.Model]
	if !ok {
		model.Base = m.Model
	}
	makes, ok := builtIn()[model.Base]
	if !ok {
		names := slices.Sorted(maps.Keys(builtIn()))
		return gateway.Point{}, fmt.Errorf("meter %s: model %q is neither under models nor one of %s", m.Number, model.Base, strings.Join(names, ", "))
	}
	if m.Number == "" {
		return gateway.Point{}, fmt.Errorf("a meter of model %s has no number", m.Model)
	}
	d, err := makes(model, l, ser)
	if err == nil && !strings.HasPrefix(model.Base, "cjt188-") {
		err = model.onlyCommon()
	}
	if err != nil {
		return gateway.Point{}, fmt.Errorf("model %s: %w", m.Model, err)
	}
	eightDigits := strings.HasPrefix(model.Base, "cjt188-") || model.Base == "dlt645"
	return gateway.Point{Meter: m.Number, Address: m.Address, Driver: d, Gap: time.Duration(model.Gap), Rolls: eightDigits}, nil
}

// onlyCommon refuses what only CJ/T 188 has.
func (m modelConfig) onlyCommon() error {
	if m.DIFirst != "" || m.Preamble != nil || m.Layout != nil || m.Idle != 0 {
		return fmt.Errorf("di_first, preamble, layout and idle are for cjt188 only")
	}
	return nil
}

// readOnly is a driver whose meters take no orders.
type readOnly struct{ gateway.Driver }

func ofDLT645(m modelConfig, _ lineConfig, _ *gateway.Counter) (gateway.Driver, error) {
	switch m.Credit {
	case "", "none":
		return readOnly{gateway.Electricity()}, nil
	case "money":
		return gateway.Electricity(), nil
	}
	return nil, fmt.Errorf("credit %q: want money or none", m.Credit)
}

// ofCJT188 makes what the configuration says of a model.
func ofCJT188(d gateway.CJT188) maker {
	return func(m modelConfig, _ lineConfig, ser *gateway.Counter) (gateway.Driver, error) {
		credit, err := cjt188.CreditOf(m.Credit, d.Credit)
		if err != nil {
			return nil, err
		}
		order, ok := map[string]cjt188.DIOrder{"": d.Order, "high": cjt188.HighFirst, "low": cjt188.LowFirst}[m.DIFirst]
		if !ok {
			return nil, fmt.Errorf("di_first %q: want high or low", m.DIFirst)
		}
		d.Credit, d.Order, d.SER = credit, order, ser
		if m.Preamble != nil {
			d.Preamble = *m.Preamble
		}
		if m.Idle != 0 {
			d.Timing.Idle = time.Duration(m.Idle)
		}
		if d.Layout, err = layoutOf(m.Layout); err != nil {
			return nil, err
		}
		return d, d.Check()
	}
}

// layoutOf is how a model departs from the standard.
func layoutOf(names []string) (l cjt188.Layout, err error) {
	for _, name := range names {
		switch name {
		case "unit-first":
			l.UnitFirst = true
		case "high-first":
			l.HighFirst = true
		case "time-high-first":
			l.TimeHighFirst = true
		case "plus-33":
			l.Plus33 = true
		default:
			return l, fmt.Errorf("layout %q: want unit-first, high-first, time-high-first or plus-33", name)
		}
	}
	return l, nil
}
