package web_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
)

// A browser starts slowly on a busy machine.
const (
	patience = 90 * time.Second // of the whole test
	stepTime = 20 * time.Second // for one step of the clerk's, once it runs
)

// browser starts a Chromium of a clerk in China, with nothing in it.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no Chromium, in which the page is tested: apt-get install chromium")
	}
	dir, err := os.MkdirTemp("", "vg-web-")
	if err != nil {
		t.Fatal(err)
	}
	// Its sandbox does not work for root, nor in every container; all it sees is our own page.
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN,zh"), chromedp.WSURLReadTimeout(patience)}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	ctx, _ = chromedp.NewContext(ctx) // ended by chromedp.Cancel
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("closing the browser: %v", err)
		}
		stop()
		cancel()
		_ = os.RemoveAll(dir)
	})
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context that it was first used with
		t.Fatal(err)
	}
	return ctx
}

// act does in the browser what a clerk does.
func act(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		page, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.documentElement.outerHTML")) // for the message only
		t.Fatalf("%v\n%s", err, page)
	}
}

// ask takes something from the page.
func ask[T any](t *testing.T, ctx context.Context, what chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, what)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// reads waits for an element and checks its words.
func reads(t *testing.T, ctx context.Context, sel chromedp.CSS, want string) {
	t.Helper()
	act(t, ctx, chromedp.WaitVisible(sel))
	got := ask(t, ctx, chromedp.Text(sel))
	if !strings.Contains(got, want) {
		t.Errorf("%s reads %q, want %q", sel, got, want)
	}
}

const (
	loaded  = `#state[data-state="loaded"]`
	pending = `#state[data-state="pending"]`
)

// TestClerk is what happens at the counter, in a real browser.
func TestClerk(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	for name, what := range map[string]func(*testing.T, context.Context, *hall){
		"tops up":          clerkTopsUp,
		"goes back":        clerkGoesBack,
		"clicks twice":     clerkClicksTwice,
		"resumes":          clerkResumes,
		"mistypes":         clerkMistypes,
		"has another card": clerkHasAnotherCard,
		"changes shifts":   clerkChangesShifts,
	} {
		t.Run(name, func(t *testing.T) {
			tab, cancel := chromedp.NewContext(ctx)
			defer cancel()
			if err := chromedp.Do(tab); err != nil { // the tab, too, lives as long as its first context
				t.Fatal(err)
			}
			what(t, tab, open(t))
		})
	}
}

func clerkTopsUp(t *testing.T, ctx context.Context, h *hall) {
	act(t, ctx, chromedp.Navigate(h.url))
	reads(t, ctx, "#card", h.card)
	reads(t, ctx, "#card", "王芳")
	reads(t, ctx, "#card", "0.000 m³")
	reads(t, ctx, "#topup", "充值")
	// The cursor stands in the field: the clerk types and presses Enter, or clicks.
	act(t, ctx, chromedp.SendKeys(chromedp.CSS("#amount:focus"), "200"), chromedp.Click(chromedp.CSS("#topup")))
	reads(t, ctx, loaded, "充值成功:200.00 元,购 76.040 m³")
	h.sold(vending.Loaded)

	act(t, ctx, chromedp.Reload())
	reads(t, ctx, loaded, "充值成功")
	if n := h.posts.Load(); n != 1 {
		t.Errorf("%d forms came, want 1", n)
	}
	h.sold(vending.Loaded)

	act(t, ctx, chromedp.Click(chromedp.CSS("#next")))
	reads(t, ctx, "#card", "76.040 m³")
	act(t, ctx, chromedp.SendKeys(chromedp.CSS("#amount"), "200\r"))
	reads(t, ctx, loaded, "充值成功")
	h.sold(vending.Loaded, vending.Loaded)
}

// The clerk goes back to the form and sends it once more. A browser may show it
// as it was, with its old id: then nothing is sold, and that is what the page says.
func clerkGoesBack(t *testing.T, ctx context.Context, h *hall) {
	act(t, ctx, chromedp.Navigate(h.url), chromedp.SendKeys(chromedp.CSS("#amount"), "200"), chromedp.Click(chromedp.CSS("#topup")))
	reads(t, ctx, loaded, "充值成功")
	until(t, ctx, `history.back(), true`)
	until(t, ctx, `document.querySelector("#amount") !== null && document.readyState === "complete"`)
	until(t, ctx, `document.querySelector("#amount").value = "200", document.forms[0].requestSubmit(), true`)
	until(t, ctx, `document.querySelector("#next") !== null && document.readyState === "complete"`)
	again := ask(t, ctx, chromedp.Evaluate[bool](`document.querySelector("#again") !== null`))
	t.Logf("the browser kept the form: %t", again)
	if again {
		h.sold(vending.Loaded)
	} else {
		h.sold(vending.Loaded, vending.Loaded)
	}
}

// until waits for what chromedp does not notice: a page that the browser had kept.
func until(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if so, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && so {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", script)
		case <-tick.C:
		}
	}
}

// The card takes its time, the clerk clicks again.
func clerkClicksTwice(t *testing.T, ctx context.Context, h *hall) {
	h.slot.Inject(cardsim.OnINS(updateBinary), cardsim.Late(500*time.Millisecond))
	act(t, ctx, chromedp.Navigate(h.url), chromedp.SendKeys(chromedp.CSS("#amount"), "200"), chromedp.DoubleClick(chromedp.CSS("#topup")))
	reads(t, ctx, loaded, "充值成功")
	h.sold(vending.Loaded)
}

