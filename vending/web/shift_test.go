package web_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func counted(change func(url.Values)) url.Values {
	f := url.Values{"id": {saleID.String()}, "shift": {"1-17"}, "n10000": {"3"}, "n50": {" 4 "}, "n100": {""}, "deposit": {"200"}, "reason": {"wrong change"}}
	if change != nil {
		change(f)
	}
	return f
}

// What was counted, by denomination, and what goes to the bank become one request; the page of the closed shift follows.
func TestShiftForms(t *testing.T) {
	t.Parallel()
	station := &canned{view: inReader()}
	response := do(handler(station), post("/shift/open", url.Values{"id": {saleID.String()}, "float": {"300"}}))
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/" ||
		!slices.Equal(station.opened, []counter.ShiftOpening{{Till: "1", FloatFen: 30000, Safe: "main"}}) {
		t.Errorf("%s, %+v", response.Status, station.opened)
	}
	response = do(handler(station), post("/shift/close", counted(nil)))
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/shift/1-17" || len(station.closed) != 1 {
		t.Fatalf("%s, %+v", response.Status, station.closed)
	}
	got := station.closed[0]
	if !maps.Equal(got.Count, vending.Count{10000: 3, 50: 4}) || got.BankFen != 20000 || got.Reason != "wrong change" || got.Bank != "main" || got.Safe != "main" {
		t.Errorf("%+v", got)
	}
}

// What cannot be read is refused before a shift is counted, and a refusal is said.
func TestShiftFormsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]url.Values{
		"id": counted(func(f url.Values) { f.Set("id", "x") }), "pieces": counted(func(f url.Values) { f.Set("n100", "1.5") }),
		"below zero": counted(func(f url.Values) { f.Set("n100", "-1") }), "deposit": counted(func(f url.Values) { f.Set("deposit", "much") }),
	} {
		station := &canned{view: inReader()}
		if response := do(handler(station), post("/shift/close", f)); response.StatusCode != http.StatusBadRequest || len(station.closed) != 0 {
			t.Errorf("%s: %s, %+v", name, response.Status, station.closed)
		}
	}
	station := &canned{view: inReader(), shiftErr: vending.ErrDifferenceWhy.With("Shift", "1-17")}
	response := do(handler(station), post("/shift/close", counted(nil)))
	if page := body(t, response); response.StatusCode != http.StatusForbidden || !strings.Contains(page, "1-17") {
		t.Error(response.Status, page)
	}
	if response := do(handler(&canned{view: inReader()}), post("/shift/open", url.Values{"id": {saleID.String()}, "float": {"-"}})); response.StatusCode != http.StatusBadRequest {
		t.Error(response.Status)
	}
	station = &canned{view: inReader(), noShift: errors.New("broken")}
	if page := body(t, do(handler(station), httptest.NewRequest(http.MethodGet, "/", nil))); strings.Contains(page, `id="topup"`) || strings.Contains(page, `id="opening"`) {
		t.Error("a page that knows nothing of the shift sells, or opens one")
	}
}

// Whoever does not pay cash says how, and with which number.
func TestTopUpByOtherMeans(t *testing.T) {
	t.Parallel()
	station := &canned{view: inReader(), outcome: counter.Outcome{Purchase: sale(vending.Loaded)}}
	f := form("200")
	f.Set("pay", "mobile")
	f.Set("bank", " wechat ")
	f.Set("reference", "4200001234")
	do(handler(station), post("/topup", f))
	want := vending.Payment{Means: vending.Mobile, Bank: "wechat", Reference: "4200001234"}
	if len(station.sales) != 1 || station.sales[0].Payment != want {
		t.Errorf("%+v", station.sales)
	}
}

// A count that is refused comes back as it was typed, with a new id, and to no other shift than its own.
func TestRefusedCountComesBack(t *testing.T) {
	t.Parallel()
	station := &canned{view: inReader(), shiftErr: vending.ErrDifferenceWhy.With("Shift", "1-17")}
	refused := counted(func(f url.Values) { f.Set("deposit", `2"0`); f.Set("reason", "") })
	page := body(t, do(handler(station), post("/shift/close", refused)))
	// The placeholder is HTML's: what an empty field means.
	for _, want := range []string{`id="n10000" inputmode="numeric" autocomplete="off" value="3"`, `placeholder="0" value="2&#34;0"`, `<details id="closing" open>`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	refused.Set("deposit", "200")
	page = body(t, do(handler(station), post("/shift/close", refused)))
	if len(station.closed) != 1 || !strings.Contains(page, `id="n50" inputmode="numeric" autocomplete="off" value=" 4 "`) || strings.Contains(page, saleID.String()) {
		t.Errorf("refused for want of a reason: %+v, %s", station.closed, page)
	}
	refused.Set("shift", "1-16")
	if page = body(t, do(handler(station), post("/shift/close", refused))); strings.Contains(page, `value="3"`) {
		t.Errorf("the count of another shift: %s", page)
	}
}
