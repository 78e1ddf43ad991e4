package modbus

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
)

// entryFile is an entry as it is written.
type entryFile struct {
	Name    string   `json:"name"`
	Address *uint16  `json:"address"`
	Read    Function `json:"read"`
	Type    Type     `json:"type"`
	Size    int      `json:"size"`
	Order   Order    `json:"order"`
	Scale   int8     `json:"scale"`
	Unit    string   `json:"unit"`
	Kind    string   `json:"kind"`
	Storage uint64   `json:"storage"`
	Span    int64    `json:"span"`
	None    string   `json:"none"`
}

// kindName is a kind as maps name it, and the units that its numbers may have.
type kindName struct {
	name  string
	kind  meterproto.Kind
	units []meterproto.Unit
}

// kinds are what a register can tell. What has no unit but NoUnit is none.
func kinds() []kindName {
	of := func(name string, kind meterproto.Kind, units ...meterproto.Unit) kindName {
		return kindName{name, kind, units}
	}
	return []kindName{
		of("volume", meterproto.OfVolume, meterproto.CubicMetre),
		of("energy", meterproto.OfEnergy, meterproto.WattHour, meterproto.Joule),
		of("power", meterproto.OfPower, meterproto.Watt, meterproto.JoulePerHour),
		of("flow", meterproto.OfFlow, meterproto.CubicMetrePerHour),
		of("mass", meterproto.OfMass, meterproto.Kilogram),
		of("mass-flow", meterproto.OfMassFlow, meterproto.KilogramPerHour),
		of("temperature", meterproto.OfTemperature, meterproto.Celsius),
		of("temperature-difference", meterproto.OfTempSpan, meterproto.Kelvin),
		of("pressure", meterproto.OfPressure, meterproto.Bar),
		of("voltage", meterproto.OfTension, meterproto.Volt),
		of("current", meterproto.OfCurrent, meterproto.Ampere),
		of("frequency", meterproto.OfFrequency, meterproto.Hertz),
		of("reactive", meterproto.OfReactive, meterproto.Var, meterproto.VarHour),
		of("apparent", meterproto.OfApparent, meterproto.VoltAmpere, meterproto.VoltAmpereHour),
		of("ratio", meterproto.OfRatio, meterproto.NoUnit, meterproto.Percent),
		of("duration", meterproto.OfDuration, meterproto.Second),
		of("money", meterproto.OfMoney, meterproto.Currency),
		of("count", meterproto.OfCount, meterproto.NoUnit),
		of("identity", meterproto.OfIdentity, meterproto.NoUnit),
		of("status", meterproto.OfStatus, meterproto.NoUnit),
		of("text", meterproto.OfText, meterproto.NoUnit),
	}
}

// parseEntry reads one entry, or says why it is none.
func parseEntry(raw []byte) (e Entry, reason string) {
	var f entryFile
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Entry{}, err.Error()
	}
	if key := doubled(raw); key != "" {
		return Entry{}, fmt.Sprintf("%q stands here a second time", key)
	}
	switch {
	case f.Name == "":
		return Entry{}, "want a name"
	case f.Address == nil:
		return Entry{}, "want an address"
	}
	e = Entry{
		Name: f.Name, Read: cmp.Or(f.Read, ReadHoldingRegisters), Address: *f.Address, Type: f.Type,
		Size: cmp.Or(f.Size, f.Type.registers()), Order: cmp.Or(f.Order, ABCD), Scale: f.Scale, Storage: f.Storage,
	}
	if reason = e.wrongForm(); reason == "" {
		reason = e.meaning(f)
	}
	return e, reason
}

// doubled is a key that stands twice in a flat object.
func doubled(raw []byte) string {
	d, seen := json.NewDecoder(bytes.NewReader(raw)), map[string]bool{}
	_, _ = d.Token() // the brace: the object was read before
	for d.More() {
		key, _ := d.Token()
		name := fmt.Sprint(key)
		if seen[name] {
			return name
		}
		seen[name] = true
		_, _ = d.Token()
	}
	return ""
}

