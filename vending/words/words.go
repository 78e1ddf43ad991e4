package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"text/template"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed messages/*.json
var messages embed.FS

// Languages that vendgate speaks, the first is the default of pages.
var Languages = []string{"zh-CN", "en"}

var bundle = load()

func load() *i18n.Bundle {
	b := i18n.NewBundle(language.SimplifiedChinese)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	// The files are part of the program: a fault in them is found by the first test.
	files, err := fs.Glob(messages, "messages/*.json")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		if _, err := b.LoadMessageFileFS(messages, file); err != nil {
			panic(err)
		}
	}
	return b
}

// Words is one language.
type Words struct {
	Lang string
	l    *i18n.Localizer
}

// In returns the words of the best language for some wishes: tags such as
// "zh-CN" or whole Accept-Language headers, the most wanted first.
func In(wishes ...string) *Words {
	wanted := make([]language.Tag, 0, len(wishes))
	for _, wish := range wishes {
		tags, _, _ := language.ParseAcceptLanguage(wish)
		wanted = append(wanted, tags...)
	}
	supported := []language.Tag{language.SimplifiedChinese, language.English}
	_, at, _ := language.NewMatcher(supported).Match(wanted...)
	return &Words{Languages[at], i18n.NewLocalizer(bundle, Languages[at])}
}

// Text is the message with an id, with args given as name, value pairs. A
// message that does not exist shows its id: the tests look for those.
func (w *Words) Text(id string, pairs ...any) string {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return w.text(id, args)
}

func (w *Words) text(id string, args map[string]any) string {
	s, err := w.l.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: args, Funcs: template.FuncMap{"say": w.word}})
	if err != nil {
		return id
	}
	return s
}

// Term is the word for a term of the trade, such as a column of a report.
func (w *Words) Term(term string) string { return w.word(term) }

// word is a term of the trade, such as a status, in this language.
func (w *Words) word(term any) string {
	return w.text("word_"+fmt.Sprint(term), nil)
}

// Error says what went wrong and what to do, for a clerk.
func (w *Words) Error(err error) string {
	_, code, args := Explain(err)
	return w.text(code, args)
}
