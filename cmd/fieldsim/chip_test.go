package main

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestRunMemoryCards runs the field with cards on memory chips: one with a code and no seals, one that does not say what it
// is, one that comes with the utility's codes. A card is issued, sold to, taken to the meter, and there again the next time.
func TestRunMemoryCards(t *testing.T) {
	t.Parallel()
	for _, chip := range []string{"sle4442", "at24c16", "at88sc102"} {
		t.Run(chip, func(t *testing.T) {
			dir := openDir(t, os.Geteuid())
			r := startRun(t, dir, "--chip", chip)
			form := r.page.form()
			form.Set("amount", "100.00")
			if got := r.page.body(http.PostForm(r.page.url+"topup", form)); !strings.Contains(got, `data-state="loaded"`) {
				t.Fatalf("top-up on the page: %s", got)
			}
			if out, code := in(t, dir, "card", "to-meter"); code != exitOK || !strings.Contains(out, "loaded          38.020 m³") {
				t.Errorf("to the meter: exit %d, %s", code, out)
			}
			if code := r.end(t, syscall.SIGINT); code != exitOK {
				t.Fatalf("Ctrl-C: exit %d, %s", code, r.errs)
			}
			if out, code := in(t, dir, "run"); code != exitUsage || !strings.Contains(out, "are "+chip+": name another directory") {
				t.Errorf("with other cards: exit %d, %s", code, out)
			}
			r = startRun(t, dir, "--chip", chip)
			if got := must[read](t, gateIn(t, dir), "card", "read"); got.Total != 38_020 || got.Count != 1 {
				t.Errorf("the next time the card holds %+v", got)
			}
			must[[]any](t, gateIn(t, dir), "reconcile")
			r.end(t, syscall.SIGINT)
		})
	}
}

func TestChips(t *testing.T) {
	t.Parallel()
	for chip, want := range map[string]string{"fmcos": "vg1", "sle4442": "vg2", "sle4428": "vg1", "at24c512": "vg1", "at88sc102": "vg2",
		"at88sc1608": "vg1", "mifare-classic-1k": "vg1"} {
		if l, err := (siteOptions{chip: chip}).layout(); err != nil || l.Name() != want {
			t.Errorf("%s: %v", chip, err)
		}
	}
	var usage usageError
	if _, err := (siteOptions{chip: "at24c01"}).layout(); !errors.As(err, &usage) || !strings.Contains(err.Error(), "at24c04") {
		t.Errorf("a chip on which nothing is issued: %v", err)
	}
}
