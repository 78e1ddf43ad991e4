// Package gateway asks meters: a meter's address goes in, a reading comes out.
//
// It joins a codec, which knows bytes, with a line, which knows time: numbers
// the requests, tries again, and refuses every answer that is not from the meter
// that was asked, to the request that was sent, in a layout that is known, with
// every field in order. What is refused becomes an error of meterproto, never a
// number.
package gateway
