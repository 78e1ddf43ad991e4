package words

import (
	"strings"
	"testing"

	"github.com/vendgate/vendgate/vending"
)

// Every setting says what it is and in what unit.
func TestSettingsAreSaid(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages {
		w := In(lang)
		for _, s := range vending.AllSettings() {
			terms := []string{s.About}
			if s.Unit != vending.UnitBank { // a name is refused as that of a place
				terms = append(terms, string(s.Unit))
			}
			for _, term := range terms {
				if said := w.Term(term); strings.Contains(said, "word_") {
					t.Errorf("%s, %s: %s", lang, s.Name, said)
				}
			}
		}
	}
}
