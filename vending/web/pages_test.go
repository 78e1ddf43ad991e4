package web_test

import (
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

var update = flag.Bool("update", false, "write the pages as they are into testdata")

var (
	style  = regexp.MustCompile(`(?s)<style>.*</style>\n`)
	hidden = regexp.MustCompile(`name="id" value="[0-9a-f-]{36}"`)
)

// pages are what a clerk can see, each from a station in that state.
var pages = []struct {
	name    string
	station canned
	path    string // "" is a top-up of the amount "1,000"
	status  int
}{
	{"card", canned{view: inReader()}, "/", http.StatusOK},
	{"card_new", canned{view: func() counter.View {
		v := inReader()
		v.Contents.WriteBack, v.Contents.Purse = nil, cardio.Purse{}
		return v
	}()}, "/", http.StatusOK},
	{"card_money", canned{view: func() counter.View {
		v := inReader()
		v.Contents.Rule, v.Contents.Identity.Unit, v.Contents.WriteBack = cardio.ByBalance, cardio.Fen, nil
		v.Contents.Purse = cardio.Purse{Count: 2, Balance: 1234}
		v.Charges = &store.Charged{Due: true, Version: vending.Tariff{Tiers: []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {PriceFen: 316}}}}
		return v
	}()}, "/", http.StatusOK},
	{"card_in_doubt", canned{view: func() counter.View {
		v := inReader()
		p := sale(vending.Pending)
		v.Pending = &p
		return v
	}()}, "/", http.StatusOK},
	{"no_shift", canned{view: inReader(), noShift: vending.ErrNoOpenShift}, "/", http.StatusOK},
	{"counting", canned{view: inReader(), shift: &vending.Shift{Till: "1", No: 17, Cashier: "clerk", State: vending.ShiftClosing, Counts: 1}}, "/", http.StatusOK},
	{"shift_closed", canned{shift: &vending.Shift{Till: "1", No: 17, State: vending.ShiftClosed, Expected: 50000, Counted: 49900,
		Closing: vending.Closing{BankFen: 30000}}}, "/shift/1-17", http.StatusOK},
	{"shift_open", canned{shift: &vending.Shift{Till: "1", No: 17, State: vending.ShiftOpen, Expected: 50000}}, "/shift/1-17", http.StatusNotFound},
	{"no_card", canned{viewErr: cardio.ErrNoCard}, "/", http.StatusOK},
	{"unforeseen", canned{viewErr: errors.New("pq: password authentication failed")}, "/", http.StatusServiceUnavailable},
	{"refused", canned{view: inReader()}, "", http.StatusBadRequest},
	{"loaded", canned{purchase: sale(vending.Loaded)}, "/purchase/" + saleID.String(), http.StatusOK},
	{"loaded_again", canned{purchase: sale(vending.Loaded)}, "/purchase/" + saleID.String() + "?again", http.StatusOK},
	{"voided", canned{purchase: sale(vending.Voided)}, "/purchase/" + saleID.String(), http.StatusOK},
	{"pending", canned{purchase: sale(vending.Pending)}, "/purchase/" + saleID.String(), http.StatusOK},
	{"no_purchase", canned{noneErr: vending.ErrNoPurchase}, "/purchase/" + saleID.String(), http.StatusNotFound},
}

// TestPages holds every page in both languages against testdata; go test
// -update writes them anew, for a person to look at.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, p := range pages {
		for _, lang := range []string{"zh-CN", "en"} {
			t.Run(p.name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				station := p.station
				request := post("/topup", form("1,000"))
				if p.path != "" {
					request = httptest.NewRequest(http.MethodGet, p.path, nil)
				}
				request.Header.Set("Accept-Language", lang)
				response := do(handler(&station), request)
				if response.StatusCode != p.status {
					t.Errorf("status %s, want %d", response.Status, p.status)
				}
				golden(t, filepath.Join("testdata", p.name+"."+lang+".html"), body(t, response))
			})
		}
	}
}

// golden compares a page, but for its style and the id of the next sale.
func golden(t *testing.T, path, got string) {
	t.Helper()
	got = hidden.ReplaceAllString(style.ReplaceAllString(got, ""), `name="id" value="a new one"`)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what it was; got\n%s", path, got)
	}
}

// Pages speak zh-CN, unless the browser would rather have English.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"": "zh-CN", "zh-CN,zh;q=0.9,en;q=0.8": "zh-CN", "zh": "zh-CN", "en-GB,en;q=0.9": "en",
		"en;q=0.5,zh-CN": "zh-CN", "ja": "zh-CN", "zh-TW": "zh-CN", "de,en;q=0.7": "en", "\x00;;q=x": "zh-CN"} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Accept-Language", accept)
		page := body(t, do(handler(&canned{view: inReader()}), request))
		if !strings.Contains(page, `<html lang="`+want+`">`) {
			t.Errorf("%q: not in %s", accept, want)
		}
	}
}

// The page does nothing but what its forms do: no script, nothing from elsewhere,
// in nobody's frame, and kept nowhere.
func TestHeaders(t *testing.T) {
	t.Parallel()
	response := do(handler(&canned{view: inReader()}), httptest.NewRequest(http.MethodGet, "/", nil))
	policy := response.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("policy %q does not say %s", policy, part)
		}
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := response.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
}
