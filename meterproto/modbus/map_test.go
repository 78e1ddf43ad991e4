package modbus_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// parse is a map with these registers.
func parse(t fataler, registers ...string) *modbus.Map {
	t.Helper()
	m, err := modbus.ParseMap([]byte(mapText(`"most": 125`, registers...)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mapText(more string, registers ...string) string {
	return fmt.Sprintf("{\n\"name\": \"test\", \"title\": \"t\", \"source\": \"s\",\n%s,\n\"registers\": [\n%s\n]}", more, strings.Join(registers, ",\n"))
}

// answer is what the map makes of the bytes of its only request.
func answer(t fataler, m *modbus.Map, data []byte) []meterproto.Register {
	t.Helper()
	request := m.Requests()[0]
	got, err := m.AppendRegisters(nil, request, modbus.Message{Kind: modbus.ReadReply, Function: request.Function, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTypesAndOrders(t *testing.T) {
	t.Parallel()
	const volume = `"unit": "m3", "kind": "volume"`
	for name, c := range map[string]struct {
		entry, data string
		want        string
		state       meterproto.State
	}{
		"u16":                 {`"type": "u16"`, "FFFE", "65534", meterproto.Good},
		"u16 turned":          {`"type": "u16", "order": "BADC"`, "0102", "513", meterproto.Good},
		"s16":                 {`"type": "s16", "scale": -2`, "FFFE", "-0.02", meterproto.Good},
		"u32":                 {`"type": "u32"`, "FFFFFFFE", "4294967294", meterproto.Good},
		"s32":                 {`"type": "s32", "scale": 1`, "FFFFFFFE", "-20", meterproto.Good},
		"u32 CDAB":            {`"type": "u32", "order": "CDAB"`, "03040102", "16909060", meterproto.Good},
		"u32 BADC":            {`"type": "u32", "order": "BADC"`, "02010403", "16909060", meterproto.Good},
		"u32 DCBA":            {`"type": "u32", "order": "DCBA"`, "04030201", "16909060", meterproto.Good},
		"u64 CDAB":            {`"type": "u64", "order": "CDAB"`, "0708050603040102", "72623859790382856", meterproto.Good},
		"u64 beyond int64":    {`"type": "u64"`, "8000000000000000", "0", meterproto.Invalid},
		"float of the frames": {`"type": "float32"`, "449A5000", "1234.5", meterproto.Good},
		"the same CDAB":       {`"type": "float32", "order": "CDAB"`, "5000449A", "1234.5", meterproto.Good},
		"the same DCBA":       {`"type": "float32", "order": "DCBA"`, "00509A44", "1234.5", meterproto.Good},
		"the same BADC":       {`"type": "float32", "order": "BADC"`, "9A440050", "1234.5", meterproto.Good},
		"float of a tenth":    {`"type": "float32"`, "3DCCCCCD", "0.1", meterproto.Good},
		"float 1e10":          {`"type": "float32"`, "501502F9", "10000000000", meterproto.Good},
		"minus nought":        {`"type": "float32"`, "80000000", "0", meterproto.Good},
		"not a number":        {`"type": "float32"`, "7FC00000", "0", meterproto.Invalid},
		"infinite":            {`"type": "float32"`, "FF800000", "0", meterproto.Invalid},
		"float64":             {`"type": "float64"`, "3FB999999999999A", "0.1", meterproto.Good},
		"float64 too small":   {`"type": "float64"`, "0000000000000001", "0", meterproto.Invalid},
		"bcd":                 {`"type": "bcd", "size": 2, "scale": -3`, "00012345", "12.345", meterproto.Good},
		"bcd with a letter":   {`"type": "bcd", "size": 2`, "0001234A", "0", meterproto.Invalid},
		"bcd without value":   {`"type": "bcd", "size": 2`, "FFFFFFFF", "0", meterproto.NoValue},
		"no value":            {`"type": "s16", "none": "8000"`, "8000", "0", meterproto.NoValue},
		"nearly no value":     {`"type": "s16", "none": "8000"`, "8001", "-32767", meterproto.Good},
	} {
		m := parse(t, fmt.Sprintf(`{"name": "v", "address": 1, %s, %s}`, c.entry, volume))
		r := answer(t, m, unhex(t, c.data))[0]
		if r.State != c.state || r.Value.String() != c.want || r.Unit != meterproto.CubicMetre || !bytes.Equal(r.Raw, unhex(t, c.data)) {
			t.Errorf("%s: %+v, want %s", name, r, c.want)
		}
	}
}

func TestTextBitsAndNumbersOfDevices(t *testing.T) {
	t.Parallel()
	m := parse(t,
		`{"name": "t", "address": 0, "type": "ascii", "size": 2, "kind": "text"}`,
		`{"name": "b", "address": 2, "type": "bits", "size": 1, "kind": "status"}`,
		`{"name": "i", "address": 3, "type": "u16", "kind": "identity", "storage": 3}`)
	got := answer(t, m, []byte("ab \x00\x80\x01\x12\x34"))
	if got[0].Kind != meterproto.OfText || got[0].State != meterproto.Good || got[1].Kind != meterproto.OfStatus ||
		string(got[1].Raw) != "\x80\x01" || got[2].Kind != meterproto.OfIdentity || got[2].Value.Digits != 0 || got[2].Storage != 3 {
		t.Errorf("got %+v", got)
	}
	if got := answer(t, m, []byte("a\x01bc\x80\x01\x12\x34")); got[0].State != meterproto.Invalid {
		t.Errorf("text that is none: %+v", got[0])
	}
}

// A float becomes the shortest decimal that is read back as the same float.
func TestFloatsAreExact(t *testing.T) {
	t.Parallel()
	m := parse(t, `{"name": "v", "address": 0, "type": "float64", "order": "CDAB", "unit": "m3", "kind": "volume"}`)
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e12, 1e12).Draw(t, "v")
		data := binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
		slices.Reverse(data)
		for i := 0; i < 8; i += 2 {
			data[i], data[i+1] = data[i+1], data[i]
		}
		r := answer(t, m, data)[0]
		if r.State == meterproto.Invalid && math.Abs(v) < 1e-80 {
			return
		}
		said, ok := new(big.Rat).SetString(r.Value.String())
		if !ok {
			t.Fatalf("%v became %v", v, r.Value)
		}
		if back, _ := said.Float64(); back != v {
			t.Fatalf("%v became %v", v, r.Value)
		}
	})
}

// A register begins again where its type is full, or where the map says; a float or one with a sign before that, and nobody knows where.
func TestRegistersHaveAWidth(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]int64{
		`"type": "u16", "unit": "m3", "kind": "volume"`:                          1 << 16,
		`"type": "u32", "unit": "Wh", "kind": "energy", "scale": 3`:              1 << 32,
		`"type": "u32", "unit": "m3", "kind": "volume", "span": 1000000000`:      1_000_000_000,
		`"type": "s32", "unit": "m3", "kind": "volume"`:                          0,
		`"type": "s32", "unit": "m3", "kind": "volume", "span": 100000000`:       100_000_000,
		`"type": "u64", "unit": "m3", "kind": "volume"`:                          0,
		`"type": "float32", "unit": "m3", "kind": "volume"`:                      0,
		`"type": "bcd", "size": 2, "unit": "m3", "kind": "volume", "scale": -3`:  100_000_000,
		`"type": "bcd", "size": 2, "unit": "Wh", "kind": "energy", "span": 1000`: 1000,
		`"type": "u32", "unit": "C", "kind": "temperature"`:                      0,
	} {
		m := parse(t, `{"name": "v", "address": 0, `+entry+`}`)
		data := make([]byte, 2*m.Entries()[0].Size)
		if got := answer(t, m, data)[0]; got.State != meterproto.Good || got.Span != want {
			t.Errorf("%s: %+v, want %d", entry, got, want)
		}
	}
}

// genMap draws a map of values that do not overlap.
func genMap(t *rapid.T) (m *modbus.Map, most, gap int) {
	most, gap = rapid.IntRange(4, 125).Draw(t, "most"), rapid.IntRange(0, 10).Draw(t, "gap")
	var lines []string
	at := 0
	for i := range rapid.IntRange(1, 40).Draw(t, "values") {
		at += rapid.SampledFrom([]int{0, 0, 1, 5, 11, 200}).Draw(t, "hole")
		size := rapid.IntRange(1, 4).Draw(t, "size")
		read := rapid.IntRange(3, 4).Draw(t, "read")
		lines = append(lines, fmt.Sprintf(`{"name": "v%d", "address": %d, "read": %d, "type": "bcd", "size": %d, "kind": "identity"}`, i, at, read, size))
		at += size
	}
	m, err := modbus.ParseMap([]byte(mapText(fmt.Sprintf(`"most": %d, "gap": %d`, most, gap), lines...)))
	if err != nil {
		t.Fatal(err)
	}
	return m, most, gap
}

func TestRequestsReadEachValueOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, most, gap := genMap(t)
		var got []meterproto.Register
		named := map[[2]int]bool{}
		for _, e := range m.Entries() {
			for i := range e.Size {
				named[[2]int{int(e.Read), int(e.Address) + i}] = true
			}
		}
		for _, request := range m.Requests() {
			if int(request.Quantity) > most {
				t.Fatalf("%+v is longer than %d", request, most)
			}
			hole := 0
			for i := range int(request.Quantity) {
				if hole++; named[[2]int{int(request.Function), int(request.Address) + i}] {
					hole = 0
				}
				if hole > gap {
					t.Fatalf("%+v reads across a hole of more than %d", request, gap)
				}
			}
			reply := modbus.Message{Kind: modbus.ReadReply, Function: request.Function, Data: make([]byte, 2*request.Quantity)}
			binary.BigEndian.PutUint16(reply.Data, request.Address)
			var err error
			if got, err = m.AppendRegisters(got, request, reply); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) != len(m.Entries()) {
			t.Fatalf("%d values of %d", len(got), len(m.Entries()))
		}
		for i, e := range m.Entries() {
			if len(got[i].Raw) != 2*e.Size {
				t.Fatalf("%s: %d bytes", e.Name, len(got[i].Raw))
			}
		}
		if best := fewest(m.Entries(), most, gap); len(m.Requests()) != best {
			t.Fatalf("%d requests, %d would do", len(m.Requests()), best)
		}
	})
}

