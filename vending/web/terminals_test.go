package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/web"
)

// door is a list of terminals that is as the test says.
type door struct {
	list    []web.Terminal
	err     error
	revoked []uuid.UUID
}

func (d *door) List(context.Context) ([]web.Terminal, error) { return d.list, nil }

func (d *door) LetIn(context.Context, string) (string, time.Time, error) {
	return "ABCD-EFGH", time.Date(2026, 3, 1, 12, 10, 0, 0, time.Local), d.err
}

func (d *door) Revoke(_ context.Context, id uuid.UUID) error {
	d.revoked = append(d.revoked, id)
	return d.err
}

func terminalsAt(d *door) http.Handler {
	if d == nil {
		return web.Handler(only{&canned{}}, nil, slog.New(slog.DiscardHandler))
	}
	return web.Handler(only{&canned{}}, d, slog.New(slog.DiscardHandler))
}

// The page of terminals, as testdata has it.
func TestTerminalsPage(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)
	good := vending.Terminal{ID: saleID, Till: "2", Host: `PC-3 <script>`, Enrolled: since, By: "chief"}
	ended := good
	ended.Revoked = since
	hall := &door{list: []web.Terminal{{Terminal: good, Online: true}, {Terminal: good}, {Terminal: ended}}}
	ask := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/terminals", nil) }
	code := func() *http.Request { return post("/terminals/code", url.Values{"till": {"2"}}) }
	for name, c := range map[string]struct {
		door    *door
		request func() *http.Request
		status  int
	}{
		"terminals":         {hall, ask, http.StatusOK},
		"terminals_none":    {nil, ask, http.StatusForbidden},
		"terminals_code":    {hall, code, http.StatusOK},
		"terminals_refused": {&door{err: vending.ErrNotPermitted.With("Staff", "clerk", "Right", "approve")}, code, http.StatusForbidden},
	} {
		for _, lang := range []string{"zh-CN", "en"} {
			r := c.request()
			r.Header.Set("Accept-Language", lang)
			response := do(terminalsAt(c.door), r)
			if response.StatusCode != c.status {
				t.Errorf("%s: %s, want %d", name, response.Status, c.status)
			}
			golden(t, filepath.Join("testdata", name+"."+lang+".html"), body(t, response))
		}
	}
}

// Revoking is a form, sent from our own page, and what is no id revokes nobody.
func TestTerminalRevoke(t *testing.T) {
	t.Parallel()
	d := new(door)
	response := do(terminalsAt(d), post("/terminals/revoke", url.Values{"id": {saleID.String()}}))
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/terminals" || len(d.revoked) != 1 || d.revoked[0] != saleID {
		t.Errorf("%s, revoked %v", response.Status, d.revoked)
	}
	if response := do(terminalsAt(d), post("/terminals/revoke", url.Values{"id": {"7"}})); response.StatusCode != http.StatusNotFound {
		t.Error(response.Status)
	}
	foreign := post("/terminals/revoke", url.Values{"id": {saleID.String()}})
	foreign.Header.Set("Origin", "https://evil.example")
	if response := do(terminalsAt(d), foreign); response.StatusCode != http.StatusForbidden || len(d.revoked) != 1 {
		t.Errorf("from elsewhere: %s, revoked %v", response.Status, d.revoked)
	}
	if response := do(terminalsAt(nil), post("/terminals/revoke", url.Values{"id": {saleID.String()}})); response.StatusCode == http.StatusServiceUnavailable {
		t.Error(response.Status)
	}
}

// halls has a station at every till.
type halls map[string]*canned

func (h halls) At(_ context.Context, till string) (web.Seat, error) {
	if h[till] == nil {
		return web.Seat{}, vending.ErrNoTerminal.With("Which", till)
	}
	return web.Seat{Station: h[till], Till: till, Reader: "PC-" + till}, nil
}

// Each till has pages of its own, whose forms and money stay with it.
func TestTills(t *testing.T) {
	t.Parallel()
	h := halls{"1": {view: inReader()}, "2": {view: inReader()}}
	h["2"].outcome.Purchase = sale(vending.Loaded)
	all := web.Handler(h, nil, slog.New(slog.DiscardHandler))
	page := body(t, do(all, httptest.NewRequest(http.MethodGet, "/till/2/", nil)))
	for _, want := range []string{`action="/till/2/topup"`, `action="/till/2/shift/close"`, `href="/till/2/"`, "PC-2"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s:\n%s", want, page)
		}
	}
	response := do(all, post("/till/2/topup", form("200")))
	if got := response.Header.Get("Location"); got != "/till/2/purchase/"+saleID.String() {
		t.Errorf("%s to %q", response.Status, got)
	}
	if len(h["1"].sales) != 0 || len(h["2"].sales) != 1 || h["2"].sales[0].Till != "2" {
		t.Errorf("sold %v at 1, %v at 2", h["1"].sales, h["2"].sales)
	}
	if do(all, post("/till/2/resume", nil)); h["2"].resumes != 1 || h["1"].resumes != 0 {
		t.Error("resumed elsewhere")
	}
	for _, r := range []*http.Request{httptest.NewRequest(http.MethodGet, "/till/3/", nil), post("/till/3/topup", form("200")),
		post("/till/3/resume", nil), post("/till/3/shift/open", form("")), post("/till/3/shift/close", counted(nil)),
		httptest.NewRequest(http.MethodGet, "/till/3/shift/3-1", nil), httptest.NewRequest(http.MethodGet, "/till/3/purchase/"+saleID.String(), nil)} {
		if response := do(all, r); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", r.URL, response.Status)
		}
	}
}

// A till's shift is opened and closed on its own pages.
func TestTillsShift(t *testing.T) {
	t.Parallel()
	closed := vending.Shift{Till: "2", No: 17, State: vending.ShiftClosed}
	h := halls{"1": {view: inReader()}, "2": {view: inReader(), shift: &closed, noShift: vending.ErrNoOpenShift}}
	all := web.Handler(h, nil, slog.New(slog.DiscardHandler))
	page := body(t, do(all, httptest.NewRequest(http.MethodGet, "/till/2/", nil)))
	if !strings.Contains(page, `action="/till/2/shift/open"`) || strings.Contains(page, `id="topup"`) {
		t.Errorf("without a shift: %s", page)
	}
	response := do(all, post("/till/2/shift/open", url.Values{"id": {saleID.String()}, "float": {"300"}}))
	if got := response.Header.Get("Location"); got != "/till/2/" || len(h["2"].opened) != 1 || h["2"].opened[0].Till != "2" {
		t.Errorf("%s to %q, opened %+v", response.Status, got, h["2"].opened)
	}
	response = do(all, post("/till/2/shift/close", counted(nil)))
	if got := response.Header.Get("Location"); !strings.HasPrefix(got, "/till/2/shift/") || len(h["2"].closed) != 1 {
		t.Errorf("%s to %q, closed %+v", response.Status, got, h["2"].closed)
	}
	if len(h["1"].opened)+len(h["1"].closed) != 0 {
		t.Error("the other till's shift was touched")
	}
	h["2"].noShift = nil
	if page := body(t, do(all, httptest.NewRequest(http.MethodGet, "/till/2/shift/2-17", nil))); !strings.Contains(page, `href="/till/2/" id="next"`) {
		t.Errorf("the next customer is at another till: %s", page)
	}
}
