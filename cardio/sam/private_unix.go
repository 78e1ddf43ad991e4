//go:build unix

package sam

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// private refuses a key file that anyone but its owner can touch.
func private(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return ErrReadable
	}
	return nil
}

// syncDir makes a new name in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// lockDir keeps others from changing a file in dir until unlock: ErrBusy.
func lockDir(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(ErrBusy, d.Close())
	}
	return func() { _ = d.Close() }, nil // closing unlocks
}
