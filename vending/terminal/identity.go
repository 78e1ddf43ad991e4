package terminal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// Identity is what a PC has become by enrolling. Its key is printed nowhere and never
// leaves the PC.
type Identity struct {
	Service     string            `json:"service"` // its URL
	ID          uuid.UUID         `json:"id"`
	Till        string            `json:"till"`
	Key         seed              `json:"key"`
	Certificate []byte            `json:"certificate"`
	Authority   []byte            `json:"authority"`
	Scripts     ed25519.PublicKey `json:"scripts"` // whose scripts are run
}

// seed is a private key that %v does not print.
type seed []byte

// String keeps the key out of logs.
func (seed) String() string { return "(a key)" }

// GoString keeps it out of %#v.
func (s seed) GoString() string { return s.String() }

var errIdentity = errors.New("it is not what vendgate wrote: remove it and enrol this PC anew with --code")

// IdentityFile is where a PC keeps its identity: mode 0600; on Windows the folder's
// rights say who may read it.
func IdentityFile(dir string) string { return filepath.Join(dir, "terminal.json") }

// LoadIdentity reads what this PC is; vending.ErrNotEnrolled where it is nothing yet.
func LoadIdentity(path string) (id Identity, err error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return id, vending.ErrNotEnrolled
	case err != nil:
		return id, err
	}
	if json.Unmarshal(b, &id) != nil || len(id.Key) != ed25519.SeedSize {
		return Identity{}, fmt.Errorf("%s: %w", path, errIdentity)
	}
	if err := id.fits(ed25519.NewKeyFromSeed(id.Key).Public().(ed25519.PublicKey)); err != nil {
		return Identity{}, fmt.Errorf("%s: %w", path, err)
	}
	return id, nil
}

// Save writes the identity in the place of the one before, if there is one.
func (id Identity) Save(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	b, err := json.Marshal(id)
	if err != nil {
		return err
	}
	return save(path, b, os.Rename)
}

// fits checks that certificate, authority and key are of one another.
func (id Identity) fits(public ed25519.PublicKey) error {
	certificate, err := x509.ParseCertificate(id.Certificate)
	if err != nil {
		return errIdentity
	}
	authority, err := x509.ParseCertificate(id.Authority)
	if err != nil || certificate.CheckSignatureFrom(authority) != nil || !public.Equal(certificate.PublicKey) ||
		len(id.Scripts) != ed25519.PublicKeySize {
		return errIdentity
	}
	return nil
}

// tls shows the certificate to the one service that this PC is enrolled at, whichever
// address it has.
func (id Identity) tls() *tls.Config {
	config := pin(func(der []byte) bool { return bytes.Equal(der, id.Authority) })
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{id.Certificate}, PrivateKey: ed25519.NewKeyFromSeed(id.Key)}}
	return config
}
