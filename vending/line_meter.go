package vending

import (
	"fmt"
	"slices"
	"strings"
)

// LineMeter says how a meter is asked: over which line, as which model, by which address.
type LineMeter struct {
	Customer int64
	Meter    string // its number in the books
	Model    string // a MeterModel, or one that the gateway has built in
	Line     string // a serial port, or tcp://host:port
	Baud     int
	Parity   string // even, odd or none
	Address  string // on the line; the number's own digits in CJ/T 188
}

// mostBaud is beyond what any meter on a serial line speaks.
const mostBaud = 115_200

// Valid checks what a person can get wrong.
func (m LineMeter) Valid() error {
	if err := validModelName(m.Model); err != nil {
		return err
	}
	switch {
	case m.Line == "" || strings.ContainsAny(m.Line, "\x00\n"):
		return ErrNumberInvalid.With("What", "line", "Value", m.Line, "Want", "line_named")
	case m.Baud < 1 || m.Baud > mostBaud:
		return ErrNumberInvalid.With("What", "baud", "Value", m.Baud, "Want", "baud_range")
	case !slices.Contains([]string{"even", "odd", "none"}, m.Parity):
		return ErrNumberInvalid.With("What", "parity", "Value", m.Parity, "Want", "parity_known")
	case m.Address == "" || len(m.Address) > 32:
		return ErrNumberInvalid.With("What", "meter_address", "Value", m.Address, "Want", "some_text")
	}
	return nil
}

// What is refused about meters on lines.
var (
	ErrNoLine          = &Error{Kind: NotFound, Code: "meter_not_on_line"}
	ErrMeterDeclined   = &Error{Kind: NotAllowed, Code: "meter_declined"}
	ErrNotSent         = &Error{Kind: NotAllowed, Code: "order_not_sent"}
	ErrNoValve         = &Error{Kind: NotAllowed, Code: "meter_no_valve"}
	ErrNotSettable     = &Error{Kind: NotAllowed, Code: "meter_no_setting"}
	ErrNoWireSale      = &Error{Kind: NotAllowed, Code: "meter_no_wire_sale"}
	ErrMeterNotAgreed  = &Error{Kind: Failed, Code: "meter_not_agreed"}
	ErrPricesNotAgreed = &Error{Kind: Failed, Code: "prices_not_agreed"}
	ErrMeterSays       = &Error{Kind: NotAllowed, Code: "meter_disagrees"}
	ErrValveUnproved   = &Error{Kind: Doubtful, Code: "valve_unproved"}
	ErrSettingUnproved = &Error{Kind: Doubtful, Code: "setting_unproved"}
	ErrAddressTaken    = &Error{Kind: NotAllowed, Code: "meter_address_taken"}
	ErrLineOtherwise   = &Error{Kind: NotAllowed, Code: "line_otherwise"}
	ErrLineFull        = &Error{Kind: NotAllowed, Code: "line_full"}
	ErrSeenTwice       = &Error{Kind: Invalid, Code: "meter_seen_twice"}
)

// Holder is the number that the meter holds for its customer, where its protocol has one: twelve digits in DL/T 645.
func (m LineMeter) Holder() string { return fmt.Sprintf("%012d", m.Customer) }
