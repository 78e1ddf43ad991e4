package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// newModel is a description that somebody wrote, whole and checked: it can be stored.
func newModel(text []byte) (m modelConfig, err error) {
	if err = strict(text, &m); err == nil {
		m, err = m.whole()
	}
	if err == nil {
		_, err = m.driver(berth{})
	}
	return m, err
}

// storedModel is a description of the books.
func storedModel(stored vending.MeterModel) (m modelConfig, err error) {
	if err = strict(stored.Description, &m); err != nil {
		err = fmt.Errorf("model %s, as the books describe it: %w", stored.Name, err)
	}
	return m, err
}

// modelInBooks is the model of that name for meters in the books: one that is built in, or that they describe. It fails with
// vending.ErrNoMeterModel, which lists all.
func modelInBooks(ctx context.Context, s *store.Store, name string) (modelConfig, error) {
	if m, known := models(nil).named(name); known {
		return m, nil
	}
	stored, found, err := s.MeterModel(ctx, name)
	if err != nil {
		return modelConfig{}, err
	}
	if found {
		return storedModel(stored)
	}
	described, err := s.MeterModels(ctx)
	if err != nil {
		return modelConfig{}, err
	}
	return modelAmong(described, name)
}

// modelAmong is modelInBooks, of books that describe these.
func modelAmong(described []vending.MeterModel, name string) (modelConfig, error) {
	if m, known := models(nil).named(name); known {
		return m, nil
	}
	known := models{}
	for _, m := range described {
		if m.Name == name {
			return storedModel(m)
		}
		known[m.Name] = modelConfig{}
	}
	return modelConfig{}, vending.ErrNoMeterModel.With("Name", name, "Known", strings.Join(known.names(), ", "))
}

// stored is the description as the books keep it.
func (m modelConfig) stored(name string) (vending.MeterModel, error) {
	text, err := json.Marshal(m)
	return vending.MeterModel{Name: name, Description: text}, err
}

// same reports whether two descriptions say the same, whatever the spaces in a register map.
func (m modelConfig) same(other modelConfig) bool {
	a, err := m.stored("")
	b, otherErr := other.stored("")
	return err == nil && otherErr == nil && a.Same(b)
}

// modelFor is the model that is built in for what a meter speaks and counts.
func modelFor(protocol string, counts ledger.Commodity) (string, error) {
	switch protocol {
	case "cjt188":
		return map[ledger.Commodity]string{ledger.Litre: "cjt188-gas", ledger.WattHour: "cjt188-heat", ledger.CNY: "cjt188-money"}[counts], nil
	case "dlt645":
		if counts == ledger.CNY {
			return "dlt645-money", nil
		}
		return "dlt645", nil
	case "mbus", "iec62056-21":
		return protocol, nil
	case "modbus":
		return "", usageError{fmt.Errorf("a Modbus meter has a model of its own, with its register map: vendgate meter model add, then --model")}
	}
	return "", usageError{fmt.Errorf("--protocol %q: want cjt188, dlt645, mbus or iec62056-21; or a --model", protocol)}
}

// builtInFor is the model that is built in for a meter in the books that speaks a protocol.
func builtInFor(ctx context.Context, s *store.Store, m vending.LineMeter, protocol string) (string, error) {
	counts, err := countsOf(ctx, s, m.Customer, m.Meter)
	if err != nil {
		return "", err
	}
	return modelFor(protocol, counts)
}

// countsOf is what a meter in the books counts.
func countsOf(ctx context.Context, s *store.Store, customer int64, meter string) (ledger.Commodity, error) {
	_, meters, err := s.Customer(ctx, customer)
	if err != nil {
		return "", err
	}
	for _, its := range meters {
		if its.No == meter {
			return its.Commodity, nil
		}
	}
	return "", vending.ErrNoMeter.With("Meter", meter)
}
