// Package dlt645 is the codec of DL/T 645, the protocol of Chinese electricity
// meters, in its editions of 1997 and 2007 and with the 2007 edition's parts for
// prepaid meters: bytes in, values out. It has no clock, no I/O and no state.
//
// Source: the reference tables on DL/T 645 and its prepayment parts; clause
// numbers "§" below are theirs. What a table does not name follows the 2007
// edition's Annex A.
//
// Vocabulary:
//
//   - frame: 68 A0…A5 68 C L DATA CS 16, often after a preamble of FE. Every
//     byte of DATA is sent with 33H added; a [Frame] holds it without.
//   - DI: data identifier, four bytes in the 2007 edition, two in that of 1997.
//   - access: PA and password, without which a meter writes nothing.
//   - operator: four bytes that name who acted; the meter only stores them.
//   - ERR, SERR: the bits with which a meter refuses, SERR where keys are used.
//   - ESAM: the chip in the meter that holds the keys and the purse.
//   - count: the number of the purchase, one more than the meter's own.
//
// A request is a message (Read, Write, Relay, …) whose Frame is sent; the frame
// that comes back goes through [Answers], and then to the decoder of the answer.
// Values of a read are raw until [AppendRegisters] reads them by their DI.
//
// DESIGN.md beside this file has the decisions.
package dlt645
