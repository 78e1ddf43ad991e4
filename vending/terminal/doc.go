// Package terminal is the link between a counter PC's card reader and the service.
// The PC runs an Agent, which holds the reader and dials out to the service; in the
// service a Hub makes of each agent a cardio.Reader. Keys stay at the service.
//
// Vocabulary: a till is served by one terminal, which is one PC; a line is one TLS
// WebSocket between the two, and the next one after it broke; an insertion is one
// powering of one card, with a random id; a frame is one thing that the service asks for
// in an insertion, numbered from 0, and one answer belongs to it; a notice is what the
// agent says unasked. A script is several commands in one signed frame.
//
//	Hub.Reader(till) ─ Connect ─→ frame 0 ─→ Agent ─→ cardio.Reader of the PC
//	  cardio.Link    ─ Transmit ─→ frame n ─→ Agent ─→ cardio.Link
//
// How a PC is let in, and what the line may lose, is in DESIGN.md.
package terminal
