package cardfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// shippedText is the file of a layout that comes with vendgate.
func shippedText(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("layouts/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestBadLayoutsAreRefused breaks a good layout in one place each, and wants the line and the reason.
func TestBadLayoutsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		layout, old, new string
		at               string // text in the line that is named
		want             string
	}{
		"not JSON":            {"example-counter", `"rule": "counter",`, `"rule": "counter"`, `"unit"`, "not JSON"},
		"a key twice":         {"example-counter", `"rule": "counter",`, `"rule": "counter", "rule": "history",`, `"rule"`, "a second time"},
		"unknown key":         {"example-counter", `"unit": "litre",`, "\"unit\": \"litre\",\n\"tarif\": 1,", `{`, "tarif"},
		"unknown rule":        {"example-counter", `"rule": "counter"`, `"rule": "count"`, `"rule": "count"`, "one of"},
		"unknown encoding":    {"example-counter", `"encoding": "bcd-be", "scale": 10}`, `"encoding": "bcd", "scale": 10}`, `"bcd",`, "one of"},
		"no vector":           {"example-counter", `"vectors": [`, `"vectors": [], "x": [`, "", "vectors"},
		"field past the end":  {"example-counter", `"name": "district", "offset": 13, "size": 2`, `"name": "district", "offset": 15, "size": 2`, `"district"`, "past the end"},
		"overlap":             {"example-counter", `"name": "credit", "offset": 2, "size": 3`, `"name": "credit", "offset": 1, "size": 4`, `"credit", "offset"`, "overlap"},
		"hole":                {"example-counter", `"name": "alarm", "offset": 5, "size": 2`, `"name": "alarm", "offset": 6, "size": 1`, `{`, "byte 5 of purse has no field"},
		"records overlap":     {"example-counter", `{"area": "card", "offset": 24}`, `{"area": "card", "offset": 23}`, `"offset": 23`, "purse and purse overlap"},
		"bytes of nobody":     {"example-counter", `{"name": "card", "size": 48}`, `{"name": "card", "size": 49}`, `"size": 49`, "belongs to no record"},
		"chip too small":      {"example-counter", `"area": "main", "offset": 96, "size": 48`, `"area": "main", "offset": 96, "size": 47`, `"size": 47`, "47 bytes for card"},
		"a chip twice":        {"example-counter", `"names": ["sle4442"]`, `"names": ["sle4442", "sle4442"]`, `"chips"`, "a second time"},
		"backup not covered":  {"example-counter", `{"copy": 1, "fields": ["credit", "check", "count"]},`, ``, `"write"`, "credit of copy 1"},
		"count not written":   {"example-counter", `{"copy": 0, "fields": ["count"]}`, `{"copy": 0, "fields": ["alarm"]}`, `"alarm"]`, "not changed by a load"},
		"written twice":       {"example-counter", `{"copy": 0, "fields": ["count"]}`, `{"copy": 0, "fields": ["count", "credit"]}`, `"count", "credit"]`, "twice"},
		"no such copy":        {"example-counter", `{"copy": 0, "fields": ["count"]}`, `{"copy": 2, "fields": ["count"]}`, `"copy": 2`, "no copy 2"},
		"check over itself":   {"example-counter", `{"kind": "sum8", "offset": 7, "size": 1}`, `{"kind": "sum8", "offset": 7, "size": 1, "to": 8}`, `"sum8"`, "covers itself"},
		"check over nothing":  {"example-counter", `{"kind": "sum8", "offset": 7, "size": 1}`, `{"kind": "sum8", "offset": 7, "size": 1, "from": 7}`, `"sum8"`, "there are none"},
		"check of wrong size": {"example-cumulative", `{"kind": "crc16-modbus-le", "offset": 22, "size": 2}`, `{"kind": "crc32-le", "offset": 22, "size": 2}`, `"crc32-le"`, "crc32-le has 4 bytes"},
		"MAC without a key":   {"vg1", `"kind": "cmac", "key": "write-back",`, `"kind": "cmac",`, `"offset": 120`, "names its key"},
		"MAC over no field":   {"vg1", `["57", "uid"]`, `["57", "house"]`, `"house"`, "neither mark"},
		"no generation":       {"vg1", `"name": "generation"`, `"name": "generations"`, `{`, "two-copy rule"},
		"one place":           {"vg1", `, {"area": "vendor", "offset": 96, "mark": "42"}`, ``, `"at"`, "more places than one"},
		"no number":           {"example-counter", `"name": "number"`, `"name": "numero"`, `"records"`, "number of the card"},
		"nothing tells it":    {"example-counter", `"const": "A5"`, `"const": "00"`, `"records"`, "no constant"},
		"rule without count":  {"example-counter", `"rule": "counter"`, `"rule": "history"`, `"rule"`, "no credit_1"},
		"no rule":             {"example-counter", `"rule": "counter",`, ``, `{`, "load rule"},
		"no unit":             {"example-counter", `"unit": "litre",`, ``, `{`, "the unit"},
		"text as a number":    {"example-counter", `"name": "number", "offset": 1, "size": 5, "encoding": "digits", "min": 10`, `"name": "number", "offset": 1, "size": 5, "encoding": "uint-be"`, `"number"`, "cannot be spelled"},
		"vendor's by meter":   {"example-counter", `"back.remaining"`, `"generation"`, `"generation"`, "not for the meter"},
		"unknown word":        {"example-counter", `"back.remaining"`, `"back.left"`, `"back.left"`, "not one of the values"},
		"a value twice":       {"example-counter", `"name": "alarm"`, `"name": "count"`, `"count", "offset": 5`, "stands in purse already"},
		"long constant":       {"example-counter", `"size": 1, "const": "A5"`, `"size": 1, "const": "A5A5"`, `"A5A5"`, "a constant has 1 bytes"},
		"long number":         {"vg1", `"size": 8, "encoding": "hex"`, `"size": 8, "encoding": "uint-be"`, `"uid"`, "cannot be spelled"},
		"date of four bytes":  {"example-counter", `"encoding": "date-yymmdd"`, `"encoding": "date-yyyymmdd"`, `"back.time"`, "has 4 bytes"},
		"radix elsewhere":     {"gas4442", `"encoding": "mixed", "radix": [10, 100, 10]`, `"encoding": "mixed"`, `"mixed"`, "radix"},
		"tool outside":        {"example-counter", `"name": "clear card", "area": "card", "offset": 0`, `"name": "clear card", "area": "card", "offset": 48`, `"clear card"`, "told by no byte"},
		"terminal too short":  {"pboc-purse", `"564700000001"`, `"5647000001"`, `"5647000001"`, "6 bytes"},
		"e-purse elsewhere":   {"pboc-purse", `"purse": {"area": "purse"`, `"purse": {"area": "public"`, `"load_key"`, "the e-purse is all of purse"},
		"e-purse not said": {"pboc-purse", `"purse": {"area": "purse", "load_key": 1, "purchase_key": 1, "terminal": "564700000001"},`, ``,
			`{`, "the rule balance an e-purse"},
		"no balance":          {"pboc-purse", `"name": "balance"`, `"name": "total"`, `"rule"`, "no balance"},
		"no order in vectors": {"example-cumulative", `"order"`, `"ordre"`, ``, "ordre"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := shippedText(t, test.layout)
			bad := strings.Replace(good, test.old, test.new, 1)
			if bad == good {
				t.Fatalf("%s has no %s", test.layout, test.old)
			}
			_, err := Parse([]byte(bad))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want %q", err, test.want)
			}
			var first *Error
			if !errors.As(err, &first) || !strings.Contains(strings.Split(bad, "\n")[first.Line-1], test.at) {
				t.Errorf("%v: that is not the line with %s", err, test.at)
			}
		})
	}
}

