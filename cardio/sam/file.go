package sam

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Errors of a key file. A file that is absent or exists already gives fs.ErrNotExist and fs.ErrExist.
var (
	ErrPassphrase = errors.New("the key file's passphrase is wrong")
	ErrReadable   = errors.New("the key file can be read by others: set its mode to 0600")
	ErrFormat     = errors.New("not a vendgate key file, or of a newer version")
	ErrVersion    = errors.New("key version not held")
)

// factory is the key with which the makers deliver blank FMCOS chips: public,
// so it protects nothing but an empty chip.
func factory() *Key {
	return newKey([KeySize]byte(bytes.Repeat([]byte{0xFF}, KeySize)))
}

// File is the security module for trials: its roots lie in a file that a
// passphrase opens, and in memory while the service runs. It never changes
// after it was loaded and is safe for concurrent use.
type File struct {
	roots     map[uint8]*Key
	current   uint8
	transport *Key
}

// Generate makes a module with one random root, in memory only.
func Generate() *File {
	return &File{roots: map[uint8]*Key{1: random()}, current: 1, transport: factory()}
}

func random() *Key {
	var secret [KeySize]byte
	_, _ = rand.Read(secret[:]) // never fails: it ends the program instead
	return newKey(secret)
}

// Current is the key version for cards issued from now on.
func (f *File) Current() uint8 { return f.current }

// Card derives the vendor's keys for the chip with that UID, or fails with ErrVersion.
func (f *File) Card(version uint8, uid [8]byte) (Card, error) {
	root, err := f.root(version)
	if err != nil {
		return Card{}, err
	}
	vendor, err := root.card(uid)
	return Card{Transport: f.transport, Vendor: vendor}, err
}

// Meter derives the keys of the meter with that number, or fails with ErrVersion.
func (f *File) Meter(version uint8, number string) (Meter, error) {
	root, err := f.root(version)
	if err != nil {
		return Meter{}, err
	}
	return root.meter(number)
}

func (f *File) root(version uint8) (*Key, error) {
	if k, ok := f.roots[version]; ok {
		return k, nil
	}
	return nil, fmt.Errorf("%w: %d", ErrVersion, version)
}

// GenerateFile makes a module with one random root and keeps it in a new file
// that only its owner can read. workFactor is age's scrypt work factor; 0 takes
// DefaultWorkFactor. It never overwrites: fs.ErrExist.
func GenerateFile(path, passphrase string, workFactor int) (*File, error) {
	f := Generate()
	sealed, err := f.seal(passphrase, workFactor)
	if err != nil {
		return nil, err
	}
	return f, create(path, sealed)
}

// RollFile adds a random root to the file at path and makes it current. The
// older ones stay: cards issued under them are still read and written.
func RollFile(path, passphrase string, workFactor int) (*File, error) {
	f, err := LoadFile(path, passphrase)
	if err != nil {
		return nil, err
	}
	if f.current == 0xFF {
		return nil, fmt.Errorf("roll keys: version 255 is the last")
	}
	f.current++
	f.roots[f.current] = random()
	sealed, err := f.seal(passphrase, workFactor)
	if err != nil {
		return nil, err
	}
	return f, replace(path, sealed)
}

// LoadFile opens the key file at path: ErrPassphrase, ErrReadable, ErrFormat, fs.ErrNotExist.
func LoadFile(path, passphrase string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer file.Close()
	if err := private(file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	sealed, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	f, err := open(sealed, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
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
