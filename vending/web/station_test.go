package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/web"
)

// canned is a station at which everything is as the test says.
type canned struct {
	view     counter.View
	viewErr  error
	outcome  counter.Outcome
	err      error // of a top-up and of a resume
	purchase vending.Purchase
	noneErr  error // of a look at a purchase

	shift    *vending.Shift // at the till; nil: an open one
	noShift  error
	shiftErr error // of opening and closing

	sales   []counter.TopUpRequest
	resumes int
	opened  []counter.ShiftOpening
	closed  []vending.Closing
}

func (c *canned) ShiftAt(context.Context, string) (vending.Shift, error) {
	if c.shift != nil {
		return *c.shift, c.noShift
	}
	return vending.Shift{Till: "1", No: 17, Cashier: "clerk", State: vending.ShiftOpen}, c.noShift
}

func (c *canned) Shift(context.Context, string) (vending.Shift, error) { return *c.shift, c.noShift }

func (c *canned) OpenShift(_ context.Context, _ uuid.UUID, req counter.ShiftOpening) (vending.Shift, error) {
	c.opened = append(c.opened, req)
	return vending.Shift{Till: req.Till, No: 18}, c.shiftErr
}

func (c *canned) CloseShift(_ context.Context, _ uuid.UUID, number string, req vending.Closing) (vending.Shift, error) {
	c.closed = append(c.closed, req)
	return vending.Shift{Till: "1", No: 17}, c.shiftErr
}

func (c *canned) Look(context.Context) (counter.View, error) { return c.view, c.viewErr }

func (c *canned) TopUp(_ context.Context, r counter.TopUpRequest) (counter.Outcome, error) {
	c.sales = append(c.sales, r)
	return c.outcome, c.err
}

func (c *canned) Resume(context.Context) (counter.Outcome, error) {
	c.resumes++
	return c.outcome, c.err
}

func (c *canned) Rekey(context.Context) (counter.Rekeyed, error) { return counter.Rekeyed{}, nil }

func (c *canned) Purchase(context.Context, uuid.UUID) (vending.Purchase, error) {
	return c.purchase, c.noneErr
}

var saleID = uuid.MustParse("00000000-0000-4000-8000-000000000001")

// sale is a purchase of 200 yuan in that state.
func sale(state vending.State) vending.Purchase {
	return vending.Purchase{ID: saleID, Customer: 1001, Card: "8100000001", Meter: "10000000000001", Count: 3, State: state,
		Quote: vending.Quote{Money: 20000, Cost: 19999, Change: 1, Credit: ledger.Amount{N: 76040, Commodity: ledger.Litre}}}
}

// inReader is a card that its meter has read.
func inReader() counter.View {
	return counter.View{
		Contents: cardio.Contents{Identity: cardio.Identity{Unit: cardio.Litre}, Purse: cardio.Purse{Count: 2, Total: 152080},
			WriteBack: &cardio.WriteBack{MeterTime: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), Count: 2, Loaded: 152080, Remaining: 1234}},
		File:     vending.Card{No: "8100000001", Customer: 1001, Meter: "10000000000001", State: vending.CardActive},
		Customer: vending.Customer{No: 1001, Name: `王芳 <script>"&`},
	}
}

// only is a hall with one till.
type only struct{ web.Station }

func (o only) At(_ context.Context, till string) (web.Seat, error) {
	if till != "1" {
		return web.Seat{}, vending.ErrNoTerminal.With("Which", till)
	}
	return web.Seat{Station: o.Station, Till: till, Reader: "ACR39U"}, nil
}

func handler(s web.Station, hosts ...string) http.Handler {
	return web.Handler(only{s}, nil, slog.New(slog.DiscardHandler), hosts...)
}

// do sends a request as a browser on this machine would.
func do(h http.Handler, r *http.Request) *http.Response {
	if r.Host == "example.com" { // httptest's
		r.Host = "127.0.0.1:8460"
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func post(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