// wrongForm says why no registers can hold the entry.
func (e Entry) wrongForm() string {
	fixed := e.Type.registers()
	switch {
	case e.Read != ReadHoldingRegisters && e.Read != ReadInputRegisters:
		return fmt.Sprintf("read %d: want 3 or 4", e.Read)
	case !slices.Contains([]Order{ABCD, CDAB, BADC, DCBA}, e.Order):
		return fmt.Sprintf("order %q: want ABCD, CDAB, BADC or DCBA", e.Order)
	case e.Type == BCD && (e.Size < 1 || e.Size > 4):
		return fmt.Sprintf("size %d of bcd: want 1 to 4 registers", e.Size)
	case e.Type == ASCII && (e.Size < 1 || e.Size > MaxReadRegisters):
		return fmt.Sprintf("size %d of ascii: want 1 to %d registers", e.Size, MaxReadRegisters)
	case e.Type == Bits && (e.Size < 1 || e.Size > 4):
		return fmt.Sprintf("size %d of bits: want 1 to 4 registers", e.Size)
	case fixed == 0 && !slices.Contains([]Type{BCD, ASCII, Bits}, e.Type):
		return fmt.Sprintf("type %q: want u16, s16, u32, s32, u64, float32, float64, bcd, ascii or bits", e.Type)
	case fixed != 0 && e.Size != fixed:
		return fmt.Sprintf("size %d of %s: it takes %d registers", e.Size, e.Type, fixed)
	case !e.Type.number() && (e.Order != ABCD || e.Scale != 0):
		return fmt.Sprintf("%s has neither order nor scale", e.Type)
	case e.end() > 1<<16:
		return fmt.Sprintf("%d registers from %d on end behind 65535", e.Size, e.Address)
	case e.Scale < -12 || e.Scale > 12:
		return fmt.Sprintf("scale %d: want -12 to 12", e.Scale)
	}
	return ""
}

// meaning fills in kind, unit and the mark of no value, or says what is wrong
// with them.
func (e *Entry) meaning(f entryFile) string {
	all := kinds()
	at := slices.IndexFunc(all, func(k kindName) bool { return k.name == f.Kind })
	if at < 0 {
		return fmt.Sprintf("kind %q is not known", f.Kind)
	}
	unit := slices.IndexFunc(all[at].units, func(u meterproto.Unit) bool { return u.String() == f.Unit })
	if unit < 0 {
		return fmt.Sprintf("unit %q of %s: want one of %v, moved by scale", f.Unit, f.Kind, all[at].units)
	}
	e.Kind, e.Unit = all[at].kind, all[at].units[unit]
	switch {
	case e.Type == ASCII && e.Kind != meterproto.OfText && e.Kind != meterproto.OfIdentity,
		e.Type == Bits && e.Kind != meterproto.OfStatus,
		e.Type.number() && (e.Kind == meterproto.OfText || e.Kind == meterproto.OfStatus):
		return fmt.Sprintf("a %s is no %s", e.Type, f.Kind)
	case f.Span < 0 || f.Span != 0 && (!e.Kind.Counts() || e.Type == Float32 || e.Type == Float64):
		return fmt.Sprintf("span %d of %s: want the steps after which a volume or an energy begins again, and a type that counts steps", f.Span, f.Kind)
	}
	if e.Kind.Counts() {
		e.Span = cmp.Or(f.Span, e.Type.span(e.Size))
	}
	if f.None == "" {
		return ""
	}
	none, err := hex.DecodeString(strings.ReplaceAll(f.None, " ", ""))
	if e.None = none; err != nil || len(none) != 2*e.Size {
		return fmt.Sprintf("none %q: want %d hexadecimal digits", f.None, 4*e.Size)
	}
	return ""
}
