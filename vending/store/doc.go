// Package store keeps what vending knows in PostgreSQL, through pgx.
//
// What changes a customer's books runs in one transaction that holds the
// customer's row (ForCustomer), so two terminals with one customer wait for each
// other and two customers never do. The stages of a sale hold no row: they are
// decided on Facts and stored by Open and End if the book still has the head that
// the facts had, else ledger.ErrStale; those that come together go together.
//
// A commit that waits is not cancelled; one whose answer was lost is
// vending.ErrCommitInDoubt, and the caller reads back before it touches a card.
//
// SQL stands beside the function that sends it. Constraints have names, and
// the names are mapped to the errors of vending in one place (refusal.go).
package store
