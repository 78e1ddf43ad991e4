// Package link puts a request on a line and listens for the answer. It knows
// time, bytes and serial ports, and no protocol: what an answer is, the caller
// says with a function.
//
// Vocabulary:
//
//   - line: a master's end of a bus with its meters; one exchange at a time.
//   - wire: the device under it: a serial port ([Open]), a connection to a serial
//     server ([Dial]), a DTU that dials in ([Hub]), a transcript ([Play]);
//     anything that sends and receives bytes can be one ([New]).
//   - DTU: a modem that hangs on a meters' bus and dials a server. It registers
//     with its id, sends heartbeats, and hands bytes on.
//   - echo: many adapters hear themselves. The request's own echo, where it
//     comes first, is dropped.
//   - gone: the adapter was unplugged or the port cannot be opened. The line
//     heals itself: the next exchange opens the port again by its name, so give
//     it a name that stays (/dev/serial/by-id/… on Linux). A DTU cannot be called:
//     its line says when it is back ([Line.Back]).
//   - transcript: what went over the wire, written down ([Line.Record]).
//
// It is the only package that imports go.bug.st/serial.
package link
