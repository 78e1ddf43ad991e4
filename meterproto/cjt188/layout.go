package cjt188

import "strings"

// Layout is how a model departs from the standard in its values (§8). The zero
// Layout is the standard's: lowest digits first, unit behind its number.
type Layout struct {
	UnitFirst     bool // the unit byte stands before its number
	HighFirst     bool // numbers have their highest digits first
	TimeHighFirst bool // times have their century first
	Plus33        bool // every byte of DATA is sent with 33H added
}

// String names the layout: "standard", or what departs from it, as
// "unit-first BEtime".
func (l Layout) String() string {
	var parts []string
	add := func(is bool, name string) {
		if is {
			parts = append(parts, name)
		}
	}
	add(l.Plus33, "+33H")
	add(l.UnitFirst, "unit-first")
	add(l.HighFirst && l.TimeHighFirst, "BE")
	add(l.HighFirst && !l.TimeHighFirst, "BEvalues")
	add(!l.HighFirst && l.TimeHighFirst, "BEtime")
	if parts == nil {
		return "standard"
	}
	return strings.Join(parts, " ")
}

// Shift adds 33H to every byte of DATA, as the model sends it.
func (l Layout) Shift(data []byte) {
	if l.Plus33 {
		for i := range data {
			data[i] += 0x33
		}
	}
}

// Unshift takes 33H off every byte of DATA, in place.
func (l Layout) Unshift(data []byte) {
	if l.Plus33 {
		for i := range data {
			data[i] -= 0x33
		}
	}
}
