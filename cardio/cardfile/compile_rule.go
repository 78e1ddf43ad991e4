package cardfile

import (
	"fmt"
	"slices"
)

// rule holds the purse against what its load rule needs.
func (c *compiler) rule() {
	needs := map[string][]string{
		RuleCounter:    {Count, Credit},
		RuleCumulative: {Total},
		RuleHistory:    {Count, Credit, Credit1, Credit2},
		RuleBalance:    {Count, Balance},
	}[c.file.Rule]
	for _, name := range needs {
		if !c.purse.has(name) {
			c.refuse("/rule", "rule %s: %s has no %s", c.file.Rule, c.purse.Name, name)
		}
	}
}

// ePurse demands of the rule balance, and of no other, that each chip says how its e-purse is asked, and that all of the
// purse's record lies there: its chip changes it in one piece.
func (c *compiler) ePurse() {
	for i, chip := range c.file.Chips {
		pointer, p := fmt.Sprintf("/chips/%d", i), chip.Purse
		switch {
		case (p != nil) != (c.file.Rule == RuleBalance):
			c.refuse(pointer, "%s: an e-purse has the rule balance, and the rule balance an e-purse", chip.Names[0])
		case p == nil:
		case len(p.Terminal) != 6:
			c.refuse(pointer+"/purse", "%s: a terminal number has 6 bytes", chip.Names[0])
		case len(c.purse.At) != 1 || c.purse.At[0].Area != p.Area || c.purse.At[0].Offset != 0 || c.purse.Check != nil || c.purse == c.identity:
			c.refuse(pointer+"/purse", "%s: the e-purse is all of %s, once, without a check: its chip has one", chip.Names[0], c.purse.Name)
		}
	}
}

// steps checks the order of writing, or makes one: everything that a load changes is written once in each copy.
func (c *compiler) steps() {
	if c.TwoCopies() {
		if c.file.Write != nil {
			c.refuse("/write", "the two-copy rule has its own order")
		}
		return
	}
	if c.purse == c.identity && c.purse.Check != nil {
		c.refuse("/records", "%s: its check changes with the credit: a torn card would have no valid number", c.purse.Name)
	}
	if c.Layout.steps = c.file.Write; c.Layout.steps == nil {
		c.Layout.steps = c.safestOrder()
	}
	written := make([]map[string]bool, len(c.purse.At))
	for i, s := range c.Layout.steps {
		pointer := fmt.Sprintf("/write/%d", i)
		if s.Copy >= len(c.purse.At) {
			c.refuse(pointer, "%s has no copy %d", c.purse.Name, s.Copy)
			return
		}
		if written[s.Copy] == nil {
			written[s.Copy] = map[string]bool{}
		}
		for _, name := range s.Fields {
			if !slices.Contains(c.changing(), name) || written[s.Copy][name] {
				c.refuse(pointer, "%s is not changed by a load, or written twice", name)
			}
			written[s.Copy][name] = true
		}
	}
	for i, have := range written {
		for _, name := range c.changing() {
			if !have[name] {
				c.refuse("/write", "a load changes %s of copy %d, and no step writes it", name, i)
			}
		}
	}
}

// vectors demands that the layout is proved: by an image, and where cards are loaded by an order.
func (c *compiler) vectors() {
	orders := 0
	for _, v := range c.Vectors {
		if v.Order != nil {
			orders++
		}
	}
	if orders == 0 && c.purse != nil {
		c.refuse("/vectors", "no vector has an order: the layout's writing is not proved")
	}
}
