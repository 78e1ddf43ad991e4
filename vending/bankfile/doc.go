// Package bankfile reads what agents and banks say (RULES B3): delimited or
// fixed text in a described format, and ISO 20022 camt.053; and holds it,
// each line once, against what we have. Pure: bytes in, lines out.
//
// A file is good as a whole or not at all: its own count and total must hold.
// Lines that cannot be read are named one by one, and the caller decides.
package bankfile
