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
	formatVersion     = 1
)

// document is what lies inside the encrypted file.
type document struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	Current   uint8  `json:"current"`
	Transport string `json:"transport"`
	Roots     []root `json:"roots"`
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
	d := document{Format: format, Version: formatVersion, Current: f.current,
		Transport: f.transport.text()}
	for v := 1; v <= 0xFF; v++ {
		if k, ok := f.roots[uint8(v)]; ok {
			d.Roots = append(d.Roots, root{Version: uint8(v), Key: k.text()})
		}
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
	if d.Format != format || d.Version != formatVersion {
		return nil, ErrFormat
	}
	transport, ok := parse(d.Transport)
	f := &File{roots: map[uint8]*Key{}, current: d.Current, transport: transport}
	for _, r := range d.Roots {
		k, valid := parse(r.Key)
		ok = ok && valid && r.Version != 0 && f.roots[r.Version] == nil
		f.roots[r.Version] = k
	}
	if !ok || f.roots[f.current] == nil {
		return nil, ErrFormat
	}
	return f, nil
}

// text writes a key in hex, for the inside of the encrypted file only.
func (k *Key) text() string {
	secret := k.reveal()
	return hex.EncodeToString(secret[:])
}

// parse reads what text wrote.
func parse(text string) (*Key, bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != KeySize {
		return nil, false
	}
	return newKey([KeySize]byte(b)), true
}
