package facts

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// cjt188Line finds the frames of a line and says what each holds.
func cjt188Line(line []byte) (frames []map[string]any, skipped int, err error) {
	rest := line
	for {
		f, before, after, err := cjt188.Next(rest)
		if err != nil {
			skipped += len(rest)
			break
		}
		frames = append(frames, cjt188Frame(f, wakeUps(rest[:before])))
		skipped += before
		rest = after
	}
	if frames == nil {
		return nil, 0, cjt188.WhyNone(line)
	}
	return frames, skipped, nil
}

// wakeUps counts the bytes FE at the end.
func wakeUps(before []byte) (n int) {
	for n < len(before) && before[len(before)-1-n] == 0xFE {
		n++
	}
	return n
}

func cjt188Frame(f cjt188.Frame, preamble int) map[string]any {
	address := f.Address.String()
	facts := map[string]any{
		"preamble":    preamble,
		"T":           fmt.Sprintf("%02X", f.Type),
		"meter":       cjt188Meter(f.Type),
		"addr":        address,
		"addr_wire":   upper(f.Address[:]),
		"vendor_code": address[:4],
		"C":           f.Control.String(),
		"control":     cjt188Control(f.Control),
		"error":       f.Control.Abnormal(),
		"L":           len(f.Data),
	}
	if f.Address == cjt188.AnyMeter() {
		facts["broadcast"] = true
	}
	cjt188Content(facts, f, cjt188.ReadByEvidence(f))
	return facts
}

func cjt188Content(facts map[string]any, f cjt188.Frame, c cjt188.Content) {
	if c.HasDI {
		cjt188Query(facts, f, c)
	}
	if c.HasSER && !c.Layout.Plus33 {
		facts["SER"] = fmt.Sprintf("%02X", c.SER)
	}
	switch {
	case errors.Is(c.Err, meterproto.ErrLayout):
		facts["layout"] = "unknown"
	case c.Items != nil:
		facts["layout"] = c.Layout.String()
	}
	if c.SecondHand() {
		facts["second_hand"] = true
	}
	var others []string
	for _, l := range c.Others {
		others = append(others, l.String())
	}
	if others != nil {
		facts["other_layouts"] = others
	}
	switch {
	case c.Stored == 0:
	case c.DI < 0xD300:
		facts["month"] = c.Stored
	default:
		facts["freeze"] = c.Stored
	}
	var none []string
	for _, i := range c.Items {
		facts[i.Field.Key] = cjt188Value(i)
		if i.Register.State == meterproto.NoValue {
			none = append(none, i.Field.Key)
		}
	}
	if none != nil {
		facts["no_value"] = none
	}
	if c.HasDI && c.DI.HoldsKey() {
		facts["secret"] = true
	} else if len(c.Rest) > 0 {
		facts["raw"] = upper(c.Rest)
	}
	if c.Err != nil {
		facts["problem"] = strings.ReplaceAll(c.Err.Error(), "\n", "; ")
	}
}

// cjt188Query adds DI and SER as they are on the wire, and as they are meant by a
// model that adds 33H to every byte.
func cjt188Query(facts map[string]any, f cjt188.Frame, c cjt188.Content) {
	if c.Layout.Plus33 {
		facts["di_decoded_after_minus33"], facts["SER_decoded"] = c.DI.String(), fmt.Sprintf("%02X", c.SER)
		facts["DI"] = fmt.Sprintf("%02X%02X", f.Data[1], f.Data[0])
		facts["SER"] = fmt.Sprintf("%02X", f.Data[2])
		facts["di_wire"], facts["di_order"] = upper(f.Data[:2]), "unknown; LE assumed"
		return
	}
	facts["DI"], facts["di_wire"] = c.DI.String(), upper(f.Data[:2])
	switch {
	case !c.DI.Known():
		facts["di_order"] = "unknown; LE assumed"
	case c.Order == cjt188.HighFirst:
		facts["di_order"] = "BE (90 1F)"
	default:
		facts["di_order"] = "LE (DI0=low byte first: 1F 90)"
	}
}

// cjt188Value is one value. What has no value shows its bytes; where these are
// digits all the same (nines, zeros without a unit) they are shown, since some
// meters do mean them, and "no_value" says that most do not.
func cjt188Value(i cjt188.Item) any {
	r := i.Register
	switch r.Kind {
	case meterproto.OfStatus:
		return cjt188Status(i)
	case meterproto.OfIdentity:
		return cjt188.Address(r.Raw).String()
	case meterproto.OfInstant:
		if r.State == meterproto.Good {
			return r.Time.Add(cjt188.ZoneOffset).Format("2006-01-02 15:04:05")
		}
		return void(i)
	}
	switch {
	case r.State == meterproto.Good && !i.Numeric:
		return upper(r.Raw) // not interpreted
	case !i.Numeric:
		return void(i)
	}
	number := json.Number(i.Digits.String())
	if !i.HasUnit {
		return number
	}
	value := map[string]any{"value": number, "unit_code": fmt.Sprintf("%02X", byte(i.Unit))}
	if i.Unit != 0 {
		value["unit"] = i.Unit.String()
	}
	if i.Err != nil { // a unit of another kind, or none
		value["error"] = i.Err.Error()
	}
	return value
}

// void is a value that is none: the bytes, and why.
func void(i cjt188.Item) map[string]any {
	v := map[string]any{"raw": upper(i.Register.Raw), "invalid_or_unset": true}
	if i.Err != nil {
		v["error"] = i.Err.Error()
	}
	return v
}

// cjt188Status is ST, or another byte that stands for a state: of a valve
// operation its name.
func cjt188Status(i cjt188.Item) any {
	if len(i.Register.Raw) == 1 {
		if name := cjt188.ValveOp(i.Register.Raw[0]).String(); name != "" {
			return name
		}
		return upper(i.Register.Raw)
	}
	s := cjt188.Status(i.Register.Raw)
	return map[string]any{"raw": s.String(), "valve": s.Valve().String(), "battery_low": s.BatteryLow()}
}

// cjt188Meter names the kind of meter (§1.1).
func cjt188Meter(t byte) string {
	switch t >> 4 {
	case 1:
		return "water"
	case 2:
		return "heat"
	case 3:
		return "gas"
	case 4:
		return "other"
	}
	return "vendor"
}

// cjt188Control names the control byte (§1.2).
func cjt188Control(c cjt188.Control) string {
	names := map[cjt188.Control]string{
		cjt188.ReadData: "read data", cjt188.ReadAddress: "read address", cjt188.WriteData: "write data",
		cjt188.ReadKeyVersion: "read key version", cjt188.WriteAddress: "write address", cjt188.WriteSync: "write sync data",
	}
	name, ok := names[c.Function()]
	switch {
	case !ok || c.Abnormal() && !c.FromMeter():
		return "vendor-specific"
	case c.Abnormal():
		return name + " error reply"
	case c.FromMeter():
		return name + " reply"
	}
	return name
}
