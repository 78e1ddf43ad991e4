package web_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
)

var fields = regexp.MustCompile(`name="(id|card)" value="([^"]+)"`)

// saleForm is what the page would send for 200 yuan.
func (h *hall) saleForm() url.Values {
	h.t.Helper()
	response, err := http.Get(h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	form := url.Values{"amount": {"200"}}
	for _, field := range fields.FindAllStringSubmatch(string(page), -1) {
		form.Set(field[1], field[2])
	}
	if len(form) != 3 {
		h.t.Fatalf("the page offers no sale: %s", page)
	}
	return form
}

// send posts the form and returns the page that it leads to.
func (h *hall) send(ctx context.Context, form url.Values) (at *url.URL, page string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"topup", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return response.Request.URL, string(b), err
}

// Two forms with one id at the same moment are one sale: a browser may hold one
// of two clicks back, these both come.
func TestSentTwiceAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	form := h.saleForm()
	var both sync.WaitGroup
	var mu sync.Mutex
	again := 0
	for range 2 {
		both.Go(func() {
			at, page, err := h.send(t.Context(), form)
			if err != nil || at.Path != "/purchase/"+form.Get("id") || !strings.Contains(page, `data-state="loaded"`) {
				t.Errorf("at %s, %v: %s", at, err, page)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(page, `id="again"`) {
				again++
			}
		})
	}
	both.Wait()
	if again != 1 {
		t.Errorf("%d of two pages say that nothing was sold, want 1", again)
	}
	h.sold(vending.Loaded)
}

// The browser hangs up while the card is written, and sends the form again.
func TestHungUpWhileTheCardIsWritten(t *testing.T) {
	t.Parallel()
	h := open(t)
	form := h.saleForm()
	h.slot.Inject(cardsim.OnINS(updateBinary), cardsim.Late(300*time.Millisecond))
	ctx, hangUp := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, _, err := h.send(ctx, form)
		ended <- err
	}()
	timeout := time.After(stepTime)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for h.slot.Waiting() > 0 { // until the write has begun
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatal("nothing is written")
		}
	}
	hangUp()
	if err := <-ended; err == nil {
		t.Error("the page came before the browser hung up")
	}
	h.saleForm() // which comes after the first request has ended, and settles nothing
	h.sold(vending.Loaded)
	_, page, err := h.send(t.Context(), form)
	if err != nil || !strings.Contains(page, `data-state="loaded"`) || !strings.Contains(page, `id="again"`) {
		t.Errorf("%v: %s", err, page)
	}
	h.sold(vending.Loaded)
}
