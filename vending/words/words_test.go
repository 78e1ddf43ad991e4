package words

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// messagesIn is what a language says, by id. No two files say the same id.
func messagesIn(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("messages/*." + lang + ".json")
	if err != nil || len(files) == 0 {
		t.Fatal(lang, err)
	}
	all := map[string]string{}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]string
		if err := json.Unmarshal(file, &messages); err != nil {
			t.Fatal(name, err)
		}
		for id, said := range messages {
			if all[id] != "" {
				t.Errorf("%s: %s is said in another file too", name, id)
			}
			all[id] = said
		}
	}
	return all
}

var variable = regexp.MustCompile(`\.([A-Z]\w*)`)
var action = regexp.MustCompile(`{{[^}]*}}`)

// wanted are the names that a message cannot do without: one inside {{if .X}} may
// be missing.
func wanted(message string) (names []string) {
	if before, rest, ok := strings.Cut(message, "{{if"); ok {
		_, after, _ := strings.Cut(rest, "{{end}}")
		message = before + after
	}
	return variables(message)
}

// variables are the names in a message, each once, sorted.
func variables(message string) (names []string) {
	for _, a := range action.FindAllString(message, -1) {
		for _, v := range variable.FindAllStringSubmatch(a, -1) {
			names = append(names, v[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Both languages have the same messages, with the same variables.
func TestLanguagesAreAlike(t *testing.T) {
	t.Parallel()
	zh, en := messagesIn(t, "zh-CN"), messagesIn(t, "en")
	for id, said := range zh {
		if _, ok := en[id]; !ok {
			t.Errorf("%s is not said in en", id)
		}
		if z, e := variables(said), variables(en[id]); !slices.Equal(z, e) {
			t.Errorf("%s: zh-CN has %v, en %v", id, z, e)
		}
		if !strings.ContainsFunc(said, isHan) || strings.ContainsFunc(en[id], isHan) {
			t.Errorf("%s: %q is not Chinese, or %q is", id, said, en[id])
		}
	}
	for id := range en {
		if _, ok := zh[id]; !ok {
			t.Errorf("%s is not said in zh-CN", id)
		}
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// allUses is every use of words in the program, by source, page and sentinel.
func allUses(t *testing.T) []use {
	t.Helper()
	uses, codes := usesInSource(t)
	if len(codes) < 20 || codes["ErrNoMeter"] != "no_meter" {
		t.Fatalf("this test does not find the errors of vending: %v", codes)
	}
	uses = append(uses, usesInPages(t)...)
	for _, s := range sentinels {
		uses = append(uses, use{where: fmt.Sprintf("the sentinel %q", s.err), id: s.code, given: []string{}})
	}
	return append(uses, use{where: "what nobody foresaw", id: "unforeseen"})
}

// What the program asks for is said, and what is said is asked for.
func TestEverythingAskedForIsSaid(t *testing.T) {
	t.Parallel()
	said := messagesIn(t, "zh-CN")
	asked := map[string]bool{}
	for _, u := range allUses(t) {
		asked[u.id] = true
		if _, ok := said[u.id]; !ok {
			t.Errorf("%s: there are no words for %q", u.where, u.id)
		}
	}
	for id := range said {
		if !asked[id] && !strings.HasPrefix(id, term) {
			t.Errorf("nobody asks for %s", id)
		}
	}
}

// term begins the ids of words that are asked for by what an argument says.
const term = "word_"

// Every status and everything that a check of a noun names has a word.
func TestTermsAreSaid(t *testing.T) {
	t.Parallel()
	good := vending.Customer{No: 1, Name: "张三"}
	named, addressed := good, good
	named.Name, addressed.Address = "", "\xff"
	errs := []error{vending.Customer{}.Valid(), named.Valid(), addressed.Valid(),
		vending.Meter{}.Valid(), vending.Meter{No: "88010000000001"}.Valid()}
	for _, s := range []vending.Status{vending.Registered, vending.InService, vending.Vacant, vending.Suspended,
		vending.Sealed, vending.Dismantled, vending.Closed} {
		errs = append(errs, vending.ErrCustomerClosed.With("Customer", 1, "Status", s))
	}
	for _, lang := range Languages {
		for _, err := range errs {
			if said := In(lang).Error(err); strings.Contains(said, term) || strings.Contains(said, "_") {
				t.Errorf("%s: %s", lang, said)
			}
		}
	}
}

// Whoever asks gives every variable of the message.
func TestEveryVariableIsGiven(t *testing.T) {
	t.Parallel()
	said := messagesIn(t, "zh-CN")
	for _, u := range allUses(t) {
		if u.given == nil {
			continue
		}
		for _, name := range wanted(said[u.id]) {
			if !slices.Contains(u.given, name) {
				t.Errorf("%s: %q needs %s, gets %v", u.where, u.id, name, u.given)
			}
		}
	}
}

// Every message can be rendered.
func TestEveryMessageRenders(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages {
		w := In(lang)
		for id, said := range messagesIn(t, lang) {
			var pairs []any
			for _, name := range variables(said) {
				pairs = append(pairs, name, "<"+name+"'s>")
			}
			got := w.Text(id, pairs...)
			if got == id || strings.Contains(got, "<no value>") || strings.Contains(got, "{{") {
				t.Errorf("%s: %s: %s", lang, id, got)
			}
			for _, name := range variables(said) {
				if !strings.Contains(got, "<"+name+"'s>") {
					t.Errorf("%s: %s does not show %s: %s", lang, id, name, got)
				}
			}
		}
	}
}

func TestLanguageIsChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wishes []string
		want   string
	}{
		{nil, "zh-CN"},
		{[]string{""}, "zh-CN"},
		{[]string{"zh"}, "zh-CN"},
		{[]string{"zh-Hans"}, "zh-CN"},
		{[]string{"zh-CN"}, "zh-CN"},
		{[]string{"zh-Hans-CN,zh;q=0.9,en;q=0.8"}, "zh-CN"},
		{[]string{"en"}, "en"},
		{[]string{"en-US"}, "en"},
		{[]string{"en-GB,en;q=0.9,zh;q=0.1"}, "en"},
		{[]string{"zh;q=0.1,en;q=0.9"}, "en"},
		{[]string{"", "en"}, "en"},
		{[]string{"en", "zh"}, "en"},
		{[]string{"fr-FR,en;q=0.5"}, "en"},
		{[]string{";;;,,q=\x00"}, "zh-CN"},
		{[]string{strings.Repeat("en,", 10000)}, "en"},
	} {
		if got := In(c.wishes...); got.Lang != c.want {
			t.Errorf("%.40q: %s, want %s", c.wishes, got.Lang, c.want)
		}
	}
	if zh, en := In("zh").Text("page_title"), In("en").Text("page_title"); zh != "vendgate 柜台" || en != "vendgate counter" {
		t.Error(zh, en)
	}
}

// A sentinel is found however deep it is wrapped, and an error of vending explains
// more than what it wraps.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, s := range sentinels {
		wrapped := fmt.Errorf("top up: %w", errors.Join(errors.New("detail"), s.err))
		if kind, code, args := Explain(wrapped); kind != s.kind || code != s.code || args != nil {
			t.Errorf("%v: %v %q %v, want %v %q", s.err, kind, code, args, s.kind, s.code)
		}
	}
	if kind, code, _ := Explain(errors.New("disk on fire")); kind != vending.Failed || code != "unforeseen" {
		t.Error(kind, code)
	}
	told := fmt.Errorf("%w: %w", vending.ErrSettleFailed.With("ID", "7"), cardio.ErrLinkDead)
	if kind, code, args := Explain(told); kind != vending.Doubtful || code != "settle_failed" || args["ID"] != "7" {
		t.Error(kind, code, args)
	}
}

func TestErrorIsSaid(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("show: %w", vending.ErrNoMeter.With("Meter", "10000000000001"))
	if got := In("en").Error(err); got != "There is no meter 10000000000001: check its number." {
		t.Error(got)
	}
	if got := In("zh").Error(err); got != "没有表 10000000000001,请核对表号。" {
		t.Error(got)
	}
	// What nobody foresaw is not shown: it may hold anything.
	if got := In("en").Error(errors.New("password=secret")); strings.Contains(got, "secret") {
		t.Error(got)
	}
	if got := In("en").Text("no_such_id"); got != "no_such_id" {
		t.Error(got)
	}
}
