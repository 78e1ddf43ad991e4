package dlt645

// Edition is the edition of DL/T 645 that a frame is of.
type Edition uint8

// The editions. Unknown is a frame that both have, or neither.
const (
	Unknown Edition = iota
	Of1997
	Of2007
)

// String is the year, "" where it is unknown.
func (e Edition) String() string {
	switch e {
	case Of1997:
		return "1997"
	case Of2007:
		return "2007"
	}
	return ""
}

// securityFamily is the first byte of every security DI (§5).
const securityFamily = 0x07

// Edition tells the frame's edition from its function and, where both editions
// have that, from its data: a frame carries no version. A refusal of function 03
// with one byte stays unknown: 1997 meters refuse a repetition so, and some
// prepaid ones a security command.
func (f Frame) Edition() Edition {
	switch c := f.Control.Function(); c {
	case ReadData97, ReadMore97, WriteData97, WriteAddress97, SetBaud97, SetPassword97, ClearDemand97:
		return Of1997
	case Security:
		return f.securityEdition()
	default:
		if c >= ReadData && c <= SetOutput {
			return Of2007
		}
		return Unknown
	}
}

func (f Frame) securityEdition() Edition {
	n := len(f.Data)
	switch {
	case f.Control.Abnormal() && n == serrSize, n >= diSize && f.Data[diSize-1] == securityFamily:
		return Of2007
	case f.Control.Abnormal():
		return Unknown
	case f.Control.FromMeter() && n == 0:
		return Of2007 // done, with nothing to say
	}
	return Of1997
}
