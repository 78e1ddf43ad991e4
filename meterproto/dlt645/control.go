package dlt645

import "fmt"

// Control is the byte C (§1): bit 7 is set in what a meter sends, bit 6 in a
// refusal, bit 5 where more frames follow, the rest is the function.
type Control byte

// The functions of both editions, by the edition that has them.
const (
	Security     Control = 0x03 // 2007: authentication, recharge; 1997: repeat the last answer
	SetTime      Control = 0x08 // both
	ReadData     Control = 0x11
	ReadMore     Control = 0x12
	ReadAddress  Control = 0x13
	WriteData    Control = 0x14
	WriteAddress Control = 0x15
	FreezeData   Control = 0x16
	SetBaud      Control = 0x17
	SetPassword  Control = 0x18
	ClearDemand  Control = 0x19
	ClearMeter   Control = 0x1A
	ClearEvents  Control = 0x1B
	SwitchRelay  Control = 0x1C
	SetOutput    Control = 0x1D

	ReadData97     Control = 0x01
	ReadMore97     Control = 0x02
	WriteData97    Control = 0x04
	WriteAddress97 Control = 0x0A
	SetBaud97      Control = 0x0C
	SetPassword97  Control = 0x0F
	ClearDemand97  Control = 0x10

	fromMeter   Control = 0x80
	abnormal    Control = 0x40
	moreFollows Control = 0x20
)

// FromMeter reports whether a meter sent the frame, not a master.
func (c Control) FromMeter() bool { return c&fromMeter != 0 }

// Abnormal reports whether the meter refuses.
func (c Control) Abnormal() bool { return c&abnormal != 0 }

// MoreFollows reports whether the meter has more to say, which must be asked for.
func (c Control) MoreFollows() bool { return c&moreFollows != 0 }

// Function is C without its three flags.
func (c Control) Function() Control { return c &^ (fromMeter | abnormal | moreFollows) }

// Reply is the control byte with which a meter answers c.
func (c Control) Reply() Control { return c | fromMeter }

// Refusal is the control byte with which a meter refuses c.
func (c Control) Refusal() Control { return c | fromMeter | abnormal }

// String is the byte in hexadecimal.
func (c Control) String() string { return fmt.Sprintf("%02X", byte(c)) }

// Meaning is what the function does, "" where neither edition has it.
func (c Control) Meaning() string {
	switch f := c.Function(); {
	case f < ReadData:
		return [ReadData]string{
			"", "read data (1997)", "read follow-up data (1997)", "security authentication", "write data (1997)", "", "", "",
			"broadcast time set", "", "write address (1997)", "", "change baud rate (1997)", "", "", "change password (1997)",
			"clear demand (1997)",
		}[f]
	case f <= SetOutput:
		return [...]string{
			"read data", "read follow-up data", "read address", "write data", "write address", "freeze", "change baud rate",
			"change password", "clear demand", "clear meter", "clear events", "relay/alarm/keep-supply control", "set output",
		}[f-ReadData]
	}
	return ""
}
