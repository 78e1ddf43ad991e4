package vending

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
)

// drawn are the arrows of a section of DESIGN.md, "from --> to: event".
func drawn(t *testing.T, section string) map[string]bool {
	t.Helper()
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(design), "\n# "+section+"\n")
	text, _, _ = strings.Cut(text, "\n# ")
	if !found {
		t.Fatalf("DESIGN.md says nothing about %s", section)
	}
	arrows := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ +(\w+ --> \w+: .+)$`).FindAllStringSubmatch(text, -1) {
		arrows[m[1]] = true
	}
	return arrows
}

func made[S, E ~string](table map[S]map[E]S) map[string]bool {
	arrows := map[string]bool{}
	for from, on := range table {
		for event, to := range on {
			arrows[fmt.Sprintf("%s --> %s: %s", from, to, event)] = true
		}
	}
	return arrows
}

// The diagrams in DESIGN.md are the transition tables, arrow by arrow.
func TestShiftsAndInvoicesAreAsDrawn(t *testing.T) {
	t.Parallel()
	if d, m := drawn(t, "Shifts"), made(shiftMoves); !maps.Equal(d, m) {
		t.Errorf("drawn %v\nmade  %v", d, m)
	}
	if d, m := drawn(t, "Invoices"), made(invoiceMoves); !maps.Equal(d, m) {
		t.Errorf("drawn %v\nmade  %v", d, m)
	}
}
