package facts_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/facts"
)

// said is a frame as a hexadecimal line.
func said(t *testing.T, c cjt188.Control, di cjt188.DI, values ...byte) string {
	t.Helper()
	f := cjt188.Request(c, 0x30, cjt188.Address{1}, cjt188.Query{DI: di, Order: cjt188.LowFirst, SER: 7}, values)
	b, err := f.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

// cjt188Of is the facts of a line with one frame.
func cjt188Of(t *testing.T, line string) map[string]any {
	t.Helper()
	answer := answered(t, "cjt188", line)
	list, _ := answer["frames"].([]any)
	if len(list) != 1 {
		t.Fatalf("%s: %v", line, answer)
	}
	return list[0].(map[string]any)
}

func TestCJT188Commands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ line, want string }{
		"time":       {said(t, 0x04, 0xA015, 0x58, 0x59, 0x23, 0x29, 0x02, 0x24, 0x20), `{"time":"2024-02-29 23:59:58","control":"write data"}`},
		"base":       {said(t, 0x16, 0xA016, 0x78, 0x56, 0x34, 0x12, 0x2C), `{"base_reading":{"value":123456.78,"unit":"m3"}}`},
		"address":    {said(t, 0x15, 0xA018, 1, 2, 3, 4, 5, 6, 0x78), `{"new_addr":"78060504030201"}`},
		"prices":     {said(t, 0x04, 0xA010, 0x50, 2, 0, 0x30, 0, 0, 0, 3, 0, 0x60, 0, 0, 0x50, 4, 0, 0x15), `{"price1":2.5,"volume2_m3":60,"price3":4.5,"start_day":15}`},
		"free open":  {said(t, 0x04, 0xA017, 0x66), `{"valve_op":"vendor: free open"}`},
		"valve done": {said(t, 0x84, 0xA017, 0x05, 0x00), `{"ST":{"raw":"0500","valve":"closed","battery_low":true}}`},
		"day":        {said(t, 0x81, 0x8103, 0x31), `{"settlement_day":31}`},
		"month":      {said(t, 0x81, 0xD12B, 0x99, 0x99, 0x99, 0x99, 0x05), `{"month":12,"settlement":{"value":999999.99,"unit":"kWh"},"no_value":["settlement"]}`},
		"none":       {said(t, 0x81, 0xD120, 0xFF, 0xFF, 0xFF, 0xFF, 0x05), `{"settlement":{"raw":"FFFFFFFF05"},"no_value":["settlement"]}`},
		"digits":     {said(t, 0x81, 0xD120, 0x1A, 0, 0, 0, 0x2C), `{"settlement":{"raw":"1A0000002C"},"layout":"standard"}`},
		"not there":  {said(t, 0x81, 0xD120, 0, 0, 0, 0, 0), `{"settlement":{"value":0},"no_value":["settlement"]}`},
		"2018": {said(t, 0x81, 0xD302, 0x58, 0x59, 0x23, 0x29, 0x02, 0x24, 0x20, 1, 0, 0, 0, 0x2C, 1, 0, 0, 0, 0x35, 0x50, 0x12, 0, 7, 8, 9),
			`{"second_hand":true,"cumulative_flow":{"value":0.01},"flow":{"value":0.0001,"unit":"m3/h"},"temp_C":12.5,"pressure_raw":"070809","freeze":3}`},
		"odd unit":      {said(t, 0x81, 0xD120, 0x12, 0, 0, 0, 0x35), `{"settlement":{"value":0.12,"unit":"m3/h"}}`},
		"left out":      {said(t, 0x16, 0xA016, 0x78, 0x56, 0x34, 0x12, 0x00), `{"base_reading":{"value":123456.78},"layout":"standard","other_layouts":null}`},
		"month of 2018": {said(t, 0x81, 0xD200, 0x12, 0, 0, 0, 0x2C), `{"second_hand":true,"month":1,"settlement":{"value":0.12}}`},
		"both ways":     {said(t, 0x04, 0xA015, 0x20, 0x05, 0x04, 0x03, 0x02, 0x01, 0x20), `{"time":"2001-02-03 04:05:20","other_layouts":["BEtime"]}`},
		"no unit":       {said(t, 0x81, 0xD120, 0x12, 0, 0, 0, 0x77), `{"raw":"1200000077","layout":"unknown"}`},
	} {
		got := cjt188Of(t, c.line)
		var cmp comparison
		for key, want := range object(t, c.want) {
			cmp.value(want, got[key], key, false)
		}
		for _, d := range cmp.found {
			t.Errorf("%s: %s", name, d)
		}
		if s, isObject := got["base_reading"].(map[string]any); isObject && s["unit"] == nil != (s["error"] != nil) {
			t.Errorf("%s: a number without a unit, and no word of it: %v", name, s)
		}
		if s, isObject := got["settlement"].(map[string]any); isObject && s["raw"] != nil && s["value"] != nil {
			t.Errorf("%s: a number where there is none: %v", name, s)
		}
	}
}

