package dlt645

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// What a bit of ERR says (§1). A *RefusedError is each whose bit is set, and
// meterproto.ErrAbnormal.
var (
	ErrOther    = errors.New("other error")
	ErrNoData   = errors.New("no requested data")
	ErrPassword = errors.New("password error / not authorised")
	ErrBaud     = errors.New("baud rate cannot be changed")
	ErrZones    = errors.New("yearly zone count exceeded")
	ErrPeriods  = errors.New("daily period count exceeded")
	ErrTariffs  = errors.New("rate (tariff) count exceeded")
)

// What a bit of SERR says (§5). A *SecurityError is each whose bit is set, and
// meterproto.ErrAbnormal.
var (
	// ErrRepeated: the count is the meter's own, so this purchase has already been
	// credited. Read the count to confirm it; never send it with a new one.
	ErrRepeated    = errors.New("repeat recharge")
	ErrESAM        = errors.New("ESAM verification failed")
	ErrIdentity    = errors.New("identity authentication failed or expired")
	ErrCustomer    = errors.New("customer number mismatch")
	ErrCount       = errors.New("recharge count error")
	ErrOverHoard   = errors.New("over the hoard limit")
	errReserved    = errors.New("reserved")
	errUnexplained = errors.New("no reason given")
)

func errBits() [8]error {
	return [...]error{ErrOther, ErrNoData, ErrPassword, ErrBaud, ErrZones, ErrPeriods, ErrTariffs, errReserved}
}

func serrBits() [16]error {
	bits := [16]error{ErrOther, ErrRepeated, ErrESAM, ErrIdentity, ErrCustomer, ErrCount, ErrOverHoard}
	for i := range bits {
		if bits[i] == nil {
			bits[i] = errReserved
		}
	}
	return bits
}

// reasons are the bits that are set, lowest first.
func reasons(bits []error, code uint16) (set []error) {
	for i, reason := range bits {
		if code>>i&1 != 0 {
			set = append(set, reason)
		}
	}
	return set
}

const (
	errSize  = 1
	serrSize = 2
)

// RefusedError is a meter's ERR byte: it did not do what was asked.
type RefusedError struct{ ERR byte }

// Reasons are the bits that are set, lowest first: ErrOther and so on.
func (e *RefusedError) Reasons() []error {
	bits := errBits()
	return reasons(bits[:], uint16(e.ERR))
}

func (e *RefusedError) Error() string { return refusal(fmt.Sprintf("ERR %02X", e.ERR), e.Reasons()) }

// Unwrap is meterproto.ErrAbnormal and the reasons.
func (e *RefusedError) Unwrap() []error { return append(e.Reasons(), meterproto.ErrAbnormal) }

// Frame is the refusal of c as meter a sends it.
func (e *RefusedError) Frame(a Address, c Control) Frame {
	return Frame{Address: a, Control: c.Refusal(), Data: []byte{e.ERR}}
}

// SecurityError is a meter's SERR word, the refusal of a security command.
type SecurityError struct{ SERR uint16 }

// Reasons are the bits that are set, lowest first: ErrRepeated and so on.
func (e *SecurityError) Reasons() []error {
	bits := serrBits()
	return reasons(bits[:], e.SERR)
}

func (e *SecurityError) Error() string { return refusal(fmt.Sprintf("SERR %04X", e.SERR), e.Reasons()) }

// Unwrap is meterproto.ErrAbnormal and the reasons.
func (e *SecurityError) Unwrap() []error { return append(e.Reasons(), meterproto.ErrAbnormal) }

// Frame is the refusal of a security command as meter a sends it, low byte first.
func (e *SecurityError) Frame(a Address) Frame {
	return Frame{Address: a, Control: Security.Refusal(), Data: []byte{byte(e.SERR), byte(e.SERR >> 8)}}
}

func refusal(code string, set []error) string {
	if len(set) == 0 {
		set = []error{errUnexplained}
	}
	text := meterproto.ErrAbnormal.Error() + ": " + code
	for _, reason := range set {
		text += ", " + reason.Error()
	}
	return text
}

// Refused is the refusal in a frame, nil where it is none: a *SecurityError for
// two bytes after function 03, a *RefusedError for one byte, ErrMalformed for
// anything else. Some prepaid meters send one byte after function 03 too, with
// codes of their own: then the bits mean nothing sure, least of all that a
// purchase was credited.
func Refused(f Frame) error {
	switch n := len(f.Data); {
	case !f.Control.FromMeter() || !f.Control.Abnormal():
		return nil
	case f.Control.Function() == Security && n == serrSize:
		return &SecurityError{SERR: uint16(f.Data[0]) | uint16(f.Data[1])<<8}
	case n == errSize:
		return &RefusedError{ERR: f.Data[0]}
	}
	return malformed(f, "refusal")
}
