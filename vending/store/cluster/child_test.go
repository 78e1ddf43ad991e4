//go:build linux

package cluster

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A child is this test binary again, as one user of a data directory, to be killed or to race.
const (
	childDir = "VENDGATE_CLUSTER_TEST_DIR" // set: be a child that uses this directory
	childSQL = "VENDGATE_CLUSTER_TEST_SQL" // what it commits before it says "ready"
	childSvc = "VENDGATE_CLUSTER_TEST_SVC" // set: lock the service instead
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := beChild(dir); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beChild uses the directory until its standard input ends.
func beChild(dir string) error {
	if os.Getenv(childSvc) != "" {
		unlock, err := LockService(dir)
		if err != nil {
			return err
		}
		defer unlock()
		return sayAndWait("service")
	}
	c, err := Open(context.Background(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer c.Close()
	if sql := os.Getenv(childSQL); sql != "" {
		if err := exec1(context.Background(), c.DSN(), sql); err != nil {
			return err
		}
	}
	return sayAndWait(c.DSN())
}

func sayAndWait(what string) error {
	fmt.Println("ready", what)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Reader
}

func startChild(t *testing.T, dir string, env ...string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &child{cmd, in, bufio.NewReader(out)}
	t.Cleanup(c.kill)
	return c
}

// ready waits for the child's word and returns what it says of itself.
func (c *child) ready(t *testing.T) string {
	t.Helper()
	line, err := c.lines.ReadString('\n')
	what, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		t.Fatalf("child said %q (%v)", line, err)
	}
	return what
}

// kill is SIGKILL; it may have ended already.
func (c *child) kill() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// end lets the child close what it uses.
func (c *child) end(t *testing.T) {
	t.Helper()
	must(t, c.in.Close())
	must(t, c.cmd.Wait())
}
