// Package meterproto holds what every meter protocol shares: the reading that
// an exchange ends in, the errors a caller branches on, and how long a protocol
// lets a meter think.
//
// Vocabulary:
//
//   - meter: the slave that answers; it is named by its address.
//   - line: the wire a meter hangs on, with its master (us).
//   - exchange: one request and the one answer to it.
//   - frame: the bytes of one message, from start byte to stop byte. Frames
//     never leave meterproto: callers get a [Reading].
//   - register: the cumulative flow a meter shows.
//   - purchase count, purchase, remaining: what a prepaid meter says of the
//     credit it has taken.
//
// The rooms below it: bcd (digits), the codecs (cjt188 and others: bytes in,
// values out, no clock and no I/O), facts (what bytes hold, said to people), link
// (serial lines), gateway (exchanges: a meter's address in, a reading out).
package meterproto
