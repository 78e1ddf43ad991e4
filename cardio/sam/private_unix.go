//go:build unix

package sam

import (
	"errors"
	"fmt"
	"os"
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
