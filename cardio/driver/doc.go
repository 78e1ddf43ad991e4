// Package driver speaks to one kind of chip: it selects, reads, authenticates and
// writes, and knows nothing of what the bytes mean (that is cardfile's).
//
// Vocabulary: MF, DF and EF are a card's root, folders and files (ISO 7816-4); an
// EF is named by its short file id (SFI); a challenge is the card's random number,
// good for the next command only; secure messaging is the MAC that a command
// carries, started from such a challenge. The personalisation commands (CREATE
// FILE, WRITE KEY, ERASE DF) are FMCOS's own; what of them no public trace
// confirms is marked [U].
package driver
