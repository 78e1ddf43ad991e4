package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// home is where vendgate's own PostgreSQL lives, as its processes are told: links
// in the path are resolved.
func (g gate) home() string {
	dir := g.dataDir
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Join(dir, "postgres")
}

// goneTime is more than a PostgreSQL with nothing to do takes to stop.
const goneTime = 30 * time.Second

// gone waits until no process names that path in its command line.
func gone(path string) error {
	deadline := time.Now().Add(goneTime)
	for {
		left := naming(path)
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("processes %v still use %s", left, path)
		}
		time.Sleep(10 * time.Millisecond) // they are nobody's children: no signal tells when they end
	}
}

// naming lists the processes whose command line names a path.
func naming(path string) (pids []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		line, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err == nil && bytes.Contains(line, []byte(path)) {
			pids = append(pids, pid)
		}
	}
	return pids
}
