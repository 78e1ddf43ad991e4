package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/secrets"
)

// holders are at a terminal, and what is to be seen on it.
type holders struct {
	t      *testing.T
	screen *os.File
	shown  bytes.Buffer
}

// waitFor reads the screen until it shows a text.
func (h *holders) waitFor(text string) {
	h.t.Helper()
	part := make([]byte, 256)
	for !strings.Contains(h.shown.String(), text) {
		n, err := h.screen.Read(part)
		h.shown.Write(part[:n])
		if err != nil {
			h.t.Fatalf("the screen never shows %q: %v: %s", text, err, &h.shown)
		}
	}
}

// types types a line once the terminal shows, or does not show, what is typed.
func (h *holders) types(line string, shown bool) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		settings, err := unix.IoctlGetTermios(int(h.screen.Fd()), unix.TCGETS)
		if err != nil {
			h.t.Fatal(err)
		}
		if (settings.Lflag&unix.ECHO != 0) == shown {
			break
		}
		select {
		case <-h.t.Context().Done():
			h.t.Fatal("the terminal's echo does not change")
		case <-tick.C:
		}
	}
	if _, err := h.screen.WriteString(line + "\n"); err != nil {
		h.t.Fatal(err)
	}
}

// TestCeremonyShowsNoComponent: two holders at a real terminal make a root, and the
// screen shows what they are asked, the check values, and nothing of a component.
func TestCeremonyShowsNoComponent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret, keys := filepath.Join(dir, "secret"), filepath.Join(dir, "keys.age")
	if err := os.WriteFile(secret, []byte("for a test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sam.NewFileStore(keys, "for a test", 1).Init(); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = []string{"vendgate", "keys", "import", "--for", "production", "--keys", keys, "--key-passphrase-file", secret, "--lang", "en"}
	screen, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	h, hidden := &holders{t: t, screen: screen}, secrets.Set{}
	for n := 1; n <= 2; n++ {
		k := sam.Component()
		digits, err := k.Digits()
		if err != nil {
			t.Fatal(err)
		}
		kcv, err := k.KCV()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := k.Expose()
		hidden.Keep(fmt.Sprintf("component %d", n), b[:])
		hidden.Keep(fmt.Sprintf("component %d, as typed", n), []byte(digits))
		h.waitFor(fmt.Sprintf("Holder %d of 2: type your key component", n))
		h.types(digits, false)
		h.waitFor(fmt.Sprintf("Holder %d: type its check value", n))
		h.types(kcv, true)
		h.waitFor(fmt.Sprintf("Holder %d: it fits.", n))
	}
	h.waitFor("production")
	h.waitFor("current")
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, &h.shown)
	}
	if found := hidden.In(h.shown.Bytes()); found != nil {
		t.Errorf("the screen shows %v", found)
	}
	if roots, err := sam.NewFileStore(keys, "for a test", 1).Roots(); err != nil || len(roots) != 1 || !strings.Contains(h.shown.String(), roots[0].KCV) {
		t.Errorf("roots %v, %v", roots, err)
	}
}
