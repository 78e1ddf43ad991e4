package dlt645

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Timing is §7: an answer that begins within 500 ms, and whose bytes are no more
// than 500 ms apart; the longest answer a frame allows. The standard leaves the
// idle line and the repetitions open: they are those of CJ/T 188.
func Timing() meterproto.Timing {
	return meterproto.Timing{
		Idle:       30 * time.Millisecond,
		Answer:     500 * time.Millisecond,
		ReplyChars: maxWakeUps + biggest,
		Retries:    3,
	}
}
