//go:build cgo && !windows

package token

import (
	"encoding/binary"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
)

// change runs do and forgets the login: the next operation finds the roots anew.
func (t *Token) change(do func(*session) error) error {
	var changed *login
	err := t.with(func(s *session) error {
		changed = s.login
		return do(s)
	})
	if changed != nil {
		t.drop(changed)
	}
	return err
}

// add makes or stores a root. Of two programs that do so at once, one is told that the other did.
func (s *session) add(version uint8, generate bool, template []*pkcs11.Attribute) error {
	id := pkcs11.NewAttribute(pkcs11.CKA_ID, []byte{version})
	if before, err := s.objects(id); err != nil || len(before) > 0 {
		return orHeld(err, version)
	}
	object, err := s.create(generate, template)
	if err != nil {
		return err
	}
	if now, err := s.objects(id); err != nil || len(now) > 1 {
		_ = s.module.DestroyObject(s.handle, object)
		return orHeld(err, version)
	}
	return nil
}

func orHeld(err error, version uint8) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %d", sam.ErrHeld, version)
}

func (s *session) create(generate bool, template []*pkcs11.Attribute) (pkcs11.ObjectHandle, error) {
	if generate {
		return s.module.GenerateKey(s.handle, mechanism(pkcs11.CKM_AES_KEY_GEN, nil),
			append(template, pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, sam.KeySize)))
	}
	return s.module.CreateObject(s.handle, template)
}

// flag is an attribute of a root that is true or false.
type flag struct {
	attribute uint
	name      string
	want      bool
}

// guards are what makes a root a root: it derives by one mechanism, and does nothing else.
var guards = [...]flag{
	{pkcs11.CKA_PRIVATE, "CKA_PRIVATE", true},
	{pkcs11.CKA_SENSITIVE, "CKA_SENSITIVE", true},
	{pkcs11.CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false},
	{pkcs11.CKA_MODIFIABLE, "CKA_MODIFIABLE", false},
	{pkcs11.CKA_COPYABLE, "CKA_COPYABLE", false},
	{pkcs11.CKA_DERIVE, "CKA_DERIVE", true},
	{pkcs11.CKA_ENCRYPT, "CKA_ENCRYPT", false},
	{pkcs11.CKA_DECRYPT, "CKA_DECRYPT", false},
	{pkcs11.CKA_SIGN, "CKA_SIGN", false},
	{pkcs11.CKA_VERIFY, "CKA_VERIFY", false},
	{pkcs11.CKA_WRAP, "CKA_WRAP", false},
	{pkcs11.CKA_UNWRAP, "CKA_UNWRAP", false},
}

// guarded is the template of a root.
func guarded(version uint8) []*pkcs11.Attribute {
	only := binary.NativeEndian.AppendUint64(nil, pkcs11.CKM_AES_ECB_ENCRYPT_DATA)
	t := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
		pkcs11.NewAttribute(pkcs11.CKA_ID, []byte{version}),
		pkcs11.NewAttribute(pkcs11.CKA_ALLOWED_MECHANISMS, only),
	}
	for _, g := range guards {
		t = append(t, pkcs11.NewAttribute(g.attribute, g.want))
	}
	return t
}

// objects are our roots that have these attributes, too.
func (s *session) objects(more ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	ours := append([]*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
	}, more...)
	if err := s.module.FindObjectsInit(s.handle, ours); err != nil {
		return nil, err
	}
	found, _, err := s.module.FindObjects(s.handle, maxFound)
	if final := s.module.FindObjectsFinal(s.handle); err == nil {
		err = final
	}
	return found, err
}

// findRoots looks for our roots, and what is known of each.
func (s *session) findRoots() (map[uint8]root, error) {
	objects, err := s.objects()
	if err != nil {
		return nil, err
	}
	found := map[uint8]root{}
	for _, object := range objects {
		id, err := s.module.GetAttributeValue(s.handle, object, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ID, nil)})
		if err != nil {
			return nil, err
		}
		if len(id) != 1 || len(id[0].Value) != 1 {
			return nil, fmt.Errorf("%w: a root without a version", ErrTwoRoots)
		}
		version := id[0].Value[0]
		if _, twice := found[version]; twice {
			return nil, fmt.Errorf("%w: %d", ErrTwoRoots, version)
		}
		zero, err := s.block(object, [16]byte{})
		if err != nil {
			return nil, err
		}
		found[version] = root{sam.Root{Version: version, KCV: fmt.Sprintf("%X", zero[:3])}, object, zero}
	}
	return found, nil
}

// Faults holds every root against what makes it one, and says what differs: a root
// that may be read or wrapped, as one that was put there by another program.
func (t *Token) Faults() (faults []string, err error) {
	err = t.with(func(s *session) error {
		found, err := s.findRoots()
		if err != nil {
			return err
		}
		faults = nil
		for _, r := range list(found) {
			if err := s.faultsOf(found[r.Version], &faults); err != nil {
				return err
			}
		}
		return nil
	})
	return faults, err
}

func (s *session) faultsOf(r root, faults *[]string) error {
	for _, g := range guards {
		is, err := s.module.GetAttributeValue(s.handle, r.object, []*pkcs11.Attribute{pkcs11.NewAttribute(g.attribute, nil)})
		if err != nil {
			return err
		}
		if got := len(is) == 1 && len(is[0].Value) > 0 && is[0].Value[0] != 0; got != g.want {
			*faults = append(*faults, fmt.Sprintf("root %d: %s is %v", r.Version, g.name, got))
		}
	}
	return nil
}
