package main

import (
	"os/exec"
	"slices"
	"testing"
	"time"
)

// gone waits for a process that names the path, and for no other.
func TestGone(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/postgres"
	cmd := exec.Command("/bin/sh", "-c", "read wait", "sh", "-D", path+"/data")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the process to be seen", func() bool { return slices.Contains(naming(path), cmd.Process.Pid) })
	returned := make(chan error, 1)
	go func() { returned <- gone(path) }()
	select {
	case err := <-returned:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := gone(path + "ql"); err != nil {
		t.Error(err)
	}
	_ = in.Close()
	_ = cmd.Wait()
	select {
	case err := <-returned:
		if err != nil {
			t.Error(err)
		}
	case <-patience(t).Done():
		t.Error("it waits for a process that has ended")
	}
}
