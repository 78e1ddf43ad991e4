package facts_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// compared are the keys of a frame's facts that have to agree, as framecheck has
// them; words that only one decoder uses are not among them.
var compared = map[string][]string{
	"cjt188": strings.Fields(`T addr C L DI SER error time supply_temp_C return_temp_C work_hours cumulative_flow settlement_flow
		settlement_heat current_heat power flow ST valve_op purchase_seq this_amount cumulative_amount remaining_amount price1
		volume1_m3 price2 volume2_m3 price3 settlement base_reading new_addr key_version`),
	"dlt645": strings.Fields(`addr C abnormal more_follows function DI data_decoded value values unit time date err serr_raw
		frame_seq count`),
	"mbus": strings.Fields(`ci primary id manufacturer version access status signature record_count more_records_follow
		error_code records`),
	"iec62056-21": strings.Fields(`manufacturer identification data_sets command address crc_ok bcc`),
	"modbus":      strings.Fields(`unit function exception exception_code registers address quantity byte_count`),
}

var (
	inside = strings.Fields("value unit valve battery_low raw function storage tariff subunit address")
	voids  = strings.Fields("invalid_or_unset not_bcd bad_bcd invalid_date")
	same   = map[string]string{"m^3": "m3", "m³": "m3", "m^3/h": "m3/h", "m³/h": "m3/h", "°C": "C", "deg C": "C"}
)

// differences are where an answer is not what was expected of the line.
func differences(protocol string, want, got map[string]any) []string {
	wantOK := want["ok"] != false
	switch {
	case (got["ok"] == true) != wantOK:
		return []string{fmt.Sprintf("ok: want %v, got %v %v", wantOK, got["ok"], got["error"])}
	case !wantOK && (got["error"] == nil || got["error"] == ""):
		return []string{"refused without saying why"}
	case !wantOK:
		return nil
	}
	frames, _ := got["frames"].([]any)
	if n := frameCount(want); float64(len(frames)) != n {
		return []string{fmt.Sprintf("frames: want %v, got %d", n, len(frames))}
	}
	first, _ := frames[0].(map[string]any)
	var c comparison
	for _, key := range compared[protocol] {
		if w, ok := want[key]; ok {
			c.value(w, first[key], key, false)
		}
	}
	return c.found
}

func frameCount(want map[string]any) float64 {
	for _, key := range []string{"frames", "telegrams"} {
		if n, ok := number(want[key]); ok {
			return n
		}
	}
	return 1
}

// comparison collects what differs.
type comparison struct{ found []string }

func (c *comparison) differ(path string, want, got any) {
	c.found = append(c.found, fmt.Sprintf("%s: want %v, got %v", path, want, got))
}

// value compares one thing. text says that numbers are to be spelt alike.
func (c *comparison) value(want, got any, path string, text bool) {
	switch want := want.(type) {
	case nil:
	case map[string]any:
		c.object(want, got, path, text)
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			c.differ(path, fmt.Sprintf("%d entries", len(want)), got)
			return
		}
		for i := range want {
			c.value(want[i], list[i], fmt.Sprintf("%s[%d]", path, i), text)
		}
	case bool:
		if truth(got) != want {
			c.differ(path, want, got)
		}
	case string:
		c.words(want, got, path, text)
	default:
		if text {
			c.words(fmt.Sprint(want), got, path, text)
		} else if a, _ := number(want); !near(a, got) {
			c.differ(path, want, got)
		}
	}
}

func (c *comparison) object(want map[string]any, got any, path string, text bool) {
	object, ok := got.(map[string]any)
	for _, void := range voids {
		if _, isVoid := want[void]; !isVoid {
			continue
		}
		v := got
		if ok {
			v = object["value"]
		}
		if _, isNumber := number(v); isNumber && want["bad_bcd"] == nil {
			c.differ(path, "no value", v)
		}
		return
	}
	if !ok {
		c.differ(path, want, got)
		return
	}
	for _, key := range inside {
		if w, ok := want[key]; ok {
			c.value(w, object[key], path+"."+key, text)
		}
	}
	if w, ok := want["values"]; ok {
		c.value(w, object["values"], path+".values", true)
	}
}

// words compares strings: upper and lower case, T or space in a date, and the
// spelling of a unit do not matter.
func (c *comparison) words(want string, got any, path string, text bool) {
	w, g := spelling(want), ""
	if got != nil {
		g = spelling(fmt.Sprint(got))
	}
	if strings.HasSuffix(path, ".function") { // the first letters of the first word
		w, g = head(w), head(g)
	}
	if strings.HasSuffix(path, "unit") && (w == "" || w == "-") {
		return
	}
	if a, ok := number(w); ok && !text && near(a, g) {
		return
	}
	if w != g {
		c.differ(path, want, got)
	}
}

func spelling(s string) string {
	s = strings.TrimSpace(s)
	if unit, ok := same[s]; ok {
		s = unit
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimRight(s, "Z"), "T", " "))
}

func head(s string) string {
	first := slices.Concat(strings.Fields(s), []string{""})[0]
	return first[:min(4, len(first))]
}

func truth(v any) bool {
	n, isNumber := v.(json.Number)
	return v != nil && v != false && v != "" && (!isNumber || n != "0")
}

// near is the one leniency with numbers: the reference was computed in floats.
func near(a float64, got any) bool {
	b, ok := number(got)
	return ok && math.Abs(a-b) <= 1e-6*max(1, math.Abs(a))
}

func number(v any) (float64, bool) {
	var s string
	switch v := v.(type) {
	case json.Number:
		s = v.String()
	case string:
		s = strings.TrimSpace(v)
	default:
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}
