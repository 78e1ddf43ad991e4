//go:build linux

package cluster

import (
	"fmt"
	"os"
	"strings"
)

// LockService makes the calling process the one service of the data directory until unlock or its end. It fails with
// ErrServing, naming the other's pid, when there is one, and with ErrBadDir as Open does. The caller must keep unlock and
// call it: an unlock that nobody holds is collected as garbage, and the lock with it.
func LockService(dir string) (unlock func(), err error) {
	h, err := enter(dir)
	if err != nil {
		return nil, err
	}
	f, err := h.tryLock(serveLock, exclusive)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, fmt.Errorf("%w: another vendgate serves this data directory, pid %s", ErrServing, h.servicePID())
	}
	if err := writePID(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

// servicePID is what the holder of the lock wrote, for a person to read.
func (h home) servicePID() string {
	b, err := os.ReadFile(h.path(serveLock))
	if pid := strings.TrimSpace(string(b)); err == nil && pid != "" {
		return pid
	}
	return "not known yet"
}
