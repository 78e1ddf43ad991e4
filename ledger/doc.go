// Package ledger is the double-entry book of everything that is counted: money
// in fen, gas and water in litres, heat and electricity in Wh.
//
// A Transfer moves an Amount from one Account (its debit) to another (its
// credit). Transfers are appended and never changed. A transfer that is not
// sure yet is pended; a second transfer then posts or voids it, once.
//
//	money    till:T → advance:CUSTOMER → prepaid:CUSTOMER → revenue:CLASS + vat:output
//	credit   sold:all → card:CARD → meter:METER → consumed:METER
//
// An arrow leads from debit to credit. Balances are credits less debits, so a
// till that holds cash and sold:all show negative balances, and all balances of
// one commodity always sum to zero.
//
// Every change has a Record, which is a Link of its book's hash chain. Seal
// publishes the heads of the chains, Verify walks them.
//
// The package owns the tables ledger_*: nobody else names them or adds amounts. It
// works inside the caller's transaction.
package ledger
