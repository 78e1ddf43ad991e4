//go:build linux

package cluster

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// patience bounds every wait for a condition; nothing takes nearly that long.
func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// dataDir is a directory that the OS user postgres can enter too (t.TempDir is 0700 of its owner). It is removed when
// nothing of its server lives.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vgc-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := waitGone(ctx, home(filepath.Join(dir, "postgres"))); err != nil {
			t.Errorf("a server was leaked: %v", err)
		}
		os.RemoveAll(dir)
	})
	return dir
}

func waitGone(ctx context.Context, h home) error {
	if !exists(h.path(serverLock)) {
		return nil
	}
	return poll(ctx, func() (bool, error) {
		held, err := h.held(serverLock)
		return !held && h.postmaster() == 0, err
	})
}

func open(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Open(patience(t), dir, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func exec1(ctx context.Context, dsn, sql string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func ask(t *testing.T, dsn, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(patience(t), dsn)
	must(t, err)
	defer conn.Close(patience(t))
	var answer string
	must(t, conn.QueryRow(patience(t), sql).Scan(&answer))
	return answer
}

func (c *Cluster) killPostmaster(t *testing.T) {
	t.Helper()
	pid := c.home.postmaster()
	if pid == 0 {
		t.Fatal("no postmaster to kill")
	}
	must(t, syscall.Kill(pid, syscall.SIGKILL))
}

// reapers are the pids of the reapers of a home.
func (h home) reapers(t *testing.T) (pids []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, f := range files {
		b, _ := os.ReadFile(f) // it may have ended
		if s := string(b); strings.Contains(s, "vendgate-reaper\x00") && strings.Contains(s, h.data()+"\x00") {
			pids = append(pids, filepath.Base(filepath.Dir(f)))
		}
	}
	return pids
}

// killReapers returns when none holds its lock any more.
func (c *Cluster) killReapers(t *testing.T) {
	t.Helper()
	for _, pid := range c.home.reapers(t) {
		n, err := strconv.Atoi(pid)
		must(t, err)
		must(t, syscall.Kill(n, syscall.SIGKILL))
	}
	must(t, poll(patience(t), func() (bool, error) { return len(c.home.reapers(t)) == 0, nil }))
}
