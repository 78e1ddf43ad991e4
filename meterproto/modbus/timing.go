package modbus

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Timing is how long a serial line takes (SL §2.5.1.1): 3.5 characters of 11
// bits between frames, at least 1.75 ms, as above 19200 baud. The standard leaves
// the answer's begin to the device; a second is what makers promise.
func Timing(baud int) meterproto.Timing {
	const (
		fastest    = 1750 * time.Microsecond
		characters = 35 // tenths of one
		bits       = 11
	)
	idle := fastest
	if baud > 0 {
		idle = max(fastest, characters*bits*time.Second/10/time.Duration(baud))
	}
	return meterproto.Timing{Idle: idle, Answer: time.Second, ReplyChars: maxRTU, Retries: 3}
}
