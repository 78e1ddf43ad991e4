package terminal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/vendgate/vendgate/vending"
)

// A code is a secret that is good once, and enough of the authority's fingerprint for
// the PC to know the service before it says the secret.
const (
	secretSize = 8
	printSize  = 12
	groupSize  = 4 // characters, for those who type
)

type enrolCode [secretSize + printSize]byte

func newCode(fingerprint [32]byte) (c enrolCode) {
	rand.Read(c[:secretSize]) // never fails
	copy(c[secretSize:], fingerprint[:])
	return c
}

func (c enrolCode) secret() []byte { return c[:secretSize] }

func (c enrolCode) hash() [32]byte { return sha256.Sum256(c.secret()) }

// of tells whether the code is one of that authority's.
func (c enrolCode) of(fingerprint [32]byte) bool {
	return string(c[secretSize:]) == string(fingerprint[:printSize])
}

// String is the code in groups of four letters and digits.
func (c enrolCode) String() string {
	plain := base32.StdEncoding.EncodeToString(c[:])
	var groups []string
	for len(plain) > 0 {
		groups, plain = append(groups, plain[:groupSize]), plain[groupSize:]
	}
	return strings.Join(groups, "-")
}

// parseCode reads a code as people type it, in small letters too and with or without
// what is between the groups; else vending.ErrCodeSpelling.
func parseCode(s string) (c enrolCode, err error) {
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
	b, err := base32.StdEncoding.DecodeString(plain)
	if err != nil || len(b) != len(c) {
		return c, vending.ErrCodeSpelling.With("Length", len(c.String()))
	}
	return enrolCode(b), nil
}
