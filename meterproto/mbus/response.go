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
// holds the records, encrypted ones first.
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

// MoreFollow reports that the next answer brings further records. What is
// encrypted does not tell.
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

// Encrypted is the mode by which the records are encrypted, and the part of the
// body that is; ok is false where none are, or are no longer: what was decrypted
// begins with two fillers.
func (r Response) Encrypted() (mode byte, part []byte, ok bool) {
	n := r.sealed()
	return r.Header.mode(), r.Body[:n], n > 0
}

// sealed is how much of the body is encrypted. What the header leaves in plain is
// that only if it can be read: some makers count no blocks, and encrypt them all.
func (r Response) sealed() int {
	if !encrypts(r.Header.mode()) || len(r.Body) >= 2 && r.Body[0] == difFiller && r.Body[1] == difFiller {
		return 0
	}
	n := r.Header.sealed(len(r.Body))
	if !readable(NewRecords(r.Body[n:], r.CI.order())) {
		return len(r.Body)
	}
	return n
}

func readable(records Records) bool {
	var rec Record
	for {
		if ok, err := records.Next(&rec); err != nil || !ok {
			return err == nil
		}
	}
}

// Records reads the records that stand in plain one after the other.
func (r Response) Records() Records { return NewRecords(r.Body[r.sealed():], r.CI.order()) }

// AppendRegisters appends what the records say. Encrypted records are one
// Unread register before those in plain. On an error, a *RecordError, dst is
// returned unchanged: what stands before a record that cannot be read may be no less wrong.
func (r Response) AppendRegisters(dst []meterproto.Register) ([]meterproto.Register, error) {
	out, records := dst, r.Records()
	if _, part, ok := r.Encrypted(); ok {
		out = append(out, meterproto.Register{Raw: part})
	}
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
