// Package cardfile knows what the bytes of the layout vg1 mean. It is pure: bytes
// in, values out; no card, no clock.
//
// Vocabulary: two files, one for each writer. The vendor's file (SFI 1) holds the
// identity and two purse slots, A and B, and is read in one go; the meter's file
// (SFI 2) holds its write-back (返写). Every part ends in a MAC of its own: eight
// bytes of AES-CMAC over a letter for the part, what it is bound to, and its
// bytes. Numbers are big-endian; quantities have 48 bits, in the identity's unit.
//
//	identity (48)                  purse slot (48)            write-back (128)
//	 0  magic "VG01"                0  format 01               0  format 01
//	 4  format 01                   1  reserved (3)            1  state: bit 0 valve open, 1 battery low
//	 5  unit                        4  generation (4)          2  tamper bits
//	 6  key version                 8  purchase count (4)      3  reserved
//	 7  reserved                   12  credit (6)              4  sequence (4)
//	 8  utility (4)                18  total (6)               8  meter time, Unix seconds (6)
//	12  UID (8)                    24  purchase id (16)       14  purchase count (4)
//	20  card number (8, BCD, F…)   40  MAC (8)                18  loaded, remaining, consumed (3 × 6)
//	28  meter number (7, BCD)                                 36  month ends, newest first (12 × 6)
//	35  reserved (5)                                         108  meter number (7, BCD)
//	40  MAC (8)                                              115  reserved (5)
//	                                                         120  MAC (8)
//
// Decoding takes one spelling only: reserved bytes are zero, digits are digits,
// so that what was decoded encodes to the same bytes.
package cardfile
