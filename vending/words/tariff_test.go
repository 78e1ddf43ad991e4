package words

import (
	"go/ast"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/vendgate/vendgate/vending"
)

var reason = regexp.MustCompile(`^(tariff|limit)_[a-z_]+$`)

// Every reason for which a tariff is refused, and every limit, has a word.
func TestReasonsOfTariffsAreSaid(t *testing.T) {
	t.Parallel()
	said := messagesIn(t, "zh-CN")
	asked := map[string]bool{}
	for _, f := range sources(t) {
		if filepath.Base(filepath.Dir(f.name)) != "vending" {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if e, ok := n.(*ast.BasicLit); ok {
				if s, ok := text([]ast.Expr{e}, 0); ok && reason.MatchString(s) && said[s] == "" {
					asked[s] = true
				}
			}
			return true
		})
	}
	for s := range asked {
		if said[term+s] == "" {
			t.Errorf("nobody says %s", s)
		}
	}
	for id := range said {
		if s := id[min(len(term), len(id)):]; reason.MatchString(s) && said[s] == "" && !asked[s] {
			t.Errorf("nobody asks for %s", id)
		}
	}
	if got := In("en").Error(vending.Tariff{Code: "x"}.Valid()); got != `Price list x, class: wants residential, bulk, commercial, collective, industrial or public.` {
		t.Error(got)
	}
}
