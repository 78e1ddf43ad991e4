package mbus

import "fmt"

// Initialise is SND_NKE: the meter forgets the frame count, and one that was
// selected is so no more. It answers with an Ack.
func Initialise(address byte) Frame {
	return Frame{Kind: Short, Control: SndNke, Address: address}
}

// RequestData is REQ_UD2: the meter answers with a Response or Fixed, and with
// an Ack where it has none. fcb is turned after every good answer.
func RequestData(address byte, fcb bool) Frame {
	return Frame{Kind: Short, Control: ReqUd2.Counted(fcb), Address: address}
}

// RequestAlarm is REQ_UD1: the same for alarms.
func RequestAlarm(address byte, fcb bool) Frame {
	return Frame{Kind: Short, Control: ReqUd1.Counted(fcb), Address: address}
}

// Send is SND_UD: data to the meter, which answers with an Ack. fcb is turned
// after every Ack.
func Send(address byte, fcb bool, c CI, data []byte) Frame {
	return Frame{Kind: Long, Control: SndUd.Counted(fcb), Address: address, CI: c, Data: data}
}

// Select makes the meters that match the mask, and no others, listen to the
// primary address Selected. Each of them answers with an Ack.
func Select(mask Secondary) Frame {
	return Send(Selected, false, SelectLow, mask.AppendTo(nil, LowFirst))
}

// DecodeSelect reads a selection: the mask, and records that narrow it further
// ("enhanced selection"). Errors: ErrDirection, ErrUnsupported, ErrShort.
func DecodeSelect(f Frame) (mask Secondary, records []byte, err error) {
	if f.Kind != Long || f.Control.Plain() != SndUd {
		return Secondary{}, nil, fmt.Errorf("%w: %v is no request", ErrDirection, f.Control)
	}
	if f.CI != SelectLow && f.CI != SelectHigh {
		return Secondary{}, nil, fmt.Errorf("%w: CI %v", ErrUnsupported, f.CI)
	}
	if len(f.Data) < secondarySize {
		return Secondary{}, nil, fmt.Errorf("%w: a selection of %d bytes, want %d", ErrShort, len(f.Data), secondarySize)
	}
	return decodeSecondary(f.Data, f.CI.order()), f.Data[secondarySize:], nil
}

// ResetApplication makes the meter answer the next request from the beginning.
// The subcode chooses what it answers with; its high nibble is the kind.
func ResetApplication(address byte, fcb bool, subcode byte) Frame {
	return Send(address, fcb, AppReset, []byte{subcode})
}

// SetPrimary gives the meter a new primary address, 0 to MaxPrimary.
func SetPrimary(address byte, fcb bool, primary byte) (Frame, error) {
	if primary > MaxPrimary {
		return Frame{}, fmt.Errorf("primary address %d: want 0 to %d", primary, MaxPrimary)
	}
	return Send(address, fcb, SendLow, []byte{byte(Int8), 0x7A, primary}), nil
}

// SetID gives the meter a new number, eight digits as nibbles.
func SetID(address byte, fcb bool, id uint32) (Frame, error) {
	if _, ok := nibbles(uint64(id)); !ok {
		return Frame{}, fmt.Errorf("meter number %08X: want eight decimal digits", id)
	}
	return Send(address, fcb, SendLow, appendUint([]byte{byte(BCD8), 0x79}, uint64(id), 4, LowFirst)), nil
}

// SetBaud makes the meter speak at another rate once it has sent its Ack.
func SetBaud(address byte, fcb bool, baud int) (Frame, error) {
	c, err := BaudCI(baud)
	if err != nil {
		return Frame{}, err
	}
	return Send(address, fcb, c, nil), nil
}
