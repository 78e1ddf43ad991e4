package mbus

import "fmt"

// Control is the byte C (EN 13757-2, 5.5).
type Control byte

// The control bytes of the wired bus, with FCB and FCV clear where they may be
// set.
const (
	SndNke Control = 0x40 // reset the link
	SndUd  Control = 0x43 // data to the meter
	ReqSke Control = 0x49 // ask for the link's state
	ReqUd1 Control = 0x4A // ask for alarms
	ReqUd2 Control = 0x4B // ask for data
	RspUd  Control = 0x08 // the meter's data

	fromMaster   Control = 0x40
	frameCount   Control = 0x20 // FCB of a request, ACD of an answer
	countValid   Control = 0x10 // FCV of a request, DFC of an answer
	functionBits Control = 0x0F
	reservedBit  Control = 0x80
)

// FromMaster reports the direction: a request, or a meter's answer.
func (c Control) FromMaster() bool { return c&fromMaster != 0 }

// Plain is C without FCB and FCV (or ACD and DFC).
func (c Control) Plain() Control { return c &^ (frameCount | countValid) }

// Counted is the request c with FCV set and FCB as given. A meter that gets the
// same FCB again repeats its last answer; so it is turned after each good one.
func (c Control) Counted(fcb bool) Control {
	c = c.Plain() | countValid
	if fcb {
		c |= frameCount
	}
	return c
}

// FCB is the frame count bit of a request.
func (c Control) FCB() bool { return c.FromMaster() && c&frameCount != 0 }

// FCV reports whether FCB counts.
func (c Control) FCV() bool { return c.FromMaster() && c&countValid != 0 }

// ACD reports whether the meter has alarms to ask for (REQ_UD1).
func (c Control) ACD() bool { return !c.FromMaster() && c&frameCount != 0 }

// DFC reports whether the meter can take no more data now.
func (c Control) DFC() bool { return !c.FromMaster() && c&countValid != 0 }

// String is the function's name in the standard.
func (c Control) String() string {
	name := ""
	switch c.Plain() {
	case SndNke:
		return "SND_NKE"
	case SndUd:
		name = "SND_UD"
	case ReqSke:
		name = "REQ_SKE"
	case ReqUd1:
		name = "REQ_UD1"
	case ReqUd2:
		name = "REQ_UD2"
	case RspUd:
		return "RSP_UD"
	default:
		return fmt.Sprintf("%02X", byte(c))
	}
	if c.FCV() && c.FCB() {
		return name + " FCB1"
	}
	return name
}

// check refuses what the wired bus has no use for: a frame that is whole by
// accident is thus noticed.
func (c Control) check(k Kind) error {
	if c&reservedBit == 0 {
		switch c.Plain() {
		case SndNke:
			if k == Short && c == SndNke {
				return nil
			}
		case ReqSke, ReqUd1, ReqUd2:
			if k == Short {
				return nil
			}
		case SndUd, RspUd:
			if k == Long {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: control byte %02X is none of such a frame", ErrMalformed, byte(c))
}
