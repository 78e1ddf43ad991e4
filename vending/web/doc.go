// Package web serves a page for each counter: what is on the card in its reader, a
// field for the money, and how it ended; and one for the terminals. Till 1 is at the
// top, any till is under /till/. A handler parses, makes one call and
// renders; it decides nothing. After each POST it redirects, so that a page that
// is loaded again sells nothing.
//
// It opens the till's shift and closes it by a blind count: what the books expect is
// shown of a shift that is closed, never before. A difference that wants a second
// person's approval is for the command line, where somebody can be named. So are the shifts
// of a second till: all pages act as who runs the service, and one cashier has one till (RULES B7).
//
// Requests from other sites are refused by their Origin and by their Host, which
// also stops a site that has its own name resolve to this machine.
package web
