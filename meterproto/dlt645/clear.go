package dlt645

// Clear erases what a meter has counted: demands (C = 19), all registers (1A) or
// events (1B). It is answered as [Done] reads it, and cannot be undone.
type Clear struct {
	What   Control // ClearDemand, ClearMeter or ClearEvents
	Grant  Grant
	Events uint32 // of ClearEvents: the DI of the kind, AllEvents for every kind
}

// AllEvents is every kind of event.
const AllEvents uint32 = 0xFFFFFFFF

// Frame is the request to meter a.
func (c Clear) Frame(a Address) Frame {
	f := Frame{Address: a, Control: c.What, Data: c.Grant.appendTo(nil)}
	if c.What == ClearEvents {
		f.Data = ID(c.Events).appendTo(f.Data)
	}
	return f
}

// DecodeClear reads a request that Clear.Frame made. It fails with ErrMalformed
// where the frame is anything else.
func DecodeClear(f Frame) (Clear, error) {
	want := grantSize
	switch f.Control {
	case ClearEvents:
		want += diSize
	case ClearDemand, ClearMeter:
	default:
		want = -1
	}
	if len(f.Data) != want {
		return Clear{}, malformed(f, "clearing")
	}
	c := Clear{What: f.Control}
	var rest []byte
	c.Grant, rest = cutGrant(f.Data)
	if f.Control == ClearEvents {
		kind, _, err := cutDI(Of2007, rest)
		if err != nil {
			return Clear{}, err
		}
		c.Events = kind.Code
	}
	return c, nil
}
