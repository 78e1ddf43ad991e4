package facts

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// dlt645Values tells the values of an identifier. What could not be read stays
// the payload, with the reason; a password stays untold.
func dlt645Values(o map[string]any, r dlt645.Reply) {
	if r.DI.HoldsPassword() {
		return
	}
	registers, err := dlt645.AppendRegisters(nil, r)
	delete(o, "payload")
	if err != nil {
		o["payload"], o["reason"] = upper(r.Values), err.Error()
	}
	if errors.Is(err, meterproto.ErrLayout) {
		return
	}
	item, _ := dlt645.Lookup(r.DI, len(r.Values))
	dlt645Place(o, registers[0])
	dlt645Numbers(o, registers, item.IsBlock(r.DI))
	dlt645Clocks(o, item, r, registers)
	dlt645Names(o, r, registers)
}

// dlt645Place tells which tariff, phase and age a value is of, a block's first value
// among them.
func dlt645Place(o map[string]any, r meterproto.Register) {
	if r.Tariff > 0 {
		o["tariff"] = r.Tariff
	}
	if r.Subunit >= 1 && r.Subunit <= 3 {
		o["phase"] = string("ABC"[r.Subunit-1])
	}
	if r.Storage > 0 {
		o["storage"] = r.Storage
	}
}

// dlt645Numbers tells the quantities: value, or values where a block was asked for or
// there are several, null where there is none; and the unit that they have in common.
func dlt645Numbers(o map[string]any, registers []meterproto.Register, block bool) {
	var numbers []any
	units := map[string]bool{}
	count := false
	for _, r := range registers {
		unit, shift, ok := dlt645Unit(r)
		if !ok {
			continue
		}
		units[unit] = true
		count = r.Kind == meterproto.OfCount
		if r.State == meterproto.Good {
			numbers = append(numbers, decimal(r.Value.Digits, r.Value.Scale+shift))
		} else {
			numbers = append(numbers, nil)
		}
	}
	if len(units) == 1 {
		for unit := range units {
			o["unit"] = unit
		}
		if o["unit"] == "" {
			delete(o, "unit")
		}
	}
	switch {
	case len(numbers) > 1, block && len(numbers) == 1:
		o["values"] = numbers
	case len(numbers) == 1 && numbers[0] == nil:
		o["no_value"] = true
	case len(numbers) == 1:
		o["value"] = numbers[0]
		if count {
			o["count"] = numbers[0]
		}
	}
}

// dlt645Unit is the unit that people know a quantity in, and how the point moves.
func dlt645Unit(r meterproto.Register) (unit string, shift int8, ok bool) {
	switch r.Kind {
	case meterproto.Unread, meterproto.OfInstant, meterproto.OfIdentity, meterproto.OfText, meterproto.OfStatus:
		return "", 0, false
	case meterproto.OfEnergy, meterproto.OfPower, meterproto.OfReactive, meterproto.OfApparent:
		return "k" + r.Unit.String(), -3, true
	case meterproto.OfMoney:
		return "yuan", 0, true
	case meterproto.OfPrice:
		return "yuan/kWh", 0, true
	}
	return r.Unit.String(), 0, true
}

func decimal(digits int64, scale int8) json.Number {
	return json.Number(meterproto.Decimal{Digits: digits, Scale: scale}.String())
}

// dlt645Clocks tells the dates and times: time, date or freeze_time, and times
// where there are several; null where there is none.
func dlt645Clocks(o map[string]any, item dlt645.Item, r dlt645.Reply, registers []meterproto.Register) {
	var times []any
	key := ""
	for i, register := range registers {
		if register.Kind != meterproto.OfInstant {
			continue
		}
		var layout string
		key, layout = dlt645Clock(item.Fields[i%len(item.Fields)].Layout)
		if register.State == meterproto.Good {
			times = append(times, local(register.Time, layout))
		} else {
			times = append(times, nil)
		}
	}
	switch {
	case len(times) > 1:
		o["times"] = times
	case len(times) == 1 && r.DI.Code>>24 == freezeFamily && len(registers) == 1:
		o["freeze_time"] = times[0]
	case len(times) == 1:
		o[key] = times[0]
	}
	if key == "date" {
		o["weekday"] = upper(r.Values[:1])
	}
}

const freezeFamily = 0x05

// dlt645Clock is the key and the format of a clock field, by its wire layout.
func dlt645Clock(wire string) (key, layout string) {
	switch wire {
	case "WDMY":
		return "date", "2006-01-02"
	case "smh":
		return "time", "15:04:05"
	case "mh":
		return "time", "15:04"
	case "hD":
		return "time", "02 15"
	case "mhDM":
		return "time", "01-02 15:04"
	case "mhDMY":
		return "time", "2006-01-02 15:04"
	}
	return "time", "2006-01-02 15:04:05"
}

// dlt645Names tells numbers that name something, texts and status words.
func dlt645Names(o map[string]any, r dlt645.Reply, registers []meterproto.Register) {
	for _, register := range registers {
		switch register.Kind {
		case meterproto.OfIdentity:
			o["number"] = dlt645Digits(register.Raw)
		case meterproto.OfText:
			o["text"] = dlt645Text(register.Raw)
		case meterproto.OfStatus:
			o["payload"] = upper(r.Values)
			dlt645Status(o, r.DI, register)
		}
	}
}

// dlt645Text is a text as it is read: the last byte comes first, and what fills it up is cut off.
func dlt645Text(b []byte) string {
	b = slices.Clone(b)
	slices.Reverse(b)
	return strings.TrimSpace(printable(strings.ToValidUTF8(strings.Trim(string(b), "\x00"), "?")))
}

// dlt645Status tells a status word, or one of a block of them.
func dlt645Status(o map[string]any, di dlt645.DI, register meterproto.Register) {
	if di.Code>>8 != 0x040005 || di.Edition != dlt645.Of2007 || register.State != meterproto.Good {
		return
	}
	word := int(register.Storage)
	bits := binary.LittleEndian.Uint16(register.Raw)
	o["status_word"] = dlt645Digits(register.Raw)
	o[fmt.Sprintf("status_%d", word)] = dlt645.StatusBits(word, bits)
	if word != 3 {
		return
	}
	status := dlt645.Status(bits)
	o["relay"], o["relay_command"] = "closed (on)", "on"
	if status.Has(dlt645.RelayOff) {
		o["relay"] = "open (off)"
	}
	if status.Has(dlt645.RelayCommandOff) {
		o["relay_command"] = "off"
	}
}
