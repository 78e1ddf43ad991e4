package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// page is the counter's page as a browser has it.
type page struct {
	t   *testing.T
	url string
}

var hidden = regexp.MustCompile(`name="(id|card)" value="([^"]+)"`)

// form is what the page would send back, but for the amount.
func (p page) form() url.Values {
	p.t.Helper()
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(p.get(), -1) {
		form.Set(m[1], m[2])
	}
	if form.Get("id") == "" || form.Get("card") == "" {
		p.t.Fatalf("the page offers no sale: %s", p.get())
	}
	return form
}

func (p page) get() string {
	p.t.Helper()
	response, err := http.Get(p.url)
	return p.body(response, err)
}

func (p page) body(response *http.Response, err error) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// ran is a "fieldsim run" with a page.
type ran struct {
	*program
	page page
	pid  int // of vendgate
}

func startRun(t *testing.T, dir string, args ...string) *ran {
	t.Helper()
	p := launch(t, nil, append([]string{"run", "--dir", dir, "--listen", "127.0.0.1:0", "--line-faults", "0"}, args...)...)
	r := &ran{program: p}
	r.serves(t)
	p.line(t, "Ctrl-C ends it all")
	return r
}

// serves waits for the line that names address and pid.
func (r *ran) serves(t *testing.T) {
	t.Helper()
	m := regexp.MustCompile(`(http://\S+/).*\(pid (\d+)\)`).FindStringSubmatch(r.line(t, "vendgate serves"))
	if m == nil {
		t.Fatal("neither address nor pid")
	}
	r.page = page{t, m[1]}
	r.pid, _ = strconv.Atoi(m[2])
}

// gateIn is vendgate's commands for the field that runs in dir.
func gateIn(t *testing.T, dir string) gate {
	t.Helper()
	did, err := tell(t.Context(), dir+"/"+controlName, "status", order{})
	if err != nil {
		t.Fatal(err)
	}
	return gate{binary(t, "vendgate"), dataDir(dir), did.Field.Socket, did.Field.Utility, did.Field.Chip}
}

func must[T any](t *testing.T, g gate, args ...string) T {
	t.Helper()
	var got T
	if _, err := g.ask(patience(t), &got, args...); err != nil {
		t.Error(err)
	}
	return got
}

// TestRun is the README's story: a top-up on the page, a service that is killed
// between payment and card write, and the purchase settled when the card is seen
// again. Then the whole field is killed, and everything is as it was.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := openDir(t, os.Geteuid())
	r := startRun(t, dir)
	if out, code := in(t, dir, "run"); code != exitLocked {
		t.Errorf("a second field in the directory: exit %d, %s", code, out)
	}
	form := r.page.form()
	form.Set("amount", "100.00")
	if got := r.page.body(http.PostForm(r.page.url+"topup", form)); !strings.Contains(got, `data-state="loaded"`) {
		t.Fatalf("top-up on the page: %s", got)
	}
	g := gateIn(t, dir)
	crashBetweenPaymentAndCard(t, r, g, dir)
	if out, code := in(t, dir, "card", "to-meter"); code != exitOK || !strings.Contains(out, "loaded          57.030 m³") {
		t.Errorf("to the meter: exit %d, %s", code, out)
	}
	const total = 38_020 + 19_010 // litres for 100.00 and 50.00 at 2.63, in steps of 10
	if got := must[read](t, g, "card", "read"); got.Total != total || got.MeterLoaded != total || got.Count != 2 {
		t.Errorf("the card holds %+v", got)
	}
	must[[]any](t, g, "reconcile")
	if broken := must[[]any](t, g, "ledger", "check"); len(broken) > 0 {
		t.Errorf("the books: %v", broken)
	}
	card := r.page.form().Get("card")

	r.end(t, syscall.SIGKILL)
	nothingLeft(t, dir)
	r = startRun(t, dir)
	if again := r.page.form().Get("card"); again != card {
		t.Errorf("card %s became %s", card, again)
	}
	g = gateIn(t, dir)
	if got := must[read](t, g, "card", "read"); got.Total != total || got.MeterLoaded != total {
		t.Errorf("after the field was killed the card holds %+v", got)
	}
	if code := r.end(t, syscall.SIGINT); code != exitOK {
		t.Errorf("Ctrl-C: exit %d, %s", code, r.errs)
	}
	if pids := naming(dir); len(pids) > 0 {
		t.Errorf("processes left behind: %v", pids)
	}
}

func crashBetweenPaymentAndCard(t *testing.T, r *ran, g gate, dir string) {
	t.Helper()
	inDoubt := func() int {
		said, err := g.run(patience(t), "purchase", "list", "--in-doubt", "-o", "json")
		var list []sold
		if err == nil {
			err = json.Unmarshal([]byte(said.out), &list)
		}
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if out, code := in(t, dir, "card", "fault", "--kind", "hang", "--on", "challenge"); code != exitOK || !strings.Contains(out, "1 faults to come") {
		t.Fatalf("fault: exit %d, %s", code, out)
	}
	form := r.page.form()
	form.Set("amount", "50.00")
	hung := make(chan error, 1)
	go func() {
		_, err := http.PostForm(r.page.url+"topup", form)
		hung <- err
	}()
	await(t, "the purchase to be paid and not on the card", func() bool { return inDoubt() == 1 })
	if vendgate, err := os.FindProcess(r.pid); err != nil || vendgate.Kill() != nil {
		t.Fatal(r.pid, err)
	}
	if err := <-hung; err == nil {
		t.Error("the page answered before the service was killed")
	}
	killed := r.pid
	if r.serves(t); r.pid == killed {
		t.Error("the service was not started again")
	}
	for _, do := range []string{"pull", "insert"} {
		if out, code := in(t, dir, "card", do); code != exitOK {
			t.Fatalf("card %s: exit %d, %s", do, code, out)
		}
	}
	await(t, "the purchase to be settled when the card is seen again", func() bool { return inDoubt() == 0 })
}
