package dlt645

import "time"

const timeLayout = "smhDMY"

// TimeFrame sets the clock of every meter that hears it to t, cut to the second
// (C = 08, both editions). Nobody answers, and a meter takes it once a day and
// only where it is less than five minutes off. It fails with ErrDate outside the
// century of the wire.
func TimeFrame(t time.Time) (Frame, error) {
	data, err := appendClock(nil, t, timeLayout)
	return Frame{Address: Everyone(), Control: SetTime, Data: data}, err
}

// DecodeTime reads a frame that TimeFrame made, as a time in UTC. Errors:
// ErrMalformed where the frame is anything else, ErrDate, *bcd.DigitError.
func DecodeTime(f Frame) (time.Time, error) {
	if f.Control != SetTime || len(f.Data) != len(timeLayout) {
		return time.Time{}, malformed(f, "time")
	}
	return decodeClock(f.Data, timeLayout)
}