// fewest is the least number of requests, by trying every grouping.
func fewest(entries []modbus.Entry, most, gap int) int {
	best := make([]int, len(entries)+1)
	for i := range entries {
		best[i+1] = best[i] + 1
		for j := i; j >= 0; j-- {
			joins := j == i || entries[j].Read == entries[j+1].Read &&
				int(entries[j+1].Address) <= int(entries[j].Address)+entries[j].Size+gap
			if !joins || int(entries[i].Address)+entries[i].Size > int(entries[j].Address)+most {
				break
			}
			best[i+1] = min(best[i+1], best[j]+1)
		}
	}
	return best[len(entries)]
}

func TestReplyToAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	m := parse(t, `{"name": "v", "address": 0, "type": "u32", "unit": "m3", "kind": "volume"}`)
	request := m.Requests()[0]
	for want, reply := range map[error]modbus.Message{
		meterproto.ErrStale:    {Kind: modbus.ReadReply, Function: 3, Data: make([]byte, 2)},
		meterproto.ErrAbnormal: {Kind: modbus.Exception, Function: 3, Code: modbus.IllegalDataAddress},
	} {
		if got, err := m.AppendRegisters(nil, request, reply); !errors.Is(err, want) || got != nil {
			t.Errorf("%+v, %v, want %v", got, err, want)
		}
	}
}

