package mbus

import (
	"errors"
	"fmt"
)

// Why records cannot be read. A *RecordError says where.
var (
	// ErrShort: the data end before what was announced.
	ErrShort = errors.New("the data end too early")
	// ErrBadRecord: a record that the standard does not allow.
	ErrBadRecord = errors.New("not a record")
)

// RecordError is a record that cannot be read, and with it all that follow.
type RecordError struct {
	Record int // counted from 0
	Offset int // of the record's first byte, from the first byte of the records
	Err    error
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record %d at byte %d: %v", e.Record, e.Offset, e.Err)
}

// Unwrap is the reason.
func (e *RecordError) Unwrap() error { return e.Err }

// Record is one value of a meter, or with Coding Special what is no value. Its
// slices are parts of the bytes it was decoded from.
type Record struct {
	DIB
	VIB
	Length byte // of Variable data: the length byte as it was sent (LVAR)
	Data   []byte
	Order  Order
}

// MakersOwn reports data of which only the maker knows the meaning (DIF 0F and
// 1F); they reach to the end of the frame.
func (r Record) MakersOwn() bool { return r.special() == difMaker || r.MoreFollow() }

// MoreFollow reports DIF 1F: the next answer brings further records.
func (r Record) MoreFollow() bool { return r.special() == difMore }

// GlobalReadout reports DIF 7F, by which a master asks for every record.
func (r Record) GlobalReadout() bool { return r.special() == difGlobal }

// special is the DIF where it announces no value, else 0.
func (r Record) special() byte {
	if r.Coding != Special {
		return 0
	}
	return byte(Special) | byte(r.Function)<<4 | byte(r.Storage&1)<<6
}

// Records reads records one after the other.
type Records struct {
	b     []byte
	order Order
	at, n int
}

// NewRecords starts on the records in b.
func NewRecords(b []byte, o Order) Records { return Records{b: b, order: o} }

// Next reads the next record into r; fillers are passed over. ok is false at
// the end. The error is a *RecordError; nothing can be read after it.
func (s *Records) Next(r *Record) (ok bool, err error) {
	for s.at < len(s.b) && s.b[s.at] == difFiller {
		s.at++
	}
	if s.at >= len(s.b) {
		return false, nil
	}
	n, err := decodeRecord(r, s.b[s.at:], s.order)
	if err != nil {
		err = &RecordError{Record: s.n, Offset: s.at, Err: err}
		s.at = len(s.b)
		return false, err
	}
	s.at += n
	s.n++
	return true, nil
}

// decodeRecord reads the record at the beginning of b and its length.
func decodeRecord(r *Record, b []byte, o Order) (int, error) {
	*r = Record{Order: o}
	var n int
	var err error
	if r.DIB, n, err = decodeDIB(b); err != nil {
		return 0, err
	}
	if r.Coding == Special {
		return decodeSpecial(r, b, n)
	}
	var size int
	if r.VIB, size, err = decodeVIB(b[n:]); err != nil {
		return 0, err
	}
	n += size
	size = int(sizes[r.Coding])
	if r.Coding == Variable {
		if n >= len(b) {
			return 0, fmt.Errorf("%w: a length byte is missing", ErrShort)
		}
		r.Length = b[n]
		n++
		if size, err = variableSize(r.Length); err != nil {
			return 0, err
		}
	}
	if len(b) < n+size {
		return 0, fmt.Errorf("%w: %d bytes of data are announced, %d are there", ErrShort, size, len(b)-n)
	}
	r.Data = b[n : n+size : n+size]
	return n + size, nil
}

// decodeSpecial reads what follows a DIF that announces no value.
func decodeSpecial(r *Record, b []byte, n int) (int, error) {
	switch {
	case r.Extensions == 0 && r.MakersOwn():
		r.Data = b[n:]
		return len(b), nil
	case r.Extensions == 0 && r.GlobalReadout():
		return n, nil
	}
	return 0, fmt.Errorf("%w: DIF %02X is reserved", ErrBadRecord, b[0])
}

// variableSize is how many bytes a length byte announces (EN 13757-3, table 11).
func variableSize(length byte) (int, error) {
	switch n := int(length); {
	case n <= LongestText:
		return n, nil // text
	case n <= 0xEF:
		return n & 0x0F, nil // C0 BCD, D0 negative BCD, E0 integer
	case n <= 0xF4:
		return 4 * (n - 0xEC), nil
	case n == 0xF5:
		return 48, nil
	case n == 0xF6:
		return 64, nil
	}
	return 0, fmt.Errorf("%w: length byte %02X is reserved", ErrBadRecord, length)
}

// AppendTo appends the record. It fails, and returns dst unchanged, with
// ErrBadRecord where its parts do not fit each other.
func (r Record) AppendTo(dst []byte) ([]byte, error) {
	out, err := r.DIB.appendTo(dst)
	if err != nil {
		return dst, err
	}
	if r.Coding == Special {
		if r.Extensions != 0 || len(out)-len(dst) != 1 || !r.MakersOwn() && (!r.GlobalReadout() || len(r.Data) > 0) {
			return dst, fmt.Errorf("%w: DIF %02X is reserved", ErrBadRecord, r.special())
		}
		return append(out, r.Data...), nil
	}
	if out, err = r.VIB.appendTo(out); err != nil {
		return dst, err
	}
	size := int(sizes[r.Coding])
	if r.Coding == Variable {
		out = append(out, r.Length)
		if size, err = variableSize(r.Length); err != nil {
			return dst, err
		}
	}
	if len(r.Data) != size {
		return dst, fmt.Errorf("%w: %d bytes of data, want %d", ErrBadRecord, len(r.Data), size)
	}
	return append(out, r.Data...), nil
}
