package cjt188

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Timing is §6: an idle line of 30 ms, an answer that begins within 500 ms and
// 30 characters, three repetitions at most.
func Timing() meterproto.Timing {
	return meterproto.Timing{
		Idle:        30 * time.Millisecond,
		Answer:      500 * time.Millisecond,
		AnswerChars: 30,
		ReplyChars:  maxWakeUps + biggest,
		Retries:     3,
	}
}
