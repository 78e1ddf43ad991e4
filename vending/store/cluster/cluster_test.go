//go:build linux

package cluster

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestFreshServerIsDurableAndPrivate(t *testing.T) {
	t.Parallel()
	c := open(t, dataDir(t))
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"listen_addresses": "", "unix_socket_permissions": "0700", "TimeZone": "UTC", "server_encoding": "UTF8",
		"max_connections": "50", "is_superuser": "off",
	} {
		if got := ask(t, c.DSN(), "select current_setting('"+setting+"')"); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	if got := ask(t, c.DSN(), "select current_user || '@' || current_database()"); got != "vendgate@vendgate" {
		t.Errorf("connected as %s", got)
	}
	must(t, exec1(patience(t), c.DSN(), "create schema s; create table s.t (a int)"))
	info, err := os.Stat(c.socket)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("socket directory is %v", info.Mode())
	}
}

// A setting in a file of the operator's counts, but not against durability.
func TestOperatorsSettings(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	must(t, c.as.write(t.Context(), filepath.Join(c.home.data(), "local.conf"),
		[]byte("work_mem = 7MB\nfsync = off\nlisten_addresses = '*'\n")))
	must(t, exec1(patience(t), c.SuperuserDSN(), "alter system set full_page_writes = off"))
	must(t, c.StopImmediate(patience(t)))
	must(t, c.Start(patience(t)))
	for setting, want := range map[string]string{
		"work_mem": "7MB", "fsync": "on", "full_page_writes": "on", "listen_addresses": "",
	} {
		if got := ask(t, c.DSN(), "select current_setting('"+setting+"')"); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
}

func TestServerLivesAsLongAsItsUsers(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := open(t, dir)
	must(t, exec1(patience(t), first.DSN(), "create table kept as select 7 as a"))
	second := startChild(t, dir)
	second.ready(t)
	pid := first.home.postmaster()
	must(t, first.Close())
	must(t, first.Close())
	third := open(t, dir)
	if now := third.home.postmaster(); now != pid {
		t.Fatalf("postmaster %d became %d while it was in use", pid, now)
	}
	if n := len(third.home.reapers(t)); n != 1 {
		t.Errorf("%d reapers", n)
	}
	must(t, third.Close())
	second.end(t)
	must(t, waitGone(patience(t), first.home))
	if again := open(t, dir); ask(t, again.DSN(), "select a::text from kept") != "7" {
		t.Error("what was committed is gone")
	}
}

// A user that comes while the reaper stops the server gets a server.
func TestComingWhileItStops(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for range 4 {
		c := open(t, dir)
		must(t, exec1(patience(t), c.DSN(), "select 1"))
		must(t, c.Close())
	}
}

func TestEightStartOneServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	var all []*child
	for range 8 {
		all = append(all, startChild(t, dir, childSQL+"=select 1"))
	}
	for _, c := range all {
		dsn := c.ready(t)
		if !strings.Contains(dsn, dir) {
			t.Errorf("one uses %s", dsn)
		}
	}
	last := open(t, dir)
	if n := len(last.home.reapers(t)); n != 1 {
		t.Errorf("%d reapers", n)
	}
	for _, c := range all {
		c.end(t)
	}
	must(t, exec1(patience(t), last.DSN(), "select 1"))
}

func TestLongPathHasItsSocketElsewhere(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{"long": strings.Repeat("d", 90), "comma and space": "a, b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(dataDir(t), part)
			t.Cleanup(func() { waitGone(context.Background(), home(filepath.Join(dir, "postgres"))) })
			first, second := open(t, dir), open(t, dir)
			if first.DSN() != second.DSN() {
				t.Errorf("%s and %s", first.DSN(), second.DSN())
			}
			cfg, err := pgconn.ParseConfig(first.DSN())
			must(t, err)
			if cfg.Host != first.socket || !socketFits(cfg.Host) {
				t.Errorf("socket in %q", cfg.Host)
			}
			must(t, first.Close())
			must(t, second.Close())
			must(t, poll(patience(t), func() (bool, error) { return !exists(first.socket), nil }))
			must(t, exec1(patience(t), open(t, dir).DSN(), "select 1"))
		})
	}
}
