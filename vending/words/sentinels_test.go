package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// cardSide are the rooms of the card side whose sentinels reach a clerk: each error there is named here as itself, or stands
// behind one of cardio's (cardio/fault.go).
var cardSide = [...]string{"cardio", "cardio/driver", "cardio/apdu", "cardio/reader"}

const root = "../../"

// TestEverySentinelHasWords: an error that somebody adds on the card side without words would be "unforeseen" to the clerk
// who meets it.
func TestEverySentinelHasWords(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, file := range []string{root + "cardio/fault.go", "explain.go"} {
		ast.Inspect(parsed(t, file), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				named[written(s)] = true
			}
			return true
		})
	}
	found := 0
	for _, room := range cardSide {
		for _, name := range declared(t, root+room) {
			if found++; !named[filepath.Base(room)+"."+name] {
				t.Errorf("%s.%s is in neither cardio/fault.go nor explain.go", room, name)
			}
		}
	}
	if found < 50 {
		t.Errorf("this test finds %d sentinels only", found)
	}
}

// written is a selector as it is written.
func written(s *ast.SelectorExpr) string {
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// declared are the package's sentinels: its variables Err….
func declared(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, d := range parsed(t, file).Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
