// Package store keeps what vending knows in PostgreSQL, through pgx.
//
// Everything that changes a customer's books runs in one transaction that
// holds the customer's row (ForCustomer), so two terminals with one customer
// wait for each other and two customers never do. A commit that waits is not
// cancelled; one whose answer was lost is vending.ErrCommitInDoubt, and the
// caller reads back before it touches a card.
//
// SQL stands beside the function that sends it. Constraints have names, and
// the names are mapped to the errors of vending in one place (refusal.go).
package store
