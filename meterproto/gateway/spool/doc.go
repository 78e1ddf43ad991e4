// Package spool keeps records on disk until they have been delivered: readings,
// while the service is away. Append returns when a record is durable. Deliver hands
// records over in their order, each at least once: what was delivered before a
// crash and not yet noted is delivered again, so the receiver must know a
// repetition.
//
// Records lie in segments, files that are only appended to: a length, a checksum
// (CRC-32C of length and record) and the record. A segment that has been
// delivered is removed. What a crash tore off the end of the last segment was
// never acknowledged, and is cut off. A record that is damaged in the middle is not
// skipped in silence: the rest of its segment is set aside as NAME.damaged, and
// Open says so.
//
// How far delivery has come stands in the file "delivered". It is written without fsync:
// losing it costs repetitions, never records.
package spool
