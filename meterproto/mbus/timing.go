package mbus

import (
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Timing is EN 13757-2, 5.2 and 5.7: a quiet line of 33 bits, an answer that
// begins within 330 bits and 50 ms, two repetitions at most.
func Timing(baud int) meterproto.Timing {
	return meterproto.Timing{
		Idle:        33 * time.Second / time.Duration(baud),
		Answer:      50 * time.Millisecond,
		AnswerChars: 30, // of 11 bits each
		ReplyChars:  MaxFrame,
		Retries:     2,
	}
}
