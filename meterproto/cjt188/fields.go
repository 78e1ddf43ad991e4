package cjt188

import (
	"errors"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
)

// FieldError is a field of an answer that cannot be read.
type FieldError struct {
	Field  string // in the words of this package
	Offset int    // of the field's first byte, counted from the first byte of DATA
	Err    error  // *bcd.DigitError (its offset counts from the field), *UnitError or ErrDate
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s at DATA+%d: %v", e.Field, e.Offset, e.Err)
}

// Unwrap is the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// fields reads the values of an answer one after the other and remembers every
// one that could not be read. The caller has checked the length.
type fields struct {
	values []byte
	at     int
	errs   []error
}

// newFields starts on values, which must have the size of their layout.
func newFields(values []byte, size int) (*fields, error) {
	if len(values) != size {
		return nil, fmt.Errorf("%w: L is %02XH, want %02XH", meterproto.ErrLayout, querySize+len(values), querySize+size)
	}
	return &fields{values: values}, nil
}

func (f *fields) take(n int) []byte {
	b := f.values[f.at : f.at+n]
	f.at += n
	return b
}

// wrong remembers that the field whose size bytes were just taken is no good.
func (f *fields) wrong(field string, size int, err error) {
	f.errs = append(f.errs, &FieldError{Field: field, Offset: querySize + f.at - size, Err: err})
}

func (f *fields) byte() byte     { return f.take(1)[0] }
func (f *fields) status() Status { return Status(f.take(len(Status{}))) }

func (f *fields) digits(field string) Digits {
	b := f.take(digitsSize)
	if bcd.NoValue(b) {
		return Digits{}
	}
	v, err := bcd.Little(b)
	if err != nil {
		f.wrong(field, digitsSize, err)
		return Digits{}
	}
	return Digits{Hundredths: uint32(v), Valid: true}
}

func (f *fields) quantity(field string) Quantity {
	q := Quantity{Digits: f.digits(field), Unit: Unit(f.byte())}
	if _, err := q.Volume(); err != nil {
		f.wrong(field, quantitySize, err)
		return Quantity{}
	}
	return q
}

func (f *fields) time(field string) time.Time {
	t, err := decodeTime(f.take(timeSize))
	if err != nil {
		f.wrong(field, timeSize, err)
	}
	return t
}

// err is everything that was wrong, nil where nothing was.
func (f *fields) err() error { return errors.Join(f.errs...) }
