// Package link puts a request on a line and listens for the answer. It knows
// time, bytes and serial ports, and no protocol: what an answer is, the caller
// says with a function.
//
// Vocabulary:
//
//   - line: a master's end of a bus with its meters; one exchange at a time.
//   - wire: the device under it, a serial port here ([Open]); anything that
//     sends and receives bytes can be one ([New]).
//   - echo: many adapters hear themselves. The request's own echo, where it
//     comes first, is dropped.
//   - gone: the adapter was unplugged or the port cannot be opened. The line
//     heals itself: the next exchange opens the port again by its name, so give
//     it a name that stays (/dev/serial/by-id/… on Linux).
//
// It is the only package that imports go.bug.st/serial.
package link
