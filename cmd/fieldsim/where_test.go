package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTooLongAPathIsRefusedAndNotMade(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("x", maxDir))
	a := &app{dir: dir, errs: &lastWords{}}
	if _, err := a.settle(t.Context()); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it was made")
	}
}

// Root's PostgreSQL runs as another user: a place that only root can enter is
// refused before anything is put there. To an ordinary user the same place is fine.
func TestPlaceThatOnlyWeCanEnter(t *testing.T) {
	t.Parallel()
	private := openDir(t, os.Geteuid())
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(private, "run")
	err := prepare(t.Context(), dir)
	if root := os.Geteuid() == 0; root != (err != nil) {
		t.Errorf("root %v: %v", root, err)
	}
	if _, stat := os.Stat(dir); (stat == nil) != (err == nil) {
		t.Errorf("made: %v, refused: %v", stat == nil, err)
	}
	if err := os.Chmod(private, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := prepare(t.Context(), dir); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a probe stays: %v, %v", left, err)
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"/run/a-b_c.d": "/run/a-b_c.d", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "张三": "'张三'",
	} {
		if got := quoted(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
