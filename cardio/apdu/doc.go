// Package apdu carries command APDUs to a card and turns the card's status
// words into typed errors, once, here.
//
// Vocabulary: a command is CLA INS P1 P2, up to 255 data bytes and the number of
// bytes wanted back (Le); a response is data and a status word (SW1 SW2). A
// Channel is the one conversation with one powered card: it dies for good with
// the first transport error, because nothing is known about the card after that.
//
// The commands are ISO 7816-4 short APDUs (cases 1 to 4) as PBOC and FMCOS cards
// take them.
package apdu
