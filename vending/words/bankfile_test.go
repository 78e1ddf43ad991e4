package words

import (
	"go/ast"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the reader of files says is wrong with a line has a word, and no word
// of its is idle.
func TestTermsOfFilesAreSaid(t *testing.T) {
	t.Parallel()
	said := messagesIn(t, "zh-CN")
	used := map[string]bool{"line": true} // record says what is wrong with a whole line
	for _, f := range sources(t) {
		if filepath.Base(filepath.Dir(f.name)) != "bankfile" {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok {
				if s, ok := text([]ast.Expr{literal}, 0); ok {
					used[strings.TrimPrefix(s, "file_")] = true
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || last(call.Fun) != "wrong" || len(call.Args) != 4 {
				return true
			}
			for _, i := range []int{1, 3} {
				if term, ok := text(call.Args, i); ok && said["word_file_"+term] == "" {
					t.Errorf("%s: there is no word for %q", f.name, term)
				}
			}
			return true
		})
	}
	if len(used) < 20 {
		t.Fatal("this test does not find the reader of files")
	}
	for id := range said {
		if term, ok := strings.CutPrefix(id, "word_file_"); ok && !used[term] {
			t.Errorf("nobody says %s", id)
		}
	}
}