func TestBadMapsAreRefusedWithTheirLine(t *testing.T) {
	t.Parallel()
	const good = `{"name": "a", "address": 0, "type": "u16", "kind": "count"}`
	entry := func(text string) string { return mapText(`"gap": 0`, good, "{"+text+"}") }
	for name, c := range map[string]struct {
		text   string
		line   int
		reason string
	}{
		"not JSON":           {"{\n\n]", 3, "not readable"},
		"no object":          {"[]", 1, "a map is an object"},
		"cut":                {"{\n\"name\": \"x\"", 2, "not readable"},
		"more behind it":     {mapText(`"gap": 0`, good) + "\n{}", 7, "after the map's end"},
		"unknown key":        {mapText(`"gasp": 1`, good), 3, `no key is called "gasp"`},
		"key twice":          {mapText(`"name": "y"`, good), 3, "second time"},
		"no registers":       {mapText(`"gap": 0`), 1, "want registers"},
		"bad name":           {strings.Replace(mapText(`"gap": 0`, good), "test", "Test 1", 1), 1, "small letters"},
		"no source":          {strings.Replace(mapText(`"gap": 0`, good), `"s"`, `""`, 1), 1, "source"},
		"too many at once":   {mapText(`"most": 126`, good), 1, "most 126"},
		"gap":                {mapText(`"gap": -1`, good), 1, "gap -1"},
		"too long for most":  {mapText(`"most": 1`, `{"name": "b", "address": 4, "type": "u32", "kind": "count"}`), 5, "at most 1"},
		"no name":            {entry(`"address": 4, "type": "u16", "kind": "count"`), 6, "want a name"},
		"name twice":         {entry(`"name": "a", "address": 4, "type": "u16", "kind": "count"`), 6, "name of line 5"},
		"no address":         {entry(`"name": "b", "type": "u16", "kind": "count"`), 6, "want an address"},
		"address 65536":      {entry(`"name": "b", "address": 65536, "type": "u16", "kind": "count"`), 6, "address"},
		"behind the end":     {entry(`"name": "b", "address": 65535, "type": "u32", "kind": "count"`), 6, "behind 65535"},
		"overlap":            {entry(`"name": "b", "address": 0, "type": "u16", "kind": "count"`), 6, `lies on registers of "a"`},
		"read 5":             {entry(`"name": "b", "address": 4, "read": 5, "type": "u16", "kind": "count"`), 6, "want 3 or 4"},
		"type":               {entry(`"name": "b", "address": 4, "type": "u8", "kind": "count"`), 6, `type "u8"`},
		"size of u32":        {entry(`"name": "b", "address": 4, "type": "u32", "size": 1, "kind": "count"`), 6, "it takes 2"},
		"size of bcd":        {entry(`"name": "b", "address": 4, "type": "bcd", "size": 5, "kind": "count"`), 6, "1 to 4"},
		"order":              {entry(`"name": "b", "address": 4, "type": "u32", "order": "ACBD", "kind": "count"`), 6, "order"},
		"order of text":      {entry(`"name": "b", "address": 4, "type": "ascii", "size": 1, "order": "BADC", "kind": "text"`), 6, "neither"},
		"scale":              {entry(`"name": "b", "address": 4, "type": "u16", "scale": 13, "kind": "count"`), 6, "scale 13"},
		"half a scale":       {entry(`"name": "b", "address": 4, "type": "u16", "scale": 0.5, "kind": "count"`), 6, "scale"},
		"kind":               {entry(`"name": "b", "address": 4, "type": "u16", "kind": "gas"`), 6, `kind "gas"`},
		"unit of a kind":     {entry(`"name": "b", "address": 4, "type": "u16", "unit": "kWh", "kind": "energy"`), 6, `unit "kWh"`},
		"number as text":     {entry(`"name": "b", "address": 4, "type": "u16", "kind": "text"`), 6, "a u16 is no text"},
		"text as a number":   {entry(`"name": "b", "address": 4, "type": "ascii", "size": 1, "kind": "count"`), 6, "a ascii is no count"},
		"none":               {entry(`"name": "b", "address": 4, "type": "u16", "kind": "count", "none": "FF"`), 6, "4 hexadecimal digits"},
		"span of no counter": {entry(`"name": "b", "address": 4, "type": "u16", "unit": "C", "kind": "temperature", "span": 10`), 6, "begins again"},
		"span of a float":    {entry(`"name": "b", "address": 4, "type": "float32", "unit": "m3", "kind": "volume", "span": 10`), 6, "counts steps"},
		"span below 0":       {entry(`"name": "b", "address": 4, "type": "u16", "unit": "m3", "kind": "volume", "span": -1`), 6, "begins again"},
		"unknown in entry":   {entry(`"name": "b", "address": 4, "type": "u16", "kind": "count", "color": 1`), 6, "color"},
		"twice in entry":     {entry(`"name": "b", "address": 4, "address": 5, "type": "u16", "kind": "count"`), 6, "second time"},
	} {
		m, err := modbus.ParseMap([]byte(c.text))
		e, ok := errors.AsType[*modbus.MapError](err)
		if m != nil || !ok || e.Line != c.line || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShippedMaps(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	names := modbus.ShippedMaps()
	if len(names) < 2 {
		t.Fatalf("only %q", names)
	}
	for _, name := range names {
		m, err := modbus.ShippedMap(name)
		if err != nil || m.Name() != name || m.Title() == "" || m.Source() == "" {
			t.Fatalf("%s: %v, %v", name, m, err)
		}
		text, err := modbus.ShippedMapText(name)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := modbus.ShippedMap("../map"); !errors.Is(err, modbus.ErrNoMap) {
		t.Errorf("got %v", err)
	}
	float, _ := modbus.ShippedMap("example-corrector-float")
	if got := len(float.Requests()); got != 3 {
		t.Errorf("%d requests", got)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(modbus.MapSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("map.schema.json", value); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("map.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What the schema allows as a word, the parser takes, and the other way round.
func TestSchemaHasTheWordsOfTheParser(t *testing.T) {
	t.Parallel()
	var schema struct {
		Defs struct {
			Register struct {
				Properties map[string]struct{ Enum []any }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(modbus.MapSchema, &schema); err != nil {
		t.Fatal(err)
	}
	words := schema.Defs.Register.Properties
	if len(words["kind"].Enum) != 21 || len(words["unit"].Enum) != 21 || len(words["type"].Enum) != 10 {
		t.Errorf("%d kinds, %d units, %d types", len(words["kind"].Enum), len(words["unit"].Enum), len(words["type"].Enum))
	}
	taken := map[any]bool{}
	for _, kind := range words["kind"].Enum {
		for _, unit := range append(words["unit"].Enum, "") {
			for _, form := range []string{"u16", "ascii", "bits"} {
				text := mapText(`"gap": 0`, fmt.Sprintf(`{"name": "a", "address": 0, "type": %q, "size": 1, "unit": %q, "kind": %q}`, form, unit, kind))
				if _, err := modbus.ParseMap([]byte(text)); err == nil {
					taken[kind], taken[unit] = true, true
				}
			}
		}
	}
	for _, word := range append(words["kind"].Enum, words["unit"].Enum...) {
		if !taken[word] {
			t.Errorf("%v is in the schema, and no map takes it", word)
		}
	}
}

func FuzzParseMap(f *testing.F) {
	for _, name := range modbus.ShippedMaps() {
		text, _ := modbus.ShippedMapText(name)
		f.Add(text)
	}
	f.Add([]byte(mapText(`"most": 1`, `{"name": "b", "address": 4, "type": "u32", "kind": "count"}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := modbus.ParseMap(text)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if err != nil {
			return
		}
		for _, request := range m.Requests() {
			data := bytes.Repeat([]byte{0x91}, 2*int(request.Quantity))
			if _, err := m.AppendRegisters(nil, request, modbus.Message{Kind: modbus.ReadReply, Function: request.Function, Data: data}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkMap(b *testing.B) {
	m, err := modbus.ShippedMap("example-corrector-float")
	if err != nil {
		b.Fatal(err)
	}
	request := m.Requests()[1]
	reply := modbus.Message{Kind: modbus.ReadReply, Function: request.Function, Data: bytes.Repeat([]byte{0x44, 0x9A}, int(request.Quantity))}
	room := make([]meterproto.Register, 0, 16)
	got, _ := m.AppendRegisters(room, request, reply)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.AppendRegisters(room[:0], request, reply); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(got)), "values/op")
}
