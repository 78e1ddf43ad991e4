package dlt645

import "slices"

// HoldsPassword reports an identifier whose value is the password of a level
// (04000C01 to 04000C0A; 1997: C212, C213 and their block): it is shown to nobody.
func (d DI) HoldsPassword() bool {
	if d.Edition == Of1997 {
		return d.Code == 0xC212 || d.Code == 0xC213 || d.Code == 0xC21F
	}
	return d.Edition == Of2007 && d.Code >= 0x04000C01 && d.Code <= 0x04000C0A
}

// Secret reports DATA in which a password stands, or may stand: see Shown.
func (f Frame) Secret() bool {
	di, rest, err := f.CutDI()
	return f.Control == SetPassword || len(f.accessesAt()) > 0 || err == nil && di.HoldsPassword() && len(rest) > 0
}

// Bare reports a 1997 write whose DATA are a value of its identifier as they stand,
// and none behind a password: some masters send none.
func (f Frame) Bare() bool {
	di, rest, err := f.CutDI()
	if err != nil || f.Control != WriteData97 || di.HoldsPassword() {
		return false
	}
	_, whole, _ := find(di, len(rest))
	_, behind, _ := find(di, max(0, len(rest)-accessSize))
	return whole > 0 && behind == 0
}

// Shown is DATA as people may see it: a copy with zeros where a password stands.
func (f Frame) Shown() []byte {
	shown := slices.Clone(f.Data)
	for _, at := range f.accessesAt() {
		zero(shown, at+1, at+accessSize) // the level is no secret
	}
	di, _, err := f.CutDI()
	switch names := err == nil && di.HoldsPassword(); {
	case names:
		zero(shown, f.valuesAt(), len(shown))
	case f.Control == SetPassword: // some other shape, in which the passwords may be anywhere
		clear(shown)
	}
	return shown
}

// zero clears what there is of b from one place to another.
func zero(b []byte, from, to int) { clear(b[min(from, len(b)):min(to, len(b))]) }

// accessesAt is where each level with its password begins in DATA. How a 1997 meter's
// demand is cleared is not known here: what it may carry is hidden as in 2007.
func (f Frame) accessesAt() []int {
	switch f.Control {
	case WriteData97:
		if f.Bare() {
			return nil
		}
		return []int{diSize97}
	case WriteData:
		return []int{diSize}
	case SetPassword97:
		return []int{0, accessSize}
	case SetPassword:
		return []int{diSize, diSize + accessSize}
	case SwitchRelay, ClearDemand, ClearMeter, ClearEvents, ClearDemand97, SetPassword.Reply(), SetPassword97.Reply():
		return []int{0}
	}
	return nil
}

// valuesAt is where the values of an identifier begin in DATA, at its end where
// the function has none.
func (f Frame) valuesAt() int {
	head, write := diSize, diSize+grantSize
	if f.Edition() == Of1997 {
		head, write = diSize97, diSize97+accessSize
	}
	switch f.Control &^ moreFollows {
	case ReadData.Reply(), ReadMore.Reply(), ReadData97.Reply(), ReadMore97.Reply(), Security.Reply():
		return head
	case WriteData, WriteData97:
		if len(f.Data) > write {
			return write
		}
		return head // some other shape, in which the password may be anywhere
	}
	return len(f.Data)
}
