package modbus

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// ExceptionCode is why a slave refuses (§7). Codes that the standard does not
// have are the vendor's; 0 is none.
type ExceptionCode byte

// The codes of the standard.
const (
	IllegalFunction    ExceptionCode = 0x01
	IllegalDataAddress ExceptionCode = 0x02
	IllegalDataValue   ExceptionCode = 0x03
	ServerFailure      ExceptionCode = 0x04
	Acknowledge        ExceptionCode = 0x05
	ServerBusy         ExceptionCode = 0x06
	MemoryParity       ExceptionCode = 0x08
	GatewayPath        ExceptionCode = 0x0A
	GatewayTarget      ExceptionCode = 0x0B
)

// String is the code's name in the standard.
func (c ExceptionCode) String() string {
	switch c {
	case IllegalFunction:
		return "illegal function"
	case IllegalDataAddress:
		return "illegal data address"
	case IllegalDataValue:
		return "illegal data value"
	case ServerFailure:
		return "server device failure"
	case Acknowledge:
		return "acknowledge"
	case ServerBusy:
		return "server device busy"
	case MemoryParity:
		return "memory parity error"
	case GatewayPath:
		return "gateway path unavailable"
	case GatewayTarget:
		return "gateway target device failed to respond"
	}
	return fmt.Sprintf("exception %d", byte(c))
}

// RefusalError is an exception as an error. errors.Is knows it as
// meterproto.ErrAbnormal.
type RefusalError struct {
	Function Function
	Code     ExceptionCode
}

func (e *RefusalError) Error() string {
	return fmt.Sprintf("%v: %v: %v", meterproto.ErrAbnormal, e.Function, e.Code)
}

// Unwrap is the sentinel callers branch on.
func (e *RefusalError) Unwrap() error { return meterproto.ErrAbnormal }
