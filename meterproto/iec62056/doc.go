// Package iec62056 is the codec of IEC 62056-21, the text protocol of optical
// heads, current loops and the P1 port: bytes in, values out. It has no clock,
// no I/O and no state.
//
// Source: IEC 62056-21:2002 (earlier IEC 1107; "§" below is its clause), the
// DSMR P1 companion 5.0.2 for telegrams with a CRC, IEC 62056-61 and EN 13757-1
// for OBIS codes. The standards were not at hand: clauses are cited as they are
// known from makers' manuals and public decoders.
//
// Vocabulary:
//
//   - sign-on: /?address! CR LF, what a master begins with (modes A, B, C).
//   - identification: /XXXZ… CR LF, how the meter answers, or begins by itself
//     (mode D, P1 push).
//   - readout: the meter's data sets up to "!"; after an identification it is
//     one telegram with it.
//   - command: R1, W1, P1, B0 … of the programming mode (mode C).
//   - data set: address(value*unit)(value*unit)…; a [Field] is one pair of
//     brackets of it.
//   - seal: what proves the message: a block check (BCC), a CRC, or nothing.
//
// [Next] finds messages in a stream, [Decode] reads one. [AppendRegisters] turns
// a readout's fields into registers, by unit and OBIS code.
package iec62056
