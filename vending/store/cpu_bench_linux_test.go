package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spent is what was computed: by this process, and by PostgreSQL with whoever this
// process has started. It does not depend on what else the machine does.
type spent struct{ ours, theirs time.Duration }

func (s spent) since(before spent) spent {
	return spent{s.ours - before.ours, s.theirs - before.theirs}
}

// each is what one of n took.
func (s spent) each(n float64) string {
	ms := func(d time.Duration) float64 { return 1000 * d.Seconds() / n }
	return fmt.Sprintf("%.2f ms of computing, %.2f of it in Go", ms(s.ours+s.theirs), ms(s.ours))
}

func (d *database) spent(b *testing.B) (s spent) {
	var self, children syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		b.Fatal(err)
	}
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children); err != nil {
		b.Fatal(err)
	}
	used := func(r syscall.Rusage) time.Duration { return time.Duration(r.Utime.Nano() + r.Stime.Nano()) }
	var backend int
	if err := d.sql.QueryRow(b.Context(), `select pg_backend_pid()`).Scan(&backend); err != nil {
		b.Fatal(err)
	}
	return spent{used(self), used(children) + server(b, backend)}
}

// server is what a backend's postmaster and all its children have computed, those that
// have ended too.
func server(b *testing.B, backend int) time.Duration {
	const parent, user, system, endedUser, endedSystem = 1, 11, 12, 13, 14 // fields of proc(5), from the state on
	fields := func(stat []byte) []string {
		return strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", backend))
	if err != nil {
		b.Fatal(err)
	}
	postmaster := fields(stat)[parent]
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	ticks := 0
	count := func(of []string, which ...int) {
		for _, field := range which {
			n, _ := strconv.Atoi(of[field])
			ticks += n
		}
	}
	for _, path := range all {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		switch f := fields(stat); {
		case f[parent] == postmaster:
			count(f, user, system)
		case filepath.Base(filepath.Dir(path)) == postmaster:
			count(f, user, system, endedUser, endedSystem)
		}
	}
	const hertz = 100 // USER_HZ, of what proc shows
	return time.Duration(ticks) * time.Second / hertz
}
