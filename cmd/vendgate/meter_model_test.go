package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// What is built in needs no description, but for the map of Modbus.
func TestBuiltInModelsAreDrivers(t *testing.T) {
	t.Parallel()
	for name, b := range builtIn() {
		m, known := models(nil).named(name)
		if _, err := m.driver(berth{}); !known || (err == nil) == slices.Contains(b.takes, "map") || b.baud == 0 {
			t.Errorf("%s: %v, %d baud", name, err, b.baud)
		}
	}
	for _, protocol := range []string{"cjt188", "dlt645", "mbus", "iec62056-21"} {
		for _, counts := range []ledger.Commodity{ledger.Litre, ledger.WattHour, ledger.CNY} {
			name, err := modelFor(protocol, counts)
			if _, known := models(nil).named(name); err != nil || !known {
				t.Errorf("%s of %s: %q, %v", protocol, counts, name, err)
			}
		}
	}
}

// Each option of a description comes to be one of the driver.
func TestDescriptionIsTheDriver(t *testing.T) {
	t.Parallel()
	m, err := newModel([]byte(`{"base": "cjt188-water", "credit": "money", "di_first": "high", "preamble": 0, "layout": ["unit-first", "plus-33"], "idle": "90ms"}`))
	if err != nil {
		t.Fatal(err)
	}
	ser := new(gateway.Counter)
	got, err := m.driver(berth{ser: ser})
	want := gateway.Water()
	want.Credit, want.Order, want.Preamble, want.Layout, want.SER = cjt188.CreditMoney, cjt188.HighFirst, 0, cjt188.Layout{UnitFirst: true, Plus33: true}, ser
	want.Timing.Idle = 90 * time.Millisecond
	if err != nil || !reflect.DeepEqual(got, gateway.Driver(want)) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	tcp, err := modelConfig{Base: "modbus", Map: []byte(`"example-corrector-integer"`)}.driver(berth{line: lineConfig{ModbusTCP: true, Baud: 9600}})
	if d, ok := tcp.(gateway.Modbus); err != nil || !ok || !d.TCP || d.Map.Name() != "example-corrector-integer" {
		t.Errorf("%+v, %v", tcp, err)
	}
}

// What is wrong is refused by the name of the key.
func TestWrongDescriptions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: `base ""`, `{"base": "cjt188"}`: `base "cjt188"`, `{"base": "mbus", "baud": 300}`: `"baud"`, `[]`: "array", `{"base": "mbus"`: "EOF",
		`{"base": "mbus"} x`: "something follows", `{"base": "mbus", "gap": "1"}`: "duration", `{"base": "mbus", "gap": "-1s"}`: "gap",
		`{"base": "mbus", "credit": "money"}`: "credit", `{"base": "cjt188-gas", "credit": "energy drinks"}`: "credit",
		`{"base": "dlt645", "credit": "volume"}`: "credit", `{"base": "dlt645", "idle": "1s"}`: "idle", `{"base": "dlt645-1997", "credit": "none"}`: "credit",
		`{"base": "cjt188-gas", "di_first": "both"}`: "di_first", `{"base": "cjt188-gas", "preamble": 5}`: "preamble",
		`{"base": "cjt188-gas", "preamble": "2"}`: "preamble", `{"base": "cjt188-gas", "map": "example-corrector-float"}`: "map",
		`{"base": "cjt188-gas", "layout": ["first"]}`: "layout", `{"base": "modbus"}`: "map", `{"base": "modbus", "map": "nothing"}`: "map",
		`{"base": "modbus", "map": {"name": "x"}}`: "map: line 1", `{"base": "modbus", "map": 7}`: "map",
	} {
		if _, err := newModel([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// What is stored is what was described, and says the same when it is read; a map goes with it by its content.
func TestDescriptionIsStoredWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := modelConfig{Base: "cjt188-gas", Gap: duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "gap")), Idle: duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "idle")),
			Credit: rapid.SampledFrom([]string{"", "volume", "money", "none"}).Draw(t, "credit"), DIFirst: rapid.SampledFrom([]string{"", "high", "low"}).Draw(t, "first")}
		if rapid.Bool().Draw(t, "has a preamble") {
			n := rapid.IntRange(0, 4).Draw(t, "preamble")
			m.Preamble = &n
		}
		m.Layout = rapid.SampledFrom([][]string{nil, {"unit-first"}, {"high-first", "time-high-first"}, {"plus-33"}}).Draw(t, "layout")
		kept, err := m.stored("tidy")
		if err != nil {
			t.Fatal(err)
		}
		back, err := storedModel(kept)
		if err != nil || !reflect.DeepEqual(back, m) || !back.same(m) {
			t.Fatalf("%s: %+v, %v", kept.Description, back, err)
		}
		if again, err := newModel(kept.Description); err != nil || !again.same(m) {
			t.Fatalf("%s: %v", kept.Description, err)
		}
	})
	const text = `{"name": "x", "title": "t", "source": "s",
		"registers": [{"name": "v", "address": 4, "type": "u64", "unit": "m3", "kind": "volume"}]}`
	path := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	named, err := json.Marshal(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel([]byte(`{"base": "modbus", "map": ` + string(named) + `}`))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := m.stored("x")
	if err != nil || kept.Valid() != nil || strings.Contains(string(kept.Description), "x.json") || !m.same(modelConfig{Base: "modbus", Map: []byte(text)}) {
		t.Errorf("%s, %v", kept.Description, err)
	}
	if _, err := storedModel(vending.MeterModel{Name: "x", Description: []byte(`{"base": "mbus", "new": 1}`)}); err == nil || !strings.Contains(err.Error(), `model x, as the books describe it: json: unknown field "new"`) {
		t.Error(err)
	}
}
