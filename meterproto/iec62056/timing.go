package iec62056

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Timing is the meter's reaction time of up to 1500 ms (§6.4.3, t_r), and the
// same between two characters of a message (t_a). A telegram has no greatest
// length; this one is of a P1 telegram with four sub-devices.
func Timing() meterproto.Timing {
	return meterproto.Timing{Idle: 200 * time.Millisecond, Answer: 1500 * time.Millisecond, ReplyChars: 4096, Retries: 3}
}
