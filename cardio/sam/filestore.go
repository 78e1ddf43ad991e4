package sam

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// FileStore is the key file at a path, to be made and changed. Every change is a
// new file in the place of the old one, in one step. Who changes it holds a lock;
// ErrBusy tells the other one.
type FileStore struct {
	path       string
	passphrase func() string // a closure, so that nothing prints it
	workFactor int
}

// ErrBusy is what the second of two who change a key file at once is told.
var ErrBusy = errors.New("somebody else is changing the key file")

// NewFileStore names a key file. workFactor is age's scrypt work factor; 0 takes
// DefaultWorkFactor.
func NewFileStore(path, passphrase string, workFactor int) *FileStore {
	return &FileStore{path, func() string { return passphrase }, workFactor}
}

// Init makes an empty key file that only its owner can read. It never overwrites: fs.ErrExist.
func (s *FileStore) Init() error {
	f, err := newFile(memory{})
	if err != nil {
		return err
	}
	return s.create(f)
}

// Roots lists what the file holds.
func (s *FileStore) Roots() ([]Root, error) {
	f, err := LoadFile(s.path, s.passphrase())
	if err != nil {
		return nil, err
	}
	return f.Roots()
}

// Add puts a root into the file: key, or a random one where key is nil. The older ones
// stay: cards issued under them are still read and written.
func (s *FileStore) Add(version uint8, key *Key) error {
	return s.change(func(f *File) (*File, error) { return f.Add(version, key) })
}

// Retire takes a root out of the file, for good.
func (s *FileStore) Retire(version uint8) error {
	return s.change(func(f *File) (*File, error) { return f.Retire(version) })
}

func (s *FileStore) change(do func(*File) (*File, error)) error {
	unlock, err := lockDir(filepath.Dir(s.path))
	if err != nil {
		return err
	}
	defer unlock()
	f, err := LoadFile(s.path, s.passphrase())
	if err != nil {
		return err
	}
	if f, err = do(f); err != nil {
		return err
	}
	sealed, err := f.seal(s.passphrase(), s.workFactor)
	if err != nil {
		return err
	}
	return replace(s.path, sealed)
}

func (s *FileStore) create(f *File) error {
	sealed, err := f.seal(s.passphrase(), s.workFactor)
	if err != nil {
		return err
	}
	return create(s.path, sealed)
}

// GenerateFile makes a module with one random root for trials and keeps it in a new file: fs.ErrExist.
func GenerateFile(path, passphrase string, workFactor int) (*File, error) {
	f := Generate()
	return f, NewFileStore(path, passphrase, workFactor).create(f)
}

// create writes a new file that survives a power cut from here on.
func create(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("key file: %w", errors.Join(err, os.Remove(path)))
	}
	return syncDir(filepath.Dir(path))
}

// replace puts content in the place of the file at path, in one step. A file
// left beside it by an earlier attempt was never in use.
func replace(path string, content []byte) error {
	next := path + ".new"
	_ = os.Remove(next)
	if err := create(next, content); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return syncDir(filepath.Dir(path))
}
