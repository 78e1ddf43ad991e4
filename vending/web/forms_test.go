package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/words"
)

func form(amount string) url.Values {
	return url.Values{"id": {saleID.String()}, "card": {"8100000001"}, "amount": {amount}}
}

// A form becomes one request, with the id that came with the page and the card
// that the clerk saw; what follows is a page of its own.
func TestTopUp(t *testing.T) {
	t.Parallel()
	station := &canned{view: inReader(), outcome: counter.Outcome{Purchase: sale(vending.Loaded)}}
	response := do(handler(station), post("/topup", form("200")))
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/purchase/"+saleID.String() {
		t.Errorf("%s to %q", response.Status, response.Header.Get("Location"))
	}
	want := counter.TopUpRequest{ID: saleID, MoneyFen: 20000, Payment: vending.Payment{Means: vending.Cash}, Till: "1", Card: "8100000001"}
	if !slices.Equal(station.sales, []counter.TopUpRequest{want}) {
		t.Errorf("asked for %+v, want %+v", station.sales, want)
	}
}

// Whoever sends a form anew is not told of another sale.
func TestTopUpAgain(t *testing.T) {
	t.Parallel()
	station := &canned{outcome: counter.Outcome{Purchase: sale(vending.Loaded), Repeated: true}}
	response := do(handler(station), post("/topup", form("200")))
	if got := response.Header.Get("Location"); got != "/purchase/"+saleID.String()+"?again" {
		t.Errorf("%s to %q", response.Status, got)
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	station := &canned{view: inReader(), outcome: counter.Outcome{Purchase: sale(vending.Pending)}}
	response := do(handler(station), post("/resume", nil))
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/purchase/"+saleID.String() || station.resumes != 1 {
		t.Errorf("%s to %q, %d resumes", response.Status, response.Header.Get("Location"), station.resumes)
	}
}

// What cannot be read is refused before anybody is asked to sell.
func TestFormsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	changed := func(key, value string) url.Values {
		f := form("200")
		f.Set(key, value)
		return f
	}
	for name, f := range map[string]url.Values{
		"no form":      {},
		"no id":        changed("id", ""),
		"nobody's id":  changed("id", "17"),
		"zero id":      changed("id", "00000000-0000-0000-0000-000000000000"),
		"no amount":    changed("amount", ""),
		"negative":     changed("amount", "-200"),
		"half a fen":   changed("amount", "0.005"),
		"an exponent":  changed("amount", "1e3"),
		"not a number": changed("amount", "two hundred"),
	} {
		station := &canned{view: inReader()}
		response := do(handler(station), post("/topup", f))
		page := body(t, response)
		if response.StatusCode != http.StatusBadRequest || len(station.sales) > 0 {
			t.Errorf("%s: %s, sold %+v", name, response.Status, station.sales)
		}
		if !strings.Contains(page, `id="error"`) || !strings.Contains(page, `id="topup"`) {
			t.Errorf("%s: neither why, nor another try: %s", name, page)
		}
	}
}

// Every refusal of the counter has the status of its kind, and its words.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
	}{
		{vending.ErrAmountTooSmall.With("Amount", "0.01", "Min", "0.03"), http.StatusBadRequest},
		{vending.ErrCardNotOurs, http.StatusNotFound},
		{vending.ErrMeterFull.With("Meter", "1", "Max", "2", "Held", "3", "Buys", "4"), http.StatusForbidden},
		{vending.ErrCardLost.With("Card", "8100000001"), http.StatusForbidden},
		{cardio.ErrForeignCard, http.StatusForbidden},
		{vending.ErrUnresolved.With("Card", "8100000001", "Amount", "200.00", "ID", saleID), http.StatusConflict},
		{vending.ErrCommitInDoubt, http.StatusConflict},
		{cardio.ErrReaderBusy, http.StatusConflict},
		{cardio.ErrNoReader, http.StatusServiceUnavailable},
		{vending.ErrDatabase, http.StatusServiceUnavailable},
		{errors.New("secret detail"), http.StatusServiceUnavailable},
	} {
		words := words.In("zh-CN").Error(c.err)
		for _, path := range []string{"/topup", "/resume"} {
			response := do(handler(&canned{view: inReader(), err: c.err}), post(path, form("200")))
			page := body(t, response)
			if response.StatusCode != c.status || !strings.Contains(page, words) || strings.Contains(page, "secret") {
				t.Errorf("%s, %v: %s, want %d and %q in %s", path, c.err, response.Status, c.status, words, page)
			}
		}
	}
}

