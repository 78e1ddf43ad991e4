// Package cjt188 is the codec of CJ/T 188, the protocol of Chinese water, heat
// and gas meters: bytes in, values out. It has no clock, no I/O and no state.
//
// Source: CJ/T 188-2004 by its reference tables; the clause numbers "§" below
// are those of the tables. The 2018 edition is known second-hand only, so a
// layout is chosen by data identifier and length, never by edition.
//
// Vocabulary:
//
//   - frame: 68 T A0…A6 C L DATA CS 16, often after a preamble of FE.
//   - T: meter type (30 gas, 10 cold water, 20 heat). Meters answer with other
//     types than they were asked with, so nothing is matched on T.
//   - DI: data identifier, two bytes, sent in either order.
//   - SER: the request's number, which the answer repeats.
//   - ST: two status bytes: valve and battery.
//   - digits: a value as the meter sent it, in hundredths of its unit.
//   - layout: how a model departs from the standard in its values.
//
// A request is a [Query] and values in a [Frame]; an answer is a [Reply], whose
// Values are raw until [DecodeValues] reads them into a [Message]. [Read] says
// what any frame holds. DESIGN.md says why.
package cjt188
