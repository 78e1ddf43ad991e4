package facts

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// mbusFunctions are the words of the reference frames.
var mbusFunctions = [...]string{"Instantaneous value", "Maximum value", "Minimum value", "Value during error state"}

// mbusRecord is one record. Its value and unit are those of the VIF by the
// edition of 2004, as the reference frames have them: a newer code is
// "Reserved" and its number as it was sent, and VIFEs behind the extension
// tables are not looked at. Where this codec reads more out of it, or trusts it
// less, "read_as" says so. A password or key is "secret", and not told.
func mbusRecord(r mbus.Record) map[string]any {
	if r.Coding == mbus.Special {
		return mbusSpecial(r)
	}
	q := r.Quantity()
	facts := map[string]any{
		"function": mbusFunctions[r.Function], "storage": r.Storage, "tariff": r.Tariff, "subunit": r.Subunit,
		"quantity": q.Name, "unit": q.Symbol, "vib": upper(append([]byte{r.VIF}, r.VIFEs...)),
	}
	if r.Text != nil {
		facts["quantity"], facts["unit"] = mbusText(r.Text, r.Order), "-"
	}
	if q.Later {
		facts["unit"] = mbus.Reserved
	}
	if r.Secret() {
		facts["secret"] = true
		return facts
	}
	facts["raw"] = upper(r.Data)
	mbusValue(facts, r, q)
	mbusReadAs(facts, r.Register())
	return facts
}

func mbusSpecial(r mbus.Record) map[string]any {
	function := "Manufacturer specific"
	switch {
	case r.MoreFollow():
		function = "More records follow"
	case r.GlobalReadout():
		function = "Global readout"
	}
	return map[string]any{"function": function, "storage": 0, "unit": "", "quantity": "", "value": upperSpaced(r.Data)}
}

// mbusText is text as people read it: it is sent backwards where numbers are.
func mbusText(b []byte, o mbus.Order) string {
	var runes []rune
	for _, c := range b {
		runes = append(runes, rune(c)) // ISO 8859-1
	}
	if o == mbus.LowFirst {
		slices.Reverse(runes)
	}
	return printable(strings.Trim(string(runes), "\x00"))
}

// mbusValue fills in the value.
func mbusValue(facts map[string]any, r mbus.Record, q mbus.Quantity) {
	d, state, number := r.Number()
	date, isDate := r.Date()
	isDate = isDate && (r.VIF != 0xFD || r.Coding != mbus.Int16) // the reference knows no such dates
	notFinite := r.NotFinite()
	switch {
	case isDate:
		facts["value"] = mbusDate(date)
	case notFinite != "":
		facts["value"] = notFinite
	case number:
		mbusNumber(facts, r, q, d, state)
	case r.Coding == mbus.Variable && r.Length <= mbus.LongestText:
		facts["value"] = mbusText(r.Data, r.Order)
	case r.Coding == mbus.Variable:
		facts["value"] = mbusLong(r)
	default:
		facts["value"] = upperSpaced(r.Data)
	}
}

// mbusLong is a number of more digits than this codec counts with, as people
// write it: its highest byte first.
func mbusLong(r mbus.Record) string {
	b := slices.Clone(r.Data)
	if r.Order == mbus.LowFirst {
		slices.Reverse(b)
	}
	return upperSpaced(b)
}

// mbusDate is a date as the meter shows it, or nil where it shows none.
func mbusDate(d mbus.Date) any {
	if d.Invalid || d.Month < 1 || d.Month > 12 || d.Day < 1 {
		return nil
	}
	return d.String()
}

// mbusNumber fills in a number, or that there is none: the most negative integer
// is shown as it was sent, as the reference frames have it.
func mbusNumber(facts map[string]any, r mbus.Record, q mbus.Quantity, d meterproto.Decimal, state meterproto.State) {
	if state != meterproto.Good && d.Digits == 0 {
		facts["value"], facts["bad_bcd"] = nil, upper(r.Data)
		return
	}
	ok := true
	if !q.Later {
		d, ok = q.Value(d, mbusShift(r))
	}
	if step, moved := mbusOffset(r); ok && moved {
		d, ok = sum(d, step)
	}
	if !ok {
		facts["value"] = nil
		return
	}
	facts["value"] = json.Number(d.String())
}

// mbusChange is the first VIFE behind a primary VIF, 0 where there is none.
func mbusChange(r mbus.Record) int {
	if r.VIF == 0xFB || r.VIF == 0xFD || len(r.VIFEs) == 0 {
		return 0
	}
	return int(r.VIFEs[0] & 0x7F)
}

// mbusShift is how far that VIFE moves the point.
func mbusShift(r mbus.Record) int {
	switch code := mbusChange(r); {
	case code >= 0x70 && code <= 0x77:
		return code - 0x76
	case code == 0x7D:
		return 3
	}
	return 0
}

// mbusOffset is what that VIFE adds to the value, in the VIF's unit: 10^(nn-3) of
// E111 10nn (EN 13757-3, table 15).
func mbusOffset(r mbus.Record) (step meterproto.Decimal, moved bool) {
	code := mbusChange(r)
	return meterproto.Decimal{Digits: 1, Scale: int8(code&3) - 3}, code >= 0x78 && code <= 0x7B
}

// sum is a + b; ok is false where it has no room.
func sum(a, b meterproto.Decimal) (total meterproto.Decimal, ok bool) {
	scale := min(a.Scale, b.Scale)
	n, _, fits := a.In(scale)
	m, _, ok := b.In(scale)
	total = meterproto.Decimal{Digits: n + m, Scale: scale}
	return total, ok && fits && (n+m > n) == (m > 0)
}

// mbusReadAs adds what the gateway takes a number for, where that is not what
// the value already says; "raw" means that it takes it for no number.
func mbusReadAs(facts map[string]any, reg meterproto.Register) {
	as := map[string]any{}
	switch {
	case reg.State == meterproto.NoValue:
		as["state"] = "no value"
	case reg.State == meterproto.Invalid:
		as["state"] = "invalid"
	case reg.Kind == meterproto.OfIdentity, reg.Kind == meterproto.OfStatus, reg.Kind == meterproto.OfText:
		return
	case reg.Kind == meterproto.OfInstant:
		as["time"] = reg.Time
	case reg.Kind == meterproto.Unread:
		if _, number := facts["value"].(json.Number); !number {
			return
		}
		as["raw"] = true
	default:
		as["value"], as["unit"] = json.Number(reg.Value.String()), reg.Unit.String()
	}
	if as["value"] != facts["value"] || as["unit"] != facts["unit"] {
		facts["read_as"] = as
	}
}
