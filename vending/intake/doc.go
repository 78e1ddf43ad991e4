// Package intake takes what meters say into the books: a report is stored once,
// a pending purchase that it proves is settled, and the credit that the meter
// took and burnt is posted. It does not matter how the report came: read on a
// line, or written back to the card (返写).
package intake
