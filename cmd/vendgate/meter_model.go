package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vendgate/vendgate/meterproto/gateway"
)

// modelConfig is how the meters of one model are asked: a model that is built in, and where this one departs from it. It is
// written by people, in a file for the books (meter model add) or among the models of a gateway's file.
type modelConfig struct {
	Base     string          `json:"base"`               // a model that is built in
	Gap      duration        `json:"gap,omitzero"`       // between two conversations
	Credit   string          `json:"credit,omitempty"`   // cjt188: one of cjt188.CreditNames or none; dlt645: money or none
	Map      json.RawMessage `json:"map,omitempty"`      // modbus: a register map, or the name of a shipped one
	DIFirst  string          `json:"di_first,omitempty"` // cjt188: high or low byte
	Preamble *int            `json:"preamble,omitempty"` // cjt188
	Layout   []string        `json:"layout,omitempty"`   // cjt188: unit-first, high-first, time-high-first, plus-33
	Idle     duration        `json:"idle,omitzero"`      // cjt188: before each request
	Ladder   []string        `json:"ladder,omitempty"`   // dlt645: alone, with-tariff
	Rolls    bool            `json:"rolls,omitempty"`    // iec62056-21: registers begin again after the digits that are printed
	Wait     duration        `json:"wait,omitzero"`      // iec62056-21-push: for a telegram
}

// models are descriptions by their names. Those that are built in need none.
type models map[string]modelConfig

// berth is where a driver asks: what the description of a model does not say.
type berth struct {
	line lineConfig
	ser  *gateway.Counter // numbers the requests of the line
}

// named is the description of a name: one of these, or of a model that is built in.
func (ms models) named(name string) (m modelConfig, known bool) {
	if m, known = ms[name]; known {
		return m, true
	}
	_, known = builtIn()[name]
	return modelConfig{Base: name}, known
}

// names are those that can be asked for.
func (ms models) names() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range builtIn() {
			if _, ours := ms[name]; !ours && !yield(name) {
				return
			}
		}
		maps.Keys(ms)(yield)
	})
}

// base is what the model is built on.
func (m modelConfig) base() (base, error) {
	b, ok := builtIn()[m.Base]
	if !ok {
		return b, fmt.Errorf("base %q: want one of %s", m.Base, strings.Join(models(nil).names(), ", "))
	}
	return b, nil
}

// driver is the description as what asks: the only place where one becomes the other.
func (m modelConfig) driver(at berth) (gateway.Driver, error) {
	b, err := m.base()
	if err != nil {
		return nil, err
	}
	for _, key := range m.keys() {
		if !slices.Contains(b.takes, key) {
			return nil, fmt.Errorf("%s is not for %s, which takes %s", key, m.Base, strings.Join(append(b.takes, "gap"), ", "))
		}
	}
	if m.Gap < 0 || m.Idle < 0 {
		return nil, errors.New("gap and idle are no less than 0")
	}
	if at.line.ModbusTCP && m.Base != "modbus" {
		return nil, fmt.Errorf("%s is not spoken on a line of Modbus TCP", m.Base)
	}
	return b.make(m, at)
}

// keys are those that not every model takes, as far as they are given.
func (m modelConfig) keys() (given []string) {
	for _, k := range []struct {
		name  string
		given bool
	}{
		{"credit", m.Credit != ""}, {"map", m.Map != nil}, {"di_first", m.DIFirst != ""},
		{"preamble", m.Preamble != nil}, {"layout", m.Layout != nil}, {"idle", m.Idle != 0},
		{"ladder", m.Ladder != nil}, {"wait", m.Wait != 0}, {"rolls", m.Rolls},
	} {
		if k.given {
			given = append(given, k.name)
		}
	}
	return given
}

// strict reads JSON that people wrote into v: every key must be known, and nothing may follow.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}

// duration is written as 90s or 5m.
type duration time.Duration

func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = duration(v)
	return err
}

// MarshalText writes it as UnmarshalText reads it.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }
