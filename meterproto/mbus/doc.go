// Package mbus is the codec of the wired M-Bus, the meter bus of EN 13757-2
// (frames) and EN 13757-3 (what is in them): bytes in, values out. It has no
// clock, no I/O and no state.
//
// Clause and table numbers are those of EN 13757-3:2013; where the edition of
// 2004 differs it is said.
//
// Vocabulary:
//
//   - frame: E5 alone, 10 C A CS 16, or 68 L L 68 C A CI … CS 16.
//   - C: control byte: direction, function, and the bits FCB and FCV by which
//     a meter knows a repeated request from a new one.
//   - A: primary address. 253 speaks to the meter that was selected, 254 to
//     every meter, which answers, 255 to every meter, which does not.
//   - CI: says what the rest of the frame is.
//   - secondary address: number, maker, version and medium; F stands for any.
//   - record: DIB, VIB and data. The DIB says how the data are coded and which
//     value it is (now or stored, tariff, part of the meter), the VIB says of
//     what: one VIF, and VIFEs that change its meaning.
//
// A request is made by [RequestData] and its neighbours; an answer is a
// [Response] that is read record by record, or a [Fixed] of older meters. A
// frame and its records keep parts of the bytes they were decoded from, so that
// decoding allocates nothing: copy what is to be kept.
//
//	f, skipped, rest, err := mbus.Next(stream)
//	r, err := mbus.DecodeResponse(f)
//	registers, err = r.AppendRegisters(registers)
package mbus
