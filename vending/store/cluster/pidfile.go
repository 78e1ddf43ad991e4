//go:build linux

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// pidLines are the lines of postmaster.pid, nil if there is none: the pid first, the state eighth ("ready" and the like).
func (h home) pidLines() []string {
	b, err := os.ReadFile(filepath.Join(h.data(), "postmaster.pid"))
	if err != nil {
		return nil
	}
	return strings.Split(string(b), "\n")
}

// postmaster is the pid in postmaster.pid if that process really works in our data directory, else 0: after a crash the
// number may belong to any process, or to a zombie.
func (h home) postmaster() int {
	lines := h.pidLines()
	if len(lines) == 0 {
		return 0
	}
	pid, err := strconv.Atoi(lines[0])
	if err != nil || pid <= 1 {
		return 0
	}
	cwd, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid)) // a postmaster's is its data directory
	if err != nil {
		return 0
	}
	data, err := os.Stat(h.data())
	if err != nil || !os.SameFile(cwd, data) {
		return 0
	}
	return pid
}

// saysReady: the server says of itself that it accepts connections.
func (h home) saysReady() bool {
	lines := h.pidLines()
	return len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"
}

// sweepStale removes the traces of a server that was killed. PostgreSQL would refuse to start if their pid belongs to
// another process by now. The caller holds server.lock and knows that no postmaster works here.
func (c *Cluster) sweepStale() {
	for _, path := range []string{
		filepath.Join(c.home.data(), "postmaster.pid"), socketFile(c.socket), socketFile(c.socket) + ".lock",
	} {
		if err := os.Remove(path); err == nil {
			c.log.Warn("the PostgreSQL server had been killed; it recovers now", "removed", path)
		}
	}
}
