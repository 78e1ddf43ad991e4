package sam

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
)

const (
	// DefaultWorkFactor is the scrypt work factor of new key files: about a second on a small server.
	DefaultWorkFactor = 17
	maxWorkFactor     = 20      // a file that asks for more is refused, not waited for
	maxFile           = 1 << 20 // bytes of a key file
	format            = "vendgate keys"
	formatVersion     = 2
)

// document is what lies inside the encrypted file. Version 1 had the same roots;
// the keys of a card were diversified from them without PBOC's last step.
type document struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Roots   []root `json:"roots"`
}

type root struct {
	Version uint8  `json:"version"`
	Key     string `json:"key"`
}

// seal encrypts the module for a key file.
func (f *File) seal(passphrase string, workFactor int) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if workFactor == 0 {
		workFactor = DefaultWorkFactor
	}
	if workFactor < 1 || workFactor > maxWorkFactor {
		return nil, fmt.Errorf("key file: work factor %d is not within 1 and %d", workFactor, maxWorkFactor)
	}
	recipient.SetWorkFactor(workFactor)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := json.NewEncoder(w).Encode(f.document()); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return sealed.Bytes(), nil
}

func (f *File) document() document {
	d := document{Format: format, Version: formatVersion}
	for _, r := range f.roots {
		secret := f.held[r.Version]()
		d.Roots = append(d.Roots, root{Version: r.Version, Key: hex.EncodeToString(secret[:])})
	}
	return d
}

// open decrypts and reads a key file. Its errors never quote what was inside.
func open(sealed []byte, passphrase string) (*File, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrPassphrase // age refuses the empty passphrase
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if wrong := new(age.NoIdentityMatchError); errors.As(err, &wrong) && slices.Equal(wrong.StanzaTypes, []string{"scrypt"}) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	var d document
	if json.Unmarshal(plain, &d) != nil {
		return nil, ErrFormat
	}
	return d.file()
}

func (d document) file() (*File, error) {
	switch {
	case d.Format != format:
		return nil, ErrFormat
	case d.Version == 1:
		return nil, ErrEarlier
	case d.Version != formatVersion:
		return nil, ErrFormat
	}
	held := memory{}
	for _, r := range d.Roots {
		secret, ok := parse(r.Key)
		if !ok || held[r.Version] != nil {
			return nil, ErrFormat
		}
		held[r.Version] = hold(secret)
	}
	f, err := newFile(held)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return f, nil
}

// parse reads a key as the document has it.
func parse(text string) (secret [KeySize]byte, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != KeySize {
		return secret, false
	}
	return [KeySize]byte(b), true
}