// The card is pulled while it is written, and brought back.
func clerkResumes(t *testing.T, ctx context.Context, h *hall) {
	h.slot.Inject(cardsim.OnINS(updateBinary), cardsim.PullAfter())
	act(t, ctx, chromedp.Navigate(h.url), chromedp.SendKeys(chromedp.CSS("#amount"), "200"), chromedp.Click(chromedp.CSS("#topup")))
	reads(t, ctx, pending, "未能证实是否写入:200.00 元")
	h.sold(vending.Pending)
	act(t, ctx, chromedp.Click(chromedp.CSS("#next")))
	until(t, ctx, `document.body.innerText.includes("请将卡放入读卡器")`)

	h.slot.Insert(h.chip)
	act(t, ctx, chromedp.Navigate(h.url))
	reads(t, ctx, ".doubt", "200.00 元")
	if ask(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("#amount, #topup").length`)) != 0 {
		t.Error("the page sells on a card that is in doubt")
	}
	act(t, ctx, chromedp.Click(chromedp.CSS("#resume")))
	reads(t, ctx, loaded, "充值成功:200.00 元")
	h.sold(vending.Loaded)
	act(t, ctx, chromedp.Click(chromedp.CSS("#next")))
	reads(t, ctx, "#card", "76.040 m³")
}

func clerkMistypes(t *testing.T, ctx context.Context, h *hall) {
	image := h.chip.Image()
	act(t, ctx, chromedp.Navigate(h.url), chromedp.SendKeys(chromedp.CSS("#amount"), "200.005"), chromedp.Click(chromedp.CSS("#topup")))
	reads(t, ctx, "#error", "金额“200.005”无效")
	h.sold()
	if string(h.chip.Image()) != string(image) {
		t.Error("the card was written")
	}
	act(t, ctx, chromedp.SendKeys(chromedp.CSS("#amount"), "200"), chromedp.Click(chromedp.CSS("#topup")))
	reads(t, ctx, loaded, "充值成功")
	h.sold(vending.Loaded)
}

// The card is changed while the clerk types.
func clerkHasAnotherCard(t *testing.T, ctx context.Context, h *hall) {
	act(t, ctx, chromedp.Navigate(h.url), chromedp.SendKeys(chromedp.CSS("#amount"), "200"))
	blank := cardsim.NewBlank([8]byte{8})
	image := blank.Image()
	h.slot.Insert(blank)
	act(t, ctx, chromedp.Click(chromedp.CSS("#topup")))
	reads(t, ctx, "#error", "空白卡")
	h.sold()
	if string(blank.Image()) != string(image) {
		t.Error("the other card was written")
	}
}

// The clerk closes the empty shift, opens the next, is paid by mobile and in cash, counts wrong, then right, and without a shift sells nothing.
func clerkChangesShifts(t *testing.T, ctx context.Context, h *hall) {
	act(t, ctx, chromedp.Navigate(h.url), chromedp.Click(chromedp.CSS("#closing summary")), chromedp.Click(chromedp.CSS("#close")))
	reads(t, ctx, "#closed", "班次 1-1 已结班")
	act(t, ctx, chromedp.Click(chromedp.CSS("#next")))
	reads(t, ctx, "#opening", "开班后方可收款")
	if ask(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("#amount, #topup").length`)) != 0 {
		t.Error("the page sells without a shift")
	}
	act(t, ctx, chromedp.SendKeys(chromedp.CSS("#float"), "0"), chromedp.Click(chromedp.CSS("#open")))
	reads(t, ctx, "#closing summary", "班次 1-2 · clerk")

	until(t, ctx, `document.querySelector("#pay").value = "mobile", true`)
	act(t, ctx, chromedp.SendKeys(chromedp.CSS("#bank"), "wechat"), chromedp.SendKeys(chromedp.CSS("#reference"), "4200001234"),
		chromedp.SendKeys(chromedp.CSS("#amount"), "200\r"))
	reads(t, ctx, loaded, "充值成功")
	act(t, ctx, chromedp.Click(chromedp.CSS("#next")), chromedp.SendKeys(chromedp.CSS("#amount"), "200\r"))
	reads(t, ctx, loaded, "充值成功")
	h.sold(vending.Loaded, vending.Loaded)

	act(t, ctx, chromedp.Click(chromedp.CSS("#next")), chromedp.Click(chromedp.CSS("#closing summary")),
		chromedp.SendKeys(chromedp.CSS("#n10000"), "1"), chromedp.Click(chromedp.CSS("#close")))
	reads(t, ctx, "#error", "原因")
	reads(t, ctx, ".doubt", "正在点钞")
	until(t, ctx, `document.querySelector("#n10000").value == "1"`) // what was counted is still there
	until(t, ctx, `document.querySelector("#n10000").value = "", true`)
	act(t, ctx, chromedp.SendKeys(chromedp.CSS("#n10000"), "2"), chromedp.SendKeys(chromedp.CSS("#deposit"), "200"), chromedp.Click(chromedp.CSS("#close")))
	reads(t, ctx, "#closed", "班次 1-2 已结班")
	reads(t, ctx, "#difference", "0.00")
	s, err := h.store.Shift(t.Context(), "1-2")
	if err != nil || s.State != vending.ShiftClosed || s.Counts != 2 || s.BankFen != 20000 || s.Expected != 20000 {
		t.Errorf("%+v, %v", s, err)
	}
	h.sold(vending.Loaded, vending.Loaded)
}
