package meterproto

import "time"

// Timing is how long a protocol lets each side take, as its standard states it:
// fixed spans, and spans counted in characters, which only a line that knows
// its baud rate can turn into time.
type Timing struct {
	Idle        time.Duration // the line is quiet this long before a request
	Answer      time.Duration // the answer begins within this …
	AnswerChars int           // … and this many characters after the request's last byte
	ReplyChars  int           // the longest answer, preamble included
	Retries     int           // repetitions after a first try that failed
	Baud        int           // the line changes to this rate behind the request's last byte; 0: it stays
}

// Begin is the time within which an answer must have begun, for characters
// that last char each.
func (t Timing) Begin(char time.Duration) time.Duration {
	return t.Answer + time.Duration(t.AnswerChars)*char
}

// Whole is the time within which an answer must have ended.
func (t Timing) Whole(char time.Duration) time.Duration {
	return t.Begin(char) + time.Duration(t.ReplyChars)*char
}
