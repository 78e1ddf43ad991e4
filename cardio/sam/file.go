package sam

import (
	"crypto/aes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// Errors of a key file. A file that is absent or exists already gives fs.ErrNotExist and fs.ErrExist.
var (
	ErrPassphrase = errors.New("the key file's passphrase is wrong")
	ErrReadable   = errors.New("the key file can be read by others: set its mode to 0600")
	ErrFormat     = errors.New("not a vendgate key file, or of a newer version")
	ErrEarlier    = errors.New("the key file is of a release whose cards were keyed in another way")
	ErrHeld       = errors.New("a root of that version is held already")
	ErrCurrent    = errors.New("the current root cannot be retired: rotate first")
)

// File is the security module for trials: its roots lie in a file that a
// passphrase opens, and in memory while the service runs. It never changes
// after it was loaded and is safe for concurrent use. The zero File holds no root.
type File struct {
	Set
	held memory
}

func newFile(held memory) (*File, error) {
	f := &File{held: held}
	var roots []Root
	for _, version := range slices.Sorted(maps.Keys(held)) {
		kcv, err := checkValue(held[version]())
		if err != nil {
			return nil, err
		}
		roots = append(roots, Root{version, kcv})
	}
	set, err := NewSet(held, roots)
	if err != nil {
		return nil, err
	}
	f.Set = *set
	return f, nil
}

// Generate makes a module with one random root for trials, in memory only.
func Generate() *File {
	f, err := newFile(memory{1: random()})
	if err != nil {
		panic(err) // of AES, which takes every key of this size
	}
	return f
}

func random() func() [KeySize]byte {
	var secret [KeySize]byte
	_, _ = rand.Read(secret[:]) // never fails: it ends the program instead
	return hold(secret)
}

// Add gives a module that holds one root more: key, or a random one where key is
// nil. ErrHeld, ErrMixed, ErrWeak.
func (f *File) Add(version uint8, key *Key) (*File, error) {
	if f.held[version] != nil {
		return nil, fmt.Errorf("%w: %d", ErrHeld, version)
	}
	root := random()
	if key != nil {
		if err := key.Strong(For(version)); err != nil {
			return nil, err
		}
		secret, err := key.Expose()
		if err != nil {
			return nil, err
		}
		root = hold(secret)
	}
	held := memory{version: root}
	maps.Copy(held, f.held)
	return newFile(held)
}

// Retire gives a module without that root: cards of it are not read any more.
// ErrVersion, ErrCurrent.
func (f *File) Retire(version uint8) (*File, error) {
	if err := f.Retirable(version); err != nil {
		return nil, err
	}
	held := maps.Clone(f.held)
	delete(held, version)
	return newFile(held)
}

// Retirable says whether a root may go: ErrVersion, ErrCurrent.
func (s *Set) Retirable(version uint8) error {
	if _, err := s.root(version); err != nil {
		return err
	}
	if version == s.current {
		return fmt.Errorf("%w: %d", ErrCurrent, version)
	}
	return nil
}

// LoadFile opens the key file at path: ErrPassphrase, ErrReadable, ErrFormat, ErrEarlier, fs.ErrNotExist.
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

// checkValue is a key's KCV, as PKCS#11 has it in CKA_CHECK_VALUE.
func checkValue(secret [KeySize]byte) (string, error) {
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return "", fmt.Errorf("key check value: %w", err)
	}
	var zero [aes.BlockSize]byte
	block.Encrypt(zero[:], zero[:])
	return fmt.Sprintf("%X", zero[:3]), nil
}
