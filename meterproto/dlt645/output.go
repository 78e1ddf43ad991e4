package dlt645

// Output is what a meter's test terminal gives out (C = 1D).
type Output byte

// The signals.
const (
	ClockSecond Output = iota
	DemandPeriod
	TariffSwitch
)

// Frame asks meter a for the signal; its answer repeats the byte.
func (o Output) Frame(a Address) Frame {
	return Frame{Address: a, Control: SetOutput, Data: []byte{byte(o)}}
}

// ReplyFrame is the answer of meter a.
func (o Output) ReplyFrame(a Address) Frame {
	return Frame{Address: a, Control: SetOutput.Reply(), Data: []byte{byte(o)}}
}

// DecodeOutput reads a request that Output.Frame made, or the answer to it.
// Errors: those of [Refused], ErrMalformed where the frame is anything else.
func DecodeOutput(f Frame) (Output, error) {
	if err := Refused(f); err != nil {
		return 0, err
	}
	if f.Control != SetOutput && f.Control != SetOutput.Reply() || len(f.Data) != 1 {
		return 0, malformed(f, "output")
	}
	return Output(f.Data[0]), nil
}
