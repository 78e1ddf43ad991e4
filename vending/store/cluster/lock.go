//go:build linux

package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Names of the lock files in the home; see the package comment.
const (
	serveLock  = "serve.lock"
	usersLock  = "users.lock"
	startLock  = "start.lock"
	reaperLock = "reaper.lock"
	serverLock = "server.lock"
)

const (
	shared    = syscall.LOCK_SH
	exclusive = syscall.LOCK_EX
)

// pollEvery is how often a wait looks again. Waits are for other processes, which cannot signal us.
const pollEvery = 10 * time.Millisecond

// openLock opens a lock file, creating it. The lock belongs to what is opened here, not to the path: every call may hold
// its own, also within one process, and a child that inherits the file holds it too.
func openLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
}

// tryFlock reports whether f now holds the lock.
func tryFlock(f *os.File, how int) (bool, error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err {
		case nil:
			return true, nil
		case syscall.EWOULDBLOCK:
			return false, nil
		case syscall.EINTR:
		default:
			return false, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
	}
}

// tryLock opens and locks at once. It returns nil without error when another holds the lock.
func (h home) tryLock(name string, how int) (*os.File, error) {
	f, err := openLock(h.path(name))
	if err != nil {
		return nil, err
	}
	got, err := tryFlock(f, how)
	if err != nil || !got {
		f.Close()
		return nil, err
	}
	return f, nil
}

// lock waits for the lock until ctx ends. Closing the file gives it back.
func (h home) lock(ctx context.Context, name string, how int) (*os.File, error) {
	var f *os.File
	err := poll(ctx, func() (bool, error) {
		var err error
		f, err = h.tryLock(name, how)
		return f != nil, err
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for %s in %s: %w", name, filepath.Dir(h.path(name)), err)
	}
	return f, nil
}

// poll calls done until it reports true or an error, or ctx ends.
func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
