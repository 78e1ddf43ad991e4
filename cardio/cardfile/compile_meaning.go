package cardfile

import (
	"fmt"
	"slices"
	"strings"
)

// texts are the values of ours that are texts; numbers are the others.
var (
	texts   = [...]string{UID, Number, Meter, Purchase}
	figures = [...]string{Utility, KeyVersion, Unit, Generation, Count, Credit, Credit1, Credit2, Total, Balance, Prices, Bounds, BackSequence, BackTime,
		BackCount, BackLoaded, BackRemaining, BackConsumed, BackValveOpen, BackBatteryLow, BackTamper, BackMonthEnd, BackPrices, BackBounds}
)

// known tells whether a name means something beyond the layout.
func known(name string) bool {
	return slices.Contains(texts[:], name) || slices.Contains(figures[:], name)
}

// roles finds identity and purse, and holds the values of ours against what they must be.
func (c *compiler) roles() {
	seen := map[string]string{}
	for i := range c.Records {
		r := &c.Records[i]
		for j := range r.Fields {
			pointer := fmt.Sprintf("/records/%d/fields/%d", i, j)
			for _, name := range r.Fields[j].names() {
				c.name(r, &r.Fields[j], name, pointer, seen)
			}
		}
		if r.Writer == byVendor && r.has(Number) {
			c.Layout.identity = r
		}
		if r.Writer == byVendor && (r.has(Credit) || r.has(Total) || r.has(Balance)) {
			c.Layout.purse = r
		}
	}
	c.prefixes()
	switch {
	case c.identity == nil:
		c.refuse("/records", "no record of the vendor's has the number of the card")
	case !slices.ContainsFunc(c.identity.Fields, func(f field) bool { return len(f.Const) > 0 && !erased(f.Const) }):
		c.refuse("/records", "%s has no constant by which its cards are known", c.identity.Name)
	case len(c.identity.At) > 1 && c.identity.Check != nil && c.identity.Check.Kind == kindCMAC:
		c.refuse("/records", "%s has two copies and a MAC: which of them says whose key it is?", c.identity.Name)
	case c.identity.Copies == copiesSame:
		c.refuse("/records", "%s has two copies that must agree: a card that is torn could not be found in the journal", c.identity.Name)
	}
	if (c.file.Rule == "") != (c.purse == nil) {
		c.refuse("/rule", "a load rule wants a record with credit, total or balance, and such a record a load rule")
	}
	if c.file.Unit == "" && (c.identity == nil || !c.identity.has(Unit)) {
		c.refuse("", "neither the layout nor a field of the identity says the unit")
	}
}

// name holds one value's name against its writer, its kind, and the other records.
func (c *compiler) name(r *record, f *field, name, pointer string, seen map[string]string) {
	if name == "" || f.Const != nil {
		return
	}
	base, _, _ := strings.Cut(strings.TrimPrefix(name, "back."), ".")
	if strings.HasPrefix(name, "back.") {
		base = "back." + base
	}
	owner, twice := seen[name]
	seen[name] = r.Name
	switch {
	case twice && (name != Meter || owner == r.Name):
		c.refuse(pointer, "%s stands in %s already", name, owner)
	case strings.HasPrefix(name, "back.") && r.Writer != byMeter, known(name) && name != Meter && !strings.HasPrefix(name, "back.") && r.Writer != byVendor:
		c.refuse(pointer, "%s is not for the %s to write", name, r.Writer)
	case slices.Contains(texts[:], base) && !f.coding.text, slices.Contains(figures[:], base) && f.coding.text:
		c.refuse(pointer, "%s cannot be spelled as %s", name, f.Encoding)
	case strings.HasPrefix(name, "back.") && !known(base):
		c.refuse(pointer, "%s is not one of the values that a meter writes back", name)
	case (name == UID && f.Size != 8 || name == Purchase && f.Size != 16) && f.Encoding == "hex":
		c.refuse(pointer, "%s has not %d bytes", name, f.Size)
	}
}

// prefixes holds what stands before a MAC against the identity's fields.
func (c *compiler) prefixes() {
	for i := range c.Records {
		r := &c.Records[i]
		if r.Check == nil {
			continue
		}
		for j, p := range r.Check.Prefix {
			pointer := fmt.Sprintf("/records/%d/check/prefix/%d", i, j)
			var hex hexBytes
			switch isField := c.identity != nil && len(c.identity.At) == 1 && r != c.identity && c.identity.field(p) != nil; {
			case p == prefixMark || isField:
			case hex.UnmarshalJSON([]byte(`"`+p+`"`)) != nil:
				c.refuse(pointer, "%s is neither mark, nor hex digits, nor a field of the identity", p)
			}
		}
	}
}

// chips demands a place for each area, of its size, and each chip once.
func (c *compiler) chips() {
	all := c.Chips()
	for i, name := range all {
		if slices.Contains(all[:i], name) {
			c.refuse("/chips", "%s stands here a second time", name)
		}
	}
	for i, chip := range c.file.Chips {
		p := fmt.Sprintf("/chips/%d", i)
		if len(chip.Places) != len(c.Areas) {
			c.refuse(p, "%s: %d areas have a place, the layout has %d", chip.Names[0], len(chip.Places), len(c.Areas))
			continue
		}
		for j, a := range c.Areas {
			size := chip.Places[j].Size()
			if chip.Places[j].Area != a.Name || size != a.Size {
				c.refuse(fmt.Sprintf("%s/places/%d", p, j), "%s: %d bytes for %s; wanted are the layout's areas in their order, here %s with %d",
					chip.Names[0], size, chip.Places[j].Area, a.Name, a.Size)
			}
		}
	}
}

func (c *compiler) tools() {
	for i, t := range c.Tools {
		size := 0
		for _, a := range c.Areas {
			if a.Name == t.Area {
				size = a.Size
			}
		}
		if t.Offset+len(t.Bytes) > size || len(t.Bytes) == 0 || erased(t.Bytes) {
			c.refuse(fmt.Sprintf("/tools/%d", i), "%s: it is told by no byte of %s, or by erased ones", t.Name, t.Area)
		}
	}
}
