package iec62056

import "bytes"

// Field is one pair of brackets of a data set. Fields of one set follow each
// other; the first has Nth 0. A set on a line of its own without an address
// continues the one before it, as makers mean it: its Address is empty.
type Field struct {
	Address []byte
	Text    []byte // what is between the brackets
	Nth     int
}

// Value is the text up to the first "*".
func (f Field) Value() []byte {
	value, _, _ := bytes.Cut(f.Text, []byte("*"))
	return value
}

// Unit is the text behind the first "*"; ok is false where there is none.
func (f Field) Unit() (unit []byte, ok bool) {
	_, unit, ok = bytes.Cut(f.Text, []byte("*"))
	return unit, ok
}

// The longest parts that are taken. The standard has 32 characters of value and
// 16 of unit (§6.5, table of data sets); P1 sends texts of 1024 in hexadecimal.
// What nothing proves, neither a seal nor an identification, is held to the
// standard.
const (
	maxAddress  = 32
	maxText     = 2*1024 + 32
	standardMax = 32 + 1 + 16
	standardVal = 32
)

// wrong says why the field is none, "" where it is one.
func (f Field) wrong() string {
	switch {
	case len(f.Address) > maxAddress:
		return "the address is too long"
	case len(f.Text) > maxText:
		return "the value is too long"
	}
	for _, x := range f.Address {
		if !addressing(x) {
			return "no such character in an address"
		}
	}
	for _, x := range f.Text {
		if !valuing(x) {
			return "no such character in a value"
		}
	}
	return ""
}

// long tells whether the field exceeds the standard.
func (f Field) long() bool { return len(f.Value()) > standardVal || len(f.Text) > standardMax }

// addressing and valuing tell the characters of an address and of a value. The
// standard excludes "/" from values, but units have it (m3/h).
func addressing(x byte) bool { return x > 0x20 && x <= 0x7E && !bracket(x) && x != '/' }
func valuing(x byte) bool    { return printable(x) && !bracket(x) }
func bracket(x byte) bool    { return x == '(' || x == ')' || x == '!' }

// scan reads the data sets at the beginning of b, appends their fields to room
// and stops in front of what ends a block. at is where it stopped.
func scan(b []byte, room []Field) (fields []Field, at int, f fault) {
	fields = room
	for {
		at = skipBreaks(b, at)
		if at == len(b) {
			return fields, at, fault{kind: cut, at: at, reason: "want the block's end"}
		}
		switch b[at] {
		case '!', etx, eot:
			return fields, at, fault{}
		}
		if fields, at, f = scanSet(b, at, fields); f.kind != none {
			return fields, at, f
		}
	}
}

// scanSet reads one data set: an address, which may be empty, and its brackets.
func scanSet(b []byte, at int, fields []Field) ([]Field, int, fault) {
	from := at
	for at < len(b) && addressing(b[at]) && at-from <= maxAddress {
		at++
	}
	if at-from > maxAddress {
		return fields, at, fault{kind: form, at: at, reason: "the address is too long"}
	}
	address := b[from:at]
	for nth := 0; ; nth++ {
		switch {
		case at == len(b) && nth == 0:
			return fields, at, fault{kind: cut, at: at, reason: "want the brackets of a data set"}
		case at < len(b) && b[at] == '(':
		case nth > 0:
			return fields, at, fault{}
		default:
			return fields, at, fault{kind: form, at: at, reason: "want the brackets of a data set"}
		}
		text, end, f := scanText(b, at+1)
		if f.kind != none {
			return fields, end, f
		}
		fields, at = append(fields, Field{address, text, nth}), end
	}
}

// scanText reads up to the closing bracket; end is behind it.
func scanText(b []byte, from int) (text []byte, end int, f fault) {
	at := from
	for at < len(b) && valuing(b[at]) && at-from <= maxText {
		at++
	}
	switch {
	case at-from > maxText:
		return nil, at, fault{kind: form, at: at, reason: "the value is too long"}
	case at == len(b):
		return nil, at, fault{kind: cut, at: at, reason: "want a closing bracket"}
	case b[at] != ')':
		return nil, at, fault{kind: form, at: at, reason: "no such character in a value"}
	}
	return b[from:at], at + 1, fault{}
}

// skipBreaks is where the line breaks at at end. CR LF is the standard's;
// captures that went through a text file have only one of them.
func skipBreaks(b []byte, at int) int {
	for at < len(b) && (b[at] == '\r' || b[at] == '\n') {
		at++
	}
	return at
}
