//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/executable"
)

func put(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(content), 0o644))
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) == ".lock" {
			return err
		}
		info, err := d.Info()
		all = append(all, fmt.Sprint(path, info.Mode(), info.ModTime()))
		return err
	}))
	return strings.Join(all, "\n")
}

// Whatever is not ours is refused with a reason and left as it was.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(t *testing.T, dir string)
		want error
		says string
	}{
		"another cluster":  {func(t *testing.T, dir string) { put(t, dir+"/PG_VERSION", "15\n") }, ErrBadDir, "cluster itself"},
		"another's folder": {func(t *testing.T, dir string) { put(t, dir+"/postgres/holiday.jpg", "x") }, ErrBadDir, "holiday.jpg"},
		"another's data": {func(t *testing.T, dir string) { put(t, dir+"/postgres/data/PG_VERSION", "15\n") }, ErrBadDir,
			"not made by vendgate"},
		"a file":    {func(t *testing.T, dir string) { put(t, dir+"/postgres", "x") }, ErrBadDir, "not a directory"},
		"data lost": {func(t *testing.T, dir string) { put(t, dir+"/postgres/INITIALISED", "") }, ErrBadDir, "is gone"},
		"another version": {func(t *testing.T, dir string) {
			put(t, dir+"/postgres/data/VENDGATE", "")
			put(t, dir+"/postgres/data/PG_VERSION", "9\n")
		}, ErrVersion, "PostgreSQL 9"},
		"damaged version": {func(t *testing.T, dir string) {
			put(t, dir+"/postgres/data/VENDGATE", "")
			put(t, dir+"/postgres/data/PG_VERSION", "")
		}, ErrBadDir, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			c.make(t, dir)
			if exists(filepath.Join(dir, "postgres")) {
				// what an interrupted start may have left does not count as a change
				for _, made := range []string{logName, runName} {
					os.Mkdir(filepath.Join(dir, "postgres", made), 0o700)
				}
			}
			_, err := Open(patience(t), dir, slog.New(slog.DiscardHandler))
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %v saying %q", err, c.want, c.says)
			}
		})
	}
}

func TestForeignFolderIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	put(t, dir+"/postgres/data/PG_VERSION", "15\n")
	put(t, dir+"/postgres/data/base/1/1259", "rows")
	before := tree(t, dir)
	if _, err := Open(patience(t), dir, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrBadDir) {
		t.Fatal(err)
	}
	if _, err := LockService(dir); !errors.Is(err, ErrBadDir) {
		t.Fatal(err)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestNothingInstalled(t *testing.T) {
	t.Parallel()
	_, err := choose(nil, 0, "")
	if !errors.Is(err, ErrNoPostgres) || !strings.Contains(err.Error(), "apt-get install") {
		t.Error(err)
	}
	if found := installs(t.Context(), []string{t.TempDir() + "/*"}); len(found) > 1 {
		t.Errorf("found %v where nothing is", found)
	}
	newest := install{"/a", 17}
	got, err := choose([]install{newest, {"/b", 15}}, 15, "")
	if err != nil || got.bin != "/b" {
		t.Errorf("for data of 15 it chose %v (%v)", got, err)
	}
	if got, _ := choose([]install{newest, {"/b", 15}}, 0, ""); got != newest {
		t.Errorf("for new data it chose %v", got)
	}
}

func TestServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	must(t, c.StopImmediate(patience(t)))
	put(t, filepath.Join(c.home.data(), "local.conf"), "no_such_setting = 1\n")
	must(t, os.Chmod(filepath.Join(c.home.data(), "local.conf"), 0o644))
	if err := c.Start(patience(t)); err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Error(err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h, err := enter(dataDir(t))
	must(t, err)
	stopping, err := h.lock(t.Context(), startLock, exclusive)
	must(t, err)
	defer stopping.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Cluster{home: h}).Start(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), startLock) {
		t.Error(err)
	}
}

func TestOneService(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	other := startChild(t, dir, childSvc+"=1")
	other.ready(t)
	_, err := LockService(dir)
	if says := fmt.Sprintf("pid %d", other.cmd.Process.Pid); !errors.Is(err, ErrServing) || !strings.Contains(err.Error(), says) {
		t.Errorf("%v, want %s", err, says)
	}
	other.kill()
	unlock, err := LockService(dir)
	must(t, err)
	if _, err := LockService(dir); !errors.Is(err, ErrServing) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Error(err)
	}
	unlock()
	again, err := LockService(dir)
	must(t, err)
	again()
}

// As root the server is another user's, who must be able to get there; as an ordinary user it is our own.
func TestDirectoryThatTheServersUserCannotEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		must(t, exec1(patience(t), open(t, dataDir(t)).DSN(), "select 1"))
		return
	}
	closed := filepath.Join(dataDir(t), "closed")
	must(t, os.Mkdir(closed, 0o700))
	_, err := Open(patience(t), filepath.Join(closed, "in", "it"), slog.New(slog.DiscardHandler))
	if !errors.Is(err, ErrUnreachableDir) || !strings.Contains(err.Error(), closed+";") {
		t.Error(err)
	}
	theirs := dataDir(t)
	must(t, os.Mkdir(theirs+"/postgres", 0o700))
	must(t, os.Chown(theirs+"/postgres", 65534, 65534))
	if _, err := Open(patience(t), theirs, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrBadDir) ||
		!strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
}

// All of this once more as an ordinary user, if we are root.
func TestAsOrdinaryUser(t *testing.T) {
	t.Parallel()
	const some = "TestFresh|TestServerLives|TestUserKilled|TestServerKilled|TestStalePID|TestOneService|TestDirectory"
	if os.Geteuid() != 0 {
		return // everything here runs so
	}
	dir := dataDir(t)
	must(t, os.Chmod(dir, 0o1777))
	binary := filepath.Join(dir, "cluster.test")
	executable.CopySelf(t, binary)
	cmd := exec.CommandContext(patience(t), "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
		binary, "-test.v", "-test.run="+some)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, "HOME=/nonexistent"}
	out, err := cmd.CombinedOutput()
	if n := strings.Count(string(out), "--- PASS: Test"); err != nil || n != len(strings.Split(some, "|")) {
		t.Errorf("%v, %d passed:\n%s", err, n, out)
	}
}
