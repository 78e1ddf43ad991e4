package mbus

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Why a frame is no answer that can be read.
var (
	// ErrDirection: a meter's answer with a master's control byte, or the other
	// way round.
	ErrDirection = errors.New("frame of the wrong direction")
	// ErrUnsupported: a CI field whose layout is not known here. The data stay raw.
	ErrUnsupported = errors.New("layout not known")
)

// Response is an answer in the variable data structure (CI 72, 76, 78, 7A). Body
// holds the records.
type Response struct {
	CI     CI
	Header Header
	Body   []byte
}

// DecodeResponse reads the header of an answer. Errors: ErrDirection,
// ErrUnsupported, ErrShort, *ApplicationError.
func DecodeResponse(f Frame) (Response, error) {
	if err := fromMeter(f); err != nil {
		return Response{}, err
	}
	switch f.CI {
	case VariableLow, VariableHigh, VariableBare, VariableShort:
	case AppError:
		return Response{}, decodeAppError(f.Data)
	default:
		return Response{}, fmt.Errorf("%w: CI %v", ErrUnsupported, f.CI)
	}
	h, body, err := decodeHeader(f.CI, f.Data)
	return Response{CI: f.CI, Header: h, Body: body}, err
}

// fromMeter refuses what is no answer with data.
func fromMeter(f Frame) error {
	if f.Kind != Long || f.Control.Plain() != RspUd {
		return fmt.Errorf("%w: %v with CI %v is no answer", ErrDirection, f.Control, f.CI)
	}
	return nil
}

// Identified reports a header that names the meter.
func (r Response) Identified() bool { return headerSize(r.CI) == longHeaderSize }

// MoreFollow reports that the next answer brings further records.
func (r Response) MoreFollow() bool {
	records := r.Records()
	var rec Record
	for {
		if ok, err := records.Next(&rec); err != nil || !ok {
			return false
		}
		if rec.MoreFollow() {
			return true
		}
	}
}

// Frame is the answer as the meter at a primary address sends it.
func (r Response) Frame(address byte) Frame {
	data := r.Header.appendTo(nil, r.CI)
	return Frame{Kind: Long, Control: RspUd, Address: address, CI: r.CI, Data: append(data, r.Body...)}
}

// Encrypted is the mode by which the records are encrypted; ok is false where
// they are not, or are no longer: what was decrypted begins with two fillers.
func (r Response) Encrypted() (mode byte, ok bool) {
	mode = r.Header.mode()
	plain := len(r.Body) >= 2 && r.Body[0] == difFiller && r.Body[1] == difFiller
	return mode, encrypts(mode) && len(r.Body) > 0 && !plain
}

// Records reads the records one after the other.
func (r Response) Records() Records { return NewRecords(r.Body, r.CI.order()) }

// AppendRegisters appends what the records say. Encrypted records stay one
// Unread register. On an error, a *RecordError, dst is returned unchanged: what
// stands before a record that cannot be read may be no less wrong.
func (r Response) AppendRegisters(dst []meterproto.Register) ([]meterproto.Register, error) {
	if _, ok := r.Encrypted(); ok {
		return append(dst, meterproto.Register{Raw: r.Body}), nil
	}
	out, records := dst, r.Records()
	var rec Record
	for {
		ok, err := records.Next(&rec)
		if err != nil {
			return dst, err
		}
		if !ok {
			return out, nil
		}
		out = append(out, rec.Register())
	}
}
