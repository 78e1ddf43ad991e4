package bankfile

import (
	"fmt"

	"github.com/google/uuid"
)

// lines is the space of the ids of lines.
var lines = uuid.MustParse("6f1b0a5e-3a0c-5b7e-9f43-6d6b8f1c2d90")

// Identify gives each line of an account's file its id: the same line in another
// file, as where files overlap, has the same. Lines that are alike in everything
// are told apart by their order.
func Identify(account string, all []Line) {
	seen := map[string]int{}
	for i := range all {
		l := &all[i]
		said := fmt.Sprintf("%q %s %q %d %q %d", account, l.Day, l.Reference, l.Customer, l.Card, l.Fen)
		seen[said]++
		l.ID = uuid.NewSHA1(lines, fmt.Appendf(nil, "%s %d", said, seen[said]))
	}
}
