package vending

// ErrNoCitus is that the database is to be distributed and has not the extension
// that does it.
var ErrNoCitus = &Error{Kind: NotAllowed, Code: "no_citus"}
