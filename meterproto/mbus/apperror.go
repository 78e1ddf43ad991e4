package mbus

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// ApplicationError is a meter's answer that it cannot do what was asked (CI 70).
type ApplicationError struct {
	Code byte // EN 13757-3, table 22; 0 where the meter sends none
}

// appErrors are the codes from 0 on.
var appErrors = [...]string{
	"unspecified error", "CI field not implemented", "buffer too long, truncated", "too many records",
	"premature end of record", "more than 10 DIFEs", "more than 10 VIFEs", "reserved",
	"too busy for a readout", "too many readouts",
}

// Words is what the code means.
func (e *ApplicationError) Words() string {
	if int(e.Code) < len(appErrors) {
		return appErrors[e.Code]
	}
	return "the maker's own error"
}

func (e *ApplicationError) Error() string {
	return fmt.Sprintf("%v: application error %d (%s)", meterproto.ErrAbnormal, e.Code, e.Words())
}

// Unwrap is the sentinel callers branch on.
func (e *ApplicationError) Unwrap() error { return meterproto.ErrAbnormal }

// Frame is the error as the meter at a primary address sends it.
func (e *ApplicationError) Frame(address byte) Frame {
	return Frame{Kind: Long, Control: RspUd, Address: address, CI: AppError, Data: []byte{e.Code}}
}

// decodeAppError is the error in the data of CI 70, or what is wrong with them.
func decodeAppError(data []byte) error {
	switch len(data) {
	case 0:
		return &ApplicationError{}
	case 1:
		return &ApplicationError{Code: data[0]}
	}
	return fmt.Errorf("%w: an application error has one byte, not %d", ErrBadRecord, len(data))
}
