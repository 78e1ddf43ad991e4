package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// use is one place of the program that asks for words.
type use struct {
	where string
	id    string
	given []string // the names of the arguments; nil where they are not known
}

// The rooms that speak to people, or make the errors that people are told.
var rooms = []string{"../../cmd", "../../vending"}

// usesInSource finds every Text("id", …), every error with a Code, and every
// ErrX.With(…), which are known to the test by the code of ErrX.
func usesInSource(t *testing.T) (uses []use, codes map[string]string) {
	t.Helper()
	codes = map[string]string{}
	files := sources(t)
	for _, f := range files {
		ast.Inspect(f.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, value := range spec.Values {
					if code := codeOf(value); code != "" {
						codes[spec.Names[i].Name] = code
						uses = append(uses, use{where: f.name, id: code})
					}
				}
			}
			return true
		})
	}
	for _, f := range files {
		ast.Inspect(f.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if id, ok := text(call.Args, 0); ok && sel.Sel.Name == "Text" {
				uses = append(uses, use{f.name, id, names(call.Args[1:])})
			}
			if code, ok := codes[last(sel.X)]; ok && sel.Sel.Name == "With" {
				uses = append(uses, use{f.name, code, names(call.Args)})
			}
			return true
		})
	}
	return uses, codes
}

type source struct {
	name string
	file *ast.File
}

func sources(t *testing.T) (files []source) {
	t.Helper()
	for _, room := range rooms {
		err := filepath.WalkDir(room, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			files = append(files, source{path, file})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// codeOf is the code of a literal &Error{Code: "…"}; empty for anything else.
func codeOf(e ast.Expr) string {
	address, ok := e.(*ast.UnaryExpr)
	if !ok {
		return ""
	}
	literal, ok := address.X.(*ast.CompositeLit)
	if !ok || last(literal.Type) != "Error" {
		return ""
	}
	for _, element := range literal.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok && last(kv.Key) == "Code" {
			code, _ := text([]ast.Expr{kv.Value}, 0)
			return code
		}
	}
	return ""
}

// last is the last name of x or p.x.
func last(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func text(args []ast.Expr, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	literal, ok := args[i].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(literal.Value)
	return s, err == nil
}

// names are the names of "Name", value pairs.
func names(args []ast.Expr) []string {
	given := []string{}
	for i := 0; i+1 < len(args); i += 2 {
		name, ok := text(args, i)
		if !ok {
			return nil
		}
		given = append(given, name)
	}
	return given
}

var (
	textInPage = regexp.MustCompile(`\.Text "(\w+)"((?: "\w+" (?:\([^)]*\)|[.$\w]+))*)`)
	nameInPage = regexp.MustCompile(` "(\w+)"`)
)

// usesInPages finds every {{.Text "id" "Name" value …}}.
func usesInPages(t *testing.T) (uses []use) {
	t.Helper()
	pages, err := filepath.Glob("../web/pages/*.html")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		html, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := textInPage.FindAllStringSubmatch(string(html), -1)
		if asked := strings.Count(string(html), ".Text "); asked != len(found) {
			t.Errorf("%s asks for words %d times, this test understands %d of them", page, asked, len(found))
		}
		for _, m := range found {
			given := []string{}
			for _, name := range nameInPage.FindAllStringSubmatch(m[2], -1) {
				given = append(given, name[1])
			}
			uses = append(uses, use{page, m[1], given})
		}
	}
	return uses
}
