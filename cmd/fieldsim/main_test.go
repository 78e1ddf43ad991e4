package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bin holds vendgate and fieldsim, built once, where anybody may run them.
var bin = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "fieldsim-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return dir, err
	}
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", dir, "../vendgate", ".").CombinedOutput()
	if err != nil {
		return dir, fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := bin(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func binary(t *testing.T, name string) string {
	t.Helper()
	dir, err := bin()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// openDir is a directory that PostgreSQL's user can pass through, as t.TempDir
// is not, and that uid owns.
func openDir(t *testing.T, uid int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fs-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, -1); err != nil {
		t.Fatal(err)
	}
	return dir
}

// patience bounds a test's wait for anything. It is longer than demoTime, so that a demo that hangs says so itself.
func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), demoTime+time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// await tries until it is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, tick := patience(t), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

// program is a fieldsim that runs.
type program struct {
	cmd   *exec.Cmd
	lines chan string // of its standard output
	errs  *lastWords
}

func launch(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(binary(t, "fieldsim"), args...), lines: make(chan string, 1000), errs: &lastWords{}}
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), env...), p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	return p
}

// line waits for a line of output that has what in it.
func (p *program) line(t *testing.T, what string) string {
	t.Helper()
	timeout := patience(t)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				t.Fatalf("fieldsim ended before it said %q: %s", what, p.errs)
			}
			if strings.Contains(line, what) {
				return line
			}
		case <-timeout.Done():
			t.Fatalf("fieldsim does not say %q: %s", what, p.errs)
		}
	}
}

// end sends a signal and returns the exit code (-1 after SIGKILL).
func (p *program) end(t *testing.T, s syscall.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	for range p.lines { // to its end, so that nothing is lost
	}
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// nothingLeft waits until no process names dir, after whoever would stop them was killed.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	await(t, "the end of all processes of "+dir, func() bool { return len(naming(dir)) == 0 })
}

// in runs fieldsim in dir's field to its end.
func in(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(patience(t), binary(t, "fieldsim"), append([]string{"--dir", dir}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out) + errs.String(), cmd.ProcessState.ExitCode()
}
