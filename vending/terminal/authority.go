package terminal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// serverName is the one name in the service's certificate. Terminals check that the
// certificate is of their service, not by which address they reach it.
const serverName = "vendgate.service"

// Certificates are good from a day before, for the clocks of counter PCs, and for as
// long as such a PC lives; a terminal is ended by revoking it.
const (
	backdated = 24 * time.Hour
	validity  = 10 * 365 * 24 * time.Hour
)

// Types of the blocks in the authority's file.
const (
	pemCertificate = "CERTIFICATE"
	pemKey         = "VENDGATE AUTHORITY KEY"
	pemScripts     = "VENDGATE SCRIPT KEY"
)

// Authority is the service's own small CA, and the key that signs scripts.
type Authority struct {
	Scripts ed25519.PrivateKey

	certificate *x509.Certificate
	key         ed25519.PrivateKey
}

// OpenAuthority reads the authority of a data directory, and makes it the first time.
// The file is for nobody but the service (mode 0600).
func OpenAuthority(dir string, now time.Time) (*Authority, error) {
	path := filepath.Join(dir, "terminals.pem")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeAuthority(path, now); err != nil {
			return nil, fmt.Errorf("make the terminals' authority: %w", err)
		}
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	a, err := parseAuthority(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// makeAuthority writes a new one. Of two who do so at once one is kept.
func makeAuthority(path string, now time.Time) error {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "vendgate terminals"}, IsCA: true, BasicConstraintsValid: true,
		MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: now.Add(-backdated), NotAfter: now.Add(2 * validity)}
	if template.SerialNumber, err = serial(); err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		return err
	}
	_, scripts, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	file := pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: der})
	file = append(file, pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: key.Seed()})...)
	file = append(file, pem.EncodeToMemory(&pem.Block{Type: pemScripts, Bytes: scripts.Seed()})...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return save(path, file, os.Link)
}

var errAuthority = errors.New("it is not the file that vendgate made: bring it back from a backup, or remove it and enrol all terminals anew")

func parseAuthority(b []byte) (*Authority, error) {
	a := new(Authority)
	for {
		block, rest := pem.Decode(b)
		if block == nil {
			break
		}
		b = rest
		switch {
		case block.Type == pemCertificate:
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, errAuthority
			}
			a.certificate = c
		case len(block.Bytes) != ed25519.SeedSize:
			return nil, errAuthority
		case block.Type == pemKey:
			a.key = ed25519.NewKeyFromSeed(block.Bytes)
		case block.Type == pemScripts:
			a.Scripts = ed25519.NewKeyFromSeed(block.Bytes)
		}
	}
	if a.certificate == nil || a.key == nil || a.Scripts == nil || !a.key.Public().(ed25519.PublicKey).Equal(a.certificate.PublicKey) {
		return nil, errAuthority
	}
	return a, nil
}

// fingerprint tells this authority from every other.
func (a *Authority) fingerprint() [32]byte { return sha256.Sum256(a.certificate.Raw) }

// issue makes a certificate.
func (a *Authority) issue(template *x509.Certificate, public ed25519.PublicKey, now time.Time) ([]byte, error) {
	var err error
	if template.SerialNumber, err = serial(); err != nil {
		return nil, err
	}
	template.NotBefore, template.NotAfter = now.Add(-backdated), now.Add(validity)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	return x509.CreateCertificate(rand.Reader, template, a.certificate, public, a.key)
}

// terminal makes the certificate of a terminal.
func (a *Authority) terminal(id uuid.UUID, public ed25519.PublicKey, now time.Time) ([]byte, error) {
	return a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: id.String()},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, public, now)
}

// TLS is how the service listens for terminals: with a certificate made now, whose key
// is in memory only. Who has a certificate of this authority shows it; who has none can
// but enrol.
func (a *Authority) TLS(now time.Time) (*tls.Config, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: serverName}, DNSNames: []string{serverName},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, public, now)
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	clients.AddCert(a.certificate)
	return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"},
		Certificates: []tls.Certificate{{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key}},
		ClientAuth:   tls.VerifyClientCertIfGiven, ClientCAs: clients}, nil
}

func serial() (*big.Int, error) { return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) }

// NewCode makes a code for one PC to become the terminal of a till, and what is kept of
// it.
func (a *Authority) NewCode(till, by string, now time.Time) (string, vending.EnrolCode) {
	c := newCode(a.fingerprint())
	return c.String(), vending.EnrolCode{Hash: c.hash(), Till: till, By: by, Expires: now.Add(vending.EnrolTime)}
}
