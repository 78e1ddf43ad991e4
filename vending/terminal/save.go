package terminal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// save writes a file that nobody else may read, whole or not at all. put brings it to
// its name: os.Rename in the place of what is there, os.Link only where nothing is.
func save(path string, b []byte, put func(from, to string) error) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".draft-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) // of a name that it no longer has, where it was renamed
	if _, err := draft.Write(b); err != nil {
		return errors.Join(err, draft.Close())
	}
	if err := errors.Join(draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := put(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
