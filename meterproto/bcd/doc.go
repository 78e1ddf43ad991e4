// Package bcd turns packed binary-coded decimals (two digits a byte, high
// nibble first) into integers and back, with the bytes in either order.
//
// It is strict: a nibble above nine is an error that says where, and a number
// that does not fit its field is an error, never a cut number. Whether all
// nines mean "no value" is the protocol's matter; [NoValue] only recognises
// the pattern.
package bcd