// A page offers each sale a new id; a refused one is another try, with another.
func TestEachPageHasItsOwnID(t *testing.T) {
	t.Parallel()
	h := handler(&canned{view: inReader(), err: vending.ErrDatabase})
	seen := map[string]bool{}
	for _, r := range []*http.Request{httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRequest(http.MethodGet, "/", nil), post("/topup", form("200"))} {
		id := hidden.FindString(body(t, do(h, r)))
		if id == "" || seen[id] || strings.Contains(id, saleID.String()) {
			t.Errorf("%s offers %q", r.Method, id)
		}
		seen[id] = true
	}
}

// Neither another site's page nor another site's name moves anything here.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	type headers map[string]string
	for _, c := range []struct {
		name    string
		host    string
		headers headers
		status  int
	}{
		{"our page", "127.0.0.1:8460", headers{"Origin": "http://127.0.0.1:8460", "Sec-Fetch-Site": "same-origin"}, http.StatusSeeOther},
		{"our page by name", "localhost:8460", headers{"Origin": "http://localhost:8460"}, http.StatusSeeOther},
		{"our page, IPv6", "[::1]:8460", headers{"Origin": "http://[::1]:8460"}, http.StatusSeeOther},
		{"a name we were given", "hall.example", headers{"Origin": "http://hall.example"}, http.StatusSeeOther},
		{"another site's page", "127.0.0.1:8460", headers{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"another site's page, old browser", "127.0.0.1:8460", headers{"Origin": "http://evil.example"}, http.StatusForbidden},
		{"another port's page", "127.0.0.1:8460", headers{"Origin": "http://127.0.0.1:9000", "Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		{"a name made to point here", "evil.example:8460", headers{"Origin": "http://evil.example:8460", "Sec-Fetch-Site": "same-origin"}, http.StatusMisdirectedRequest},
		{"no name", "", nil, http.StatusMisdirectedRequest},
	} {
		station := &canned{view: inReader(), outcome: counter.Outcome{Purchase: sale(vending.Loaded)}}
		request := post("/topup", form("200"))
		request.Host = c.host
		for name, value := range c.headers {
			request.Header.Set(name, value)
		}
		response := do(handler(station, "hall.example"), request)
		if sold := len(station.sales) == 1; response.StatusCode != c.status || sold != (c.status == http.StatusSeeOther) {
			t.Errorf("%s: %s, sold %t", c.name, response.Status, sold)
		}
	}
}

// Only a POST sells, and only the paths that there are answer.
func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/topup?" + form("200").Encode(), http.StatusMethodNotAllowed},
		{http.MethodGet, "/resume", http.StatusMethodNotAllowed},
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
		{http.MethodGet, "/nothing", http.StatusNotFound},
		{http.MethodGet, "/purchase/", http.StatusNotFound},
		{http.MethodGet, "/purchase/17", http.StatusNotFound},
	} {
		station := &canned{view: inReader(), outcome: counter.Outcome{Purchase: sale(vending.Loaded)}}
		response := do(handler(station), httptest.NewRequest(c.method, c.path, nil))
		if response.StatusCode != c.status || len(station.sales)+station.resumes > 0 {
			t.Errorf("%s %s: %s, want %d", c.method, c.path, response.Status, c.status)
		}
	}
	station := &canned{view: inReader()}
	do(handler(station), post("/topup?"+form("200").Encode(), nil))
	if len(station.sales) > 0 {
		t.Error("a sale from the address line")
	}
}
