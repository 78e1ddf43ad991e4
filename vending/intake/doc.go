// Package intake takes what meters say into the books: a report is stored once,
// a pending purchase that it proves is settled, and the credit that the meter
// took and burnt is posted. It does not matter how the report came: read on a
// line (Wire), or written back to the card (返写).
//
// What is read on a line is believed less than what a card brings, which its meter
// has MACed: a purchase is proved by two answers that agree (Report.Agreed, or a
// report of the same total after the purchase was opened); a use that jumps, by the
// company's limits, is held, and nothing of it is in the books until somebody has looked
// (RULES D4, EndHeld); a clock that cannot be right is ours; a meter that burns while it is asked
// is read again, so that register and credit are of one moment; registers that begin again go on, by their own width or their model's. A price is
// what two answers in a row say (Wire.Prices).
package intake
