package dlt645

import "github.com/vendgate/vendgate/meterproto/bcd"

// Every stands for each month, day or hour in a Freeze.
const Every = 99

// Freeze makes meters keep their registers as they are at a moment (C = 16): every
// hour, day or month where the larger parts are Every, at once where all are. It
// is answered, as [Done] reads it, unless it is sent to Everyone.
type Freeze struct{ Month, Day, Hour, Minute uint8 }

// Frame is the request to meter a. It fails with ErrDate where a part is neither
// Every nor one of its kind.
func (z Freeze) Frame(a Address) (Frame, error) {
	f := Frame{Address: a, Control: FreezeData}
	if !z.valid() {
		return Frame{}, ErrDate
	}
	for _, v := range [...]uint8{z.Minute, z.Hour, z.Day, z.Month} {
		f.Data = append(f.Data, v/10<<4|v%10)
	}
	return f, nil
}

// DecodeFreeze reads a request that Freeze.Frame made. Errors: ErrMalformed where
// the frame is anything else, ErrDate, *bcd.DigitError.
func DecodeFreeze(f Frame) (Freeze, error) {
	if f.Control != FreezeData || len(f.Data) != 4 {
		return Freeze{}, malformed(f, "freeze")
	}
	var v [4]uint8
	for i, x := range f.Data {
		if x>>4 > 9 || x&0x0F > 9 {
			return Freeze{}, &bcd.DigitError{Offset: i, Byte: x}
		}
		v[i] = x>>4*10 + x&0x0F
	}
	z := Freeze{Minute: v[0], Hour: v[1], Day: v[2], Month: v[3]}
	if !z.valid() {
		return Freeze{}, ErrDate
	}
	return z, nil
}

func (z Freeze) valid() bool {
	return within(z.Month, 1, 12) && within(z.Day, 1, 31) && within(z.Hour, 0, 23) && within(z.Minute, 0, 59)
}

func within(v, low, high uint8) bool { return v == Every || v >= low && v <= high }
