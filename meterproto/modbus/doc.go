// Package modbus is the codec of Modbus: bytes in, values out. It has no clock,
// no I/O and no state beside what a [Sniffer] remembers of its line.
//
// Source: MODBUS Application Protocol Specification V1.1b3 ("§" below is its
// clause) and MODBUS over Serial Line V1.02 ("SL §"), MODBUS Messaging on
// TCP/IP V1.0b for the header.
//
// Vocabulary:
//
//   - unit: the slave's address, 1 to 247; 0 is a broadcast.
//   - message: what the function code and the bytes after it say (the standard's
//     PDU), the same on every line.
//   - frame: a unit and a message, on a serial line (RTU: with a CRC) or on TCP
//     (with a header in front).
//   - register: 16 bits, the high byte first. What registers mean is a [Map].
//
// A message is a request or a reply; nothing on a serial line says which, so a
// caller who knows says it, and a [Sniffer] judges by what went before.
package modbus
