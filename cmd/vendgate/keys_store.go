package main

import (
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio/sam"
)

// keyStore is where roots are kept: a key file or a token.
type keyStore interface {
	// Roots lists them, the lowest version first.
	Roots() ([]sam.Root, error)
	// Add puts one more there: key, or a random one, made there, where key is nil.
	Add(version uint8, key *sam.Key) error
	// Retire destroys one.
	Retire(version uint8) error
}

// keyStore opens the place where the keys are kept. No keys are made up.
func (a *app) keyStore() (keyStore, error) {
	if a.token.module != "" {
		return a.openToken(false)
	}
	return a.keyFileStore()
}

func (a *app) keyFileStore() (*sam.FileStore, error) {
	path, secret := a.keyPaths()
	passphrase, err := readSecret("passphrase of the key file", secret)
	if err != nil {
		return nil, err
	}
	return sam.NewFileStore(path, passphrase, 0), nil
}

// addRoot adds a root as the given version and shows it.
func (a *app) addRoot(s keyStore, version uint8, key *sam.Key) error {
	if err := s.Add(version, key); err != nil {
		return err
	}
	r, _, err := rootOf(s, version)
	if err != nil {
		return err
	}
	return a.printOne(rootRecord(r, "current"))
}

// rootOf is the root of that version, where it is held.
func rootOf(s keyStore, version uint8) (r sam.Root, held bool, err error) {
	roots, err := s.Roots()
	if err != nil {
		return r, false, err
	}
	at := slices.IndexFunc(roots, func(r sam.Root) bool { return r.Version == version })
	if at < 0 {
		return r, false, nil
	}
	return roots[at], true, nil
}

// rootRecord shows what anybody may know of a root.
func rootRecord(r sam.Root, state string) record {
	return record{{key: "version", value: r.Version}, {key: "for", value: string(sam.For(r.Version))},
		{key: "kcv", value: r.KCV}, {key: "state", value: state}}
}

// purpose reads --for.
func purpose(name string) (sam.Purpose, error) {
	switch p := sam.Purpose(name); p {
	case "", sam.Trial, sam.Production, sam.Chips:
		return p, nil
	}
	return "", usageError{fmt.Errorf("keys are for trial, production or esam, not for %q", name)}
}