// A published reading of a meter that puts units first; its page states these
// values (shuzhiduo.com/A/RnJWxa2v5q).
func TestCJT188StatedByAnother(t *testing.T) {
	t.Parallel()
	got := cjt188Of(t, "FEFEFEFE6820324131400000 00 81 2E 901F01 0802000000 0802000000 1700000000 3500000000 2C34100000 352500 662500 000000 53001210071520 0000 31 16")
	want := object(t, `{"addr":"00000040314132","settlement_heat":{"value":0.02,"unit":"MWh"},"current_heat":{"value":0.02,"unit":"MWh"},
		"flow":{"value":0,"unit":"m3/h"},"cumulative_flow":{"value":10.34,"unit":"m3"},"supply_temp_C":25.35,"return_temp_C":25.66,
		"time":"2015-07-10 12:00:53","layout":"unit-first"}`)
	var c comparison
	for key, w := range want {
		c.value(w, got[key], key, false)
	}
	for _, d := range c.found {
		t.Error(d)
	}
}

// A key is not shown, whatever is wrong with the frame that carries it.
func TestCJT188ShowsNoKey(t *testing.T) {
	t.Parallel()
	key := []byte{0xC0, 0xFF, 0xEE, 0xC0, 0xFF, 0xEE, 0xC0, 0xFF}
	for name, line := range map[string]string{
		"command": said(t, 0x04, 0xA014, append([]byte{2}, key...)...), "short": said(t, 0x04, 0xA014, key...),
		"vendor's": said(t, 0x24, 0xA014, append([]byte{2}, key...)...), "2018": said(t, 0x04, 0xA107, key...),
	} {
		text, err := json.Marshal(cjt188Of(t, line))
		if err != nil || strings.Contains(strings.ToUpper(string(text)), "C0FF") {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	if got := cjt188Of(t, said(t, 0x04, 0xA014, append([]byte{2}, key...)...)); got["key_version"] != json.Number("2") {
		t.Errorf("got %v", got)
	}
}

// Bytes that belong to no frame are counted, before, between and behind frames.
func TestCJT188CountsWhatItSkips(t *testing.T) {
	t.Parallel()
	one := said(t, 0x01, 0x901F)
	answer := answered(t, "cjt188", "0102FEFEFE"+one+"FEFE"+one+"68FF")
	list, _ := answer["frames"].([]any)
	if len(list) != 2 || answer["skipped_bytes"] != json.Number("9") {
		t.Fatalf("got %v", answer)
	}
	for i, want := range []json.Number{"3", "2"} {
		if got := list[i].(map[string]any)["preamble"]; got != want {
			t.Errorf("frame %d: preamble %v, want %s", i, got, want)
		}
	}
}

// Why a line is refused names the place.
func TestCJT188SaysWhy(t *testing.T) {
	t.Parallel()
	good := said(t, 0x01, 0x901F)
	for line, want := range map[string]string{
		"":                                 "no start byte 68 in 0 bytes",
		"FEFE":                             "no start byte 68 in 2 bytes",
		"FEFE" + good[:20]:                 "at byte 2: frame is cut short",
		"68" + good[:len(good)-4] + "0016": "at byte 1: checksum 00",
		good[:len(good)-2] + "17":          "it ends in 17, want 16",
	} {
		if answer := answered(t, "cjt188", line); !strings.Contains(answer["error"].(string), want) {
			t.Errorf("%s: %v, want %s", line, answer["error"], want)
		}
	}
}

func FuzzCJT188(f *testing.F) {
	for _, line := range frames.Of(f, "cjt188") {
		f.Add(line.Bytes(f))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		answer, err := facts.Decode("cjt188", hex.EncodeToString(line))
		if err != nil || answer.OK != (answer.Error == "") || answer.OK != (len(answer.Frames) > 0) {
			t.Fatalf("%X: %+v, %v", line, answer, err)
		}
		if _, err := json.Marshal(answer); err != nil {
			t.Fatalf("%X: %v", line, err)
		}
	})
}
