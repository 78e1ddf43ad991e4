package cjt188

import "github.com/vendgate/vendgate/meterproto"

// Item is one value of a message as it was read: what it is, what the meter
// sent, and that in the units of meterproto.
type Item struct {
	Field    *Field
	Digits   meterproto.Decimal // as sent, in Unit
	Numeric  bool               // Digits hold what was sent: also of "no value", where it is 99…9 or 00…0
	Unit     Unit
	HasUnit  bool // the field has a unit byte
	Register meterproto.Register
	Err      error // why it has no value: *FieldError
}