// TestVectorsNeedAnOrder: a layout that loads is not proved by reading alone.
func TestVectorsNeedAnOrder(t *testing.T) {
	t.Parallel()
	var whole map[string]any
	if err := json.Unmarshal([]byte(shippedText(t, "example-cumulative")), &whole); err != nil {
		t.Fatal(err)
	}
	for _, v := range whole["vectors"].([]any) {
		delete(v.(map[string]any), "order")
		delete(v.(map[string]any), "after")
	}
	text, _ := json.Marshal(whole)
	if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), "writing is not proved") {
		t.Error(err)
	}
}

// TestSchemaIsOne: what the schema allows the engine knows, encodings and checks by name.
func TestSchemaIsOne(t *testing.T) {
	t.Parallel()
	if _, err := compileSchema(); err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Record struct {
				Properties struct {
					Check struct {
						Properties struct{ Kind struct{ Enum []string } }
					}
				}
			}
			Field struct {
				Properties struct{ Encoding struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	kinds, names := schema.Defs.Record.Properties.Check.Properties.Kind.Enum, schema.Defs.Field.Properties.Encoding.Enum
	if len(kinds) < 20 || len(names) < 13 {
		t.Fatal("the schema lost its names")
	}
	for _, kind := range kinds {
		if _, ok := (&check{Kind: kind}).resolve(); !ok && kind != kindCMAC {
			t.Errorf("the schema allows %s, and nothing computes it", kind)
		}
	}
	for _, name := range names {
		if _, ok := encodingOf(name); !ok {
			t.Errorf("the schema allows %s, and nothing reads it", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"vg1", "gas4442", "example-counter", "example-cumulative", "example-history", "vg2"} {
		f.Add([]byte(shippedText(f, name)))
	}
	f.Add([]byte(`{"name":"x","records":[{"fields":[{"repeat":2,"size":9}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := Parse(text)
		if err != nil {
			return
		}
		_ = l.Test()
		m := Image{}
		for i, a := range l.Areas {
			m[a.Name] = bytes.Repeat([]byte{byte(i) * 0x11}, a.Size)
		}
		_, _, _, _ = l.Matches(m), l.Blank(m), l.Tool(m), fmt.Sprint(l.Chips())
		_, _ = l.Claim(m)
	})
}
