package dlt645

import "slices"

// HoldsPassword reports an identifier whose value is the password of a level
// (04000C01 to 04000C0A): it is shown to nobody.
func (d DI) HoldsPassword() bool {
	return d.Edition == Of2007 && d.Code >= 0x04000C01 && d.Code <= 0x04000C0A
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

// valuesAt is where the values of a 2007 identifier begin in DATA, at its end where
// the function has none.
func (f Frame) valuesAt() int {
	switch f.Control &^ moreFollows {
	case ReadData.Reply(), ReadMore.Reply():
		return diSize
	case WriteData:
		if len(f.Data) > diSize+grantSize {
			return diSize + grantSize
		}
		return diSize // some other shape, in which the password may be anywhere
	}
	return len(f.Data)
}
