//go:build cgo && !windows

package token

import (
	"fmt"
	"maps"
	"slices"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
)

// label is what our roots are called among whatever else the token holds; their
// CKA_ID is the key version.
const label = "vendgate root"

// maxFound bounds one search; there are 255 versions.
const maxFound = 256

// Keys is the key set that the token held when we logged in.
func (t *Token) Keys() (set *sam.Set, err error) {
	err = t.with(func(s *session) error {
		set, err = sam.NewSet(t, list(s.roots))
		return err
	})
	return set, err
}

// Roots lists the roots that the token holds now, the lowest version first.
func (t *Token) Roots() (held []sam.Root, err error) {
	err = t.with(func(s *session) error {
		found, err := s.findRoots()
		held = list(found)
		return err
	})
	return held, err
}

func list(roots map[uint8]root) (list []sam.Root) {
	for _, version := range slices.Sorted(maps.Keys(roots)) {
		list = append(list, roots[version].Root)
	}
	return list
}

// Add puts a root into the token: one that is made there, or, where key is not nil,
// that one. sam.ErrHeld, sam.ErrMixed, sam.ErrWeak.
func (t *Token) Add(version uint8, key *sam.Key) error {
	held, err := t.Roots()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(held, func(r sam.Root) bool { return r.Version == version }) {
		return fmt.Errorf("%w: %d", sam.ErrHeld, version)
	}
	if _, err := sam.NewSet(t, append(held, sam.Root{Version: version})); err != nil {
		return err
	}
	template := guarded(version)
	if key != nil {
		if err := key.Strong(sam.For(version)); err != nil {
			return err
		}
		value, err := key.Expose()
		if err != nil {
			return err
		}
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_VALUE, value[:]))
	}
	return t.change(func(s *session) error { return s.add(version, key == nil, template) })
}

// Retire destroys a root: cards of it are not read any more. sam.ErrVersion, sam.ErrCurrent.
func (t *Token) Retire(version uint8) error {
	set, err := t.Keys()
	if err != nil {
		return err
	}
	if err := set.Retirable(version); err != nil {
		return err
	}
	return t.change(func(s *session) error {
		objects, err := s.objects(pkcs11.NewAttribute(pkcs11.CKA_ID, []byte{version}))
		if err != nil {
			return err
		}
		for _, object := range objects {
			if err := s.module.DestroyObject(s.handle, object); err != nil {
				return err
			}
		}
		return nil
	})
}
