// Package gateway asks meters: a meter's address goes in, a reading comes out; and
// it runs the lines that meters hang on.
//
// A driver ([Driver], [CJT188], [DLT645], [MBus], [Modbus], [IEC62056], [IEC62056Push]) joins a codec,
// which knows bytes, with a line, which knows time: numbers the requests, tries
// again, and refuses every answer that is not from the meter that was asked, to the
// request that was sent, in a layout that is known, with every field in order. What
// is refused becomes an error of meterproto, never a number.
//
// A [Bus] is one link and its meters: it reads them by a [Calendar], does what
// somebody waits for first, sets aside what fails, and hands what it heard to a
// [Sink]. [Scan] looks who is there. DESIGN.md says why.
package gateway
