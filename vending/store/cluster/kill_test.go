//go:build linux

package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/executable"
)

func TestUserKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	user := startChild(t, dir, childSQL+"=create table kept as select 7 as a")
	user.ready(t)
	user.kill()
	must(t, waitGone(patience(t), home(filepath.Join(dir, "postgres"))))
	if c := open(t, dir); ask(t, c.DSN(), "select a::text from kept") != "7" {
		t.Error("what was committed is gone")
	}
}

func TestServerKilled(t *testing.T) {
	t.Parallel()
	c := open(t, dataDir(t))
	must(t, exec1(patience(t), c.DSN(), "create table kept as select 7 as a"))
	c.killPostmaster(t)
	must(t, c.Start(patience(t)))
	if ask(t, c.DSN(), "select a::text from kept") != "7" {
		t.Error("what was committed is gone")
	}
	must(t, exec1(patience(t), c.DSN(), "insert into kept values (8)"))
	must(t, c.StopImmediate(patience(t)))
	if err := exec1(patience(t), c.DSN(), "select 1"); err == nil {
		t.Error("stopped, and answers")
	}
	must(t, c.Start(patience(t)))
	if ask(t, c.DSN(), "select sum(a)::text from kept") != "15" {
		t.Error("what was committed is gone")
	}
}

func TestServerAndUserKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	user := startChild(t, dir, childSQL+"=create table kept as select 7 as a")
	user.ready(t)
	c := &Cluster{home: home(filepath.Join(dir, "postgres"))}
	c.killPostmaster(t)
	user.kill()
	if c := open(t, dir); ask(t, c.DSN(), "select a::text from kept") != "7" {
		t.Error("what was committed is gone")
	}
}

// After a reboot the number in postmaster.pid may be any process of the same user. PostgreSQL itself would not start.
func TestStalePIDIsAnotherProcess(t *testing.T) {
	t.Parallel()
	c := open(t, dataDir(t))
	other := c.as.command(t.Context(), "/", "/bin/sh", "-c", "read wait")
	in, err := other.StdinPipe()
	must(t, err)
	must(t, other.Start())
	defer other.Wait()
	defer in.Close()
	must(t, c.StopImmediate(patience(t)))
	pid := strconv.Itoa(other.Process.Pid) + "\n"
	must(t, os.WriteFile(filepath.Join(c.home.data(), "postmaster.pid"), []byte(pid), 0o600))
	must(t, os.WriteFile(socketFile(c.socket)+".lock", []byte(pid), 0o600))
	must(t, c.Start(patience(t)))
	must(t, exec1(patience(t), c.DSN(), "select 1"))
}

// Somebody repairs the cluster with a server of his own: it is used, and left to him.
func TestServerStartedByHand(t *testing.T) {
	t.Parallel()
	c := open(t, dataDir(t))
	must(t, c.StopImmediate(patience(t)))
	byHand := func(args ...string) {
		args = append(args, "-D", c.home.data(), "-w", "-s", "-l", filepath.Join(c.home.path(logName), "hand.log"))
		must(t, c.as.command(patience(t), "/", c.bin.path("pg_ctl"), args...).Run())
	}
	byHand("start", "-o", "-k "+c.socket)
	defer byHand("stop", "-m", "fast")
	pid := c.home.postmaster()
	must(t, c.Start(patience(t)))
	must(t, exec1(patience(t), c.DSN(), "select 1"))
	must(t, c.Close())
	must(t, poll(patience(t), func() (bool, error) { return len(c.home.reapers(t)) == 0, nil }))
	if now := c.home.postmaster(); now != pid || pid == 0 {
		t.Errorf("postmaster %d became %d", pid, now)
	}
}

func TestKeepMendsServerAndReaper(t *testing.T) {
	t.Parallel()
	c := open(t, dataDir(t))
	kept := make(chan error)
	ctx := patience(t)
	stop, cancel := context.WithCancel(ctx)
	go func() { kept <- c.Keep(stop) }()
	c.killPostmaster(t)
	must(t, poll(ctx, func() (bool, error) { return exec1(ctx, c.DSN(), "select 1") == nil, nil }))
	c.killReapers(t)
	must(t, poll(ctx, func() (bool, error) { return len(c.home.reapers(t)) == 1, nil }))
	cancel()
	if err := <-kept; err != stop.Err() {
		t.Error(err)
	}
}

func TestReaperKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	c.killReapers(t)
	must(t, c.Close())
	if held, err := c.home.held(serverLock); err != nil || !held {
		t.Fatalf("nobody was there to stop it, yet it stopped (%v)", err)
	}
	must(t, open(t, dir).Close())
	must(t, waitGone(patience(t), c.home))
}

// Killed at any moment of its first start, with or without the server, it leaves what the next one can use.
func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	h := home(filepath.Join(dir, "postgres"))
	for i := range 8 {
		user := startChild(t, dir)
		timer := time.NewTimer(time.Duration(rnd.IntN(150*(i+1))) * time.Millisecond)
		<-timer.C
		user.kill()
		if pid := h.postmaster(); pid != 0 && i%2 == 1 {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	c := open(t, dir)
	must(t, exec1(patience(t), c.DSN(), "create table t (a int)"))
	if left, _ := filepath.Glob(c.home.path(initPrefix + "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The moment between the server's birth and its postmaster.pid: the reaper has nothing to stop yet, and must not give up.
func TestReaperOutwaitsAStartingServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	tries := c.countStops(t)
	must(t, c.StopImmediate(patience(t)))
	starting, err := c.home.tryLock(serverLock, exclusive) // a server that has come no further than its lock
	must(t, err)
	must(t, c.Close())
	must(t, poll(patience(t), func() (bool, error) { return tries() > 2, nil }))
	for name, want := range map[string]bool{usersLock: true, reaperLock: false} {
		if held, err := c.home.held(name); held != want || err != nil {
			t.Errorf("while it stops, %s is held: %v (%v)", name, held, err)
		}
	}
	ended, err := c.launch(starting) // and now it comes
	must(t, err)
	must(t, starting.Close())
	<-ended
	must(t, waitGone(patience(t), c.home))
}

// countStops has the reaper's pg_ctl say when it is called.
func (c *Cluster) countStops(t *testing.T) (tries func() int) {
	t.Helper()
	c.killReapers(t)
	bin := dataDir(t)
	must(t, os.Chmod(bin, 0o777))
	log := filepath.Join(bin, "log")
	script := fmt.Sprintf("#!/bin/sh\necho >>%s\nexec %s \"$@\"\n", log, c.bin.path("pg_ctl"))
	executable.Write(t, filepath.Join(bin, "pg_ctl"), script)
	must(t, os.Symlink(c.bin.path("postgres"), filepath.Join(bin, "postgres")))
	c.bin.bin = bin
	must(t, c.Start(patience(t)))
	return func() int {
		b, _ := os.ReadFile(log) // not there before the first
		return len(b)
	}
}
