//go:build cgo

package token

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/softhsm"
)

// thief has the user's PIN and a session, and wants the root's bytes.
type thief struct {
	t       *testing.T
	module  *pkcs11.Ctx
	session pkcs11.SessionHandle
	slot    uint
	secret  []byte
	tried   int
}

// got tells that a call answered. Answers never hold the root.
func (th *thief) got(what string, answer []byte, err error) {
	th.tried++
	if err == nil && bytes.Contains(answer, th.secret) {
		th.t.Errorf("%s: the root came out", what)
	}
}

// refused is for calls that a root must not do at all.
func (th *thief) refused(what string, answer []byte, err error) {
	th.t.Helper()
	th.got(what, answer, err)
	if err == nil {
		th.t.Errorf("%s: not refused", what)
	}
}

// readAt reads the value of whatever object a call made of the root.
func (th *thief) readAt(what string, object pkcs11.ObjectHandle, err error) {
	if err != nil {
		th.got(what, nil, err)
		return
	}
	value, err := th.module.GetAttributeValue(th.session, object, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)})
	if err == nil {
		th.got(what, value[0].Value, nil)
	}
}

// TestRootCannotBeRead tries every call of PKCS#11 that could give a root away, with
// every mechanism that the token has, as one who is logged in. The root is known
// here: it was put into the token by the test, and guarded as every root.
func TestRootCannotBeRead(t *testing.T) {
	tok := opened(t)
	key := sam.Component()
	secret, err := key.Expose()
	if err != nil {
		t.Fatal(err)
	}
	if err := tok.Add(1, key); err != nil {
		t.Fatal(err)
	}
	if err := tok.Add(2, nil); err != nil { // made in the token
		t.Fatal(err)
	}
	if err := tok.with(func(s *session) error {
		slots, err := s.module.GetSlotList(true)
		if err != nil {
			return err
		}
		slot := slices.IndexFunc(slots, func(slot uint) bool {
			i, err := s.module.GetTokenInfo(slot)
			return err == nil && labelOf(i) == tok.options.Label
		})
		for version, root := range s.roots {
			th := &thief{t: t, module: s.module, session: s.handle, slot: slots[slot], secret: secret[:]}
			th.attributes(root.object)
			th.copies(root.object)
			th.wraps(root.object)
			th.derives(root.object)
			th.computes(root.object)
			t.Logf("version %d: %d ways tried", version, th.tried)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if faults, err := tok.Faults(); err != nil || faults != nil {
		t.Errorf("after that: %v, %v", faults, err)
	}
}

// attributes asks for all of them, and tries to change those that guard.
func (th *thief) attributes(root pkcs11.ObjectHandle) {
	value := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)}
	_, err := th.module.GetAttributeValue(th.session, root, value)
	th.refused("CKA_VALUE", nil, err)
	for attribute := range uint(0x700) {
		a, err := th.module.GetAttributeValue(th.session, root, []*pkcs11.Attribute{pkcs11.NewAttribute(attribute, nil)})
		if err == nil && len(a) == 1 {
			th.got(fmt.Sprintf("attribute %#x", attribute), a[0].Value, nil)
		}
	}
	for _, g := range guards {
		err := th.module.SetAttributeValue(th.session, root, []*pkcs11.Attribute{pkcs11.NewAttribute(g.attribute, !g.want)})
		th.refused("changing "+g.name, nil, err)
	}
	_, err = th.module.GetAttributeValue(th.session, root, value)
	th.refused("CKA_VALUE, then", nil, err)
}

// copies of a root that may do more than it.
func (th *thief) copies(root pkcs11.ObjectHandle) {
	for _, token := range []bool{false, true} {
		for _, g := range append(guards[:], flag{pkcs11.CKA_TOKEN, "CKA_TOKEN", token}) {
			for _, to := range []bool{g.want, !g.want} {
				what := fmt.Sprintf("a copy with %s %v", g.name, to)
				object, err := th.module.CopyObject(th.session, root, []*pkcs11.Attribute{
					pkcs11.NewAttribute(pkcs11.CKA_TOKEN, token), pkcs11.NewAttribute(g.attribute, to)})
				th.refused(what, nil, err)
				th.readAt(what, object, err)
			}
		}
	}
}

// wraps the root under keys of the thief's own, with every mechanism there is.
func (th *thief) wraps(root pkcs11.ObjectHandle) {
	wrapping := th.ownKeys()
	for _, m := range th.mechanisms() {
		for kind, own := range wrapping {
			for _, parameter := range [][]byte{nil, make([]byte, 8), make([]byte, 16)} {
				what := fmt.Sprintf("wrapping under %s with %#x", kind, m)
				out, err := th.module.WrapKey(th.session, mechanism(m, parameter), own, root)
				th.refused(what, out, err)
				out, err = th.module.WrapKey(th.session, mechanism(m, parameter), root, own)
				th.refused(what+", the other way round", out, err)
			}
		}
	}
}

// derives keys of the root that can be read. A derived key is not the root.
func (th *thief) derives(root pkcs11.ObjectHandle) {
	readable := isRead.template()
	for _, m := range append(th.mechanisms(), 0x360, 0x362, 0x363, 0x364, 0x365) { // and those that join or cut keys
		for _, size := range []int{16, 32} {
			data := make([]byte, size)
			withData(data, func(parameter []byte) {
				for _, iv := range []int{0, 8, 16} { // ECB has none
					with := append(make([]byte, iv), parameter...)
					object, err := th.module.DeriveKey(th.session, mechanism(m, with), root, readable)
					th.readAt(fmt.Sprintf("deriving with %#x", m), object, err)
					if err == nil && m != pkcs11.CKM_AES_ECB_ENCRYPT_DATA {
						th.t.Errorf("a root derives with %#x", m)
					}
				}
			})
		}
	}
}

// computes with the root in every way but deriving.
func (th *thief) computes(root pkcs11.ObjectHandle) {
	for _, m := range th.mechanisms() {
		for _, parameter := range [][]byte{nil, make([]byte, 8), make([]byte, 16)} {
			how := mechanism(m, parameter)
			for what, err := range map[string]error{
				"enciphering": th.module.EncryptInit(th.session, how, root), "deciphering": th.module.DecryptInit(th.session, how, root),
				"signing": th.module.SignInit(th.session, how, root), "verifying": th.module.VerifyInit(th.session, how, root),
			} {
				th.refused(fmt.Sprintf("%s with %#x", what, m), nil, err)
			}
			_, err := th.module.UnwrapKey(th.session, how, root, make([]byte, 24), isRead.template())
			th.refused(fmt.Sprintf("unwrapping with %#x", m), nil, err)
		}
		if th.module.DigestInit(th.session, mechanism(m, nil)) == nil {
			// SoftHSM digests every key. That tells a key that was guessed, and 128 random bits are not.
			_ = th.module.DigestKey(th.session, root)
			digest, err := th.module.DigestFinal(th.session)
			th.got(fmt.Sprintf("its digest with %#x", m), digest, err)
		}
	}
}

func (th *thief) mechanisms() (all []uint) {
	list, err := th.module.GetMechanismList(th.slot)
	if err != nil {
		th.t.Fatal(err)
	}
	for _, m := range list {
		all = append(all, m.Mechanism)
	}
	return all
}

// ownKeys are the thief's, of every kind that wraps.
func (th *thief) ownKeys() map[string]pkcs11.ObjectHandle {
	own := map[string]pkcs11.ObjectHandle{}
	for kind, k := range map[string]struct {
		keyType uint
		value   []byte
	}{
		"AES": {pkcs11.CKK_AES, make([]byte, 16)}, "AES-256": {pkcs11.CKK_AES, make([]byte, 32)},
		"DES3": {pkcs11.CKK_DES3, bytes.Repeat([]byte{1}, 24)}, "a secret": {pkcs11.CKK_GENERIC_SECRET, make([]byte, 16)},
	} {
		object, err := th.module.CreateObject(th.session, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, k.keyType),
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false), pkcs11.NewAttribute(pkcs11.CKA_VALUE, k.value),
			pkcs11.NewAttribute(pkcs11.CKA_WRAP, true), pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true),
			pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, false)})
		if err != nil {
			th.t.Fatal(kind, err)
		}
		own[kind] = object
	}
	public, _, err := th.module.GenerateKeyPair(th.session, mechanism(pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, nil), []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, 1024), pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1}),
		pkcs11.NewAttribute(pkcs11.CKA_WRAP, true), pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, true)}, nil)
	if err != nil {
		th.t.Fatal(err)
	}
	own["RSA"] = public
	return own
}

// TestThiefCanWrap: the thief of TestRootCannotBeRead is able. A key that may be
// wrapped and read, he wraps and reads.
func TestThiefCanWrap(t *testing.T) {
	tok := rooted(t)
	_ = tok.with(func(s *session) error {
		slots, _ := s.module.GetSlotList(true)
		th := &thief{t: t, module: s.module, session: s.handle, slot: slots[0]}
		own := th.ownKeys()
		out, err := s.module.WrapKey(s.handle, mechanism(pkcs11.CKM_AES_KEY_WRAP, nil), own["AES"], own["a secret"])
		if err != nil || len(out) != 24 {
			t.Errorf("wrapping: %d bytes, %v", len(out), err)
		}
		object, err := s.module.CopyObject(s.handle, own["AES"], []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false)})
		if value, readErr := s.read(object); err != nil || readErr != nil || value != [16]byte{} {
			t.Errorf("a copy: %v, %v", err, readErr)
		}
		return nil
	})
}

// TestRootsAttributes says once more, by hand, what a root may do: no attribute that
// guards it hangs on another one that happens to forbid the same.
func TestRootsAttributes(t *testing.T) {
	tok := rooted(t)
	if err := tok.with(func(s *session) error {
		for attribute, want := range map[uint]byte{
			pkcs11.CKA_TOKEN: 1, pkcs11.CKA_PRIVATE: 1, pkcs11.CKA_DERIVE: 1,
			pkcs11.CKA_SENSITIVE: 1, pkcs11.CKA_ALWAYS_SENSITIVE: 1, pkcs11.CKA_EXTRACTABLE: 0, pkcs11.CKA_NEVER_EXTRACTABLE: 1,
			pkcs11.CKA_LOCAL: 1, pkcs11.CKA_MODIFIABLE: 0, pkcs11.CKA_COPYABLE: 0,
			pkcs11.CKA_ENCRYPT: 0, pkcs11.CKA_DECRYPT: 0, pkcs11.CKA_SIGN: 0, pkcs11.CKA_VERIFY: 0, pkcs11.CKA_WRAP: 0, pkcs11.CKA_UNWRAP: 0,
		} {
			is, err := s.module.GetAttributeValue(s.handle, s.roots[1].object, []*pkcs11.Attribute{pkcs11.NewAttribute(attribute, nil)})
			if err != nil || len(is[0].Value) != 1 || is[0].Value[0] != want {
				t.Errorf("attribute %#x: %v, %v, want %d", attribute, is, err, want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestFaultsFindsALooseRoot: a root that another program put there, to be read, is reported.
func TestFaultsFindsALooseRoot(t *testing.T) {
	tok := opened(t)
	loose := guarded(1)
	for _, a := range loose {
		if a.Type == pkcs11.CKA_EXTRACTABLE {
			a.Value = []byte{1}
		}
	}
	if err := tok.change(func(s *session) error { return s.add(1, true, loose) }); err != nil {
		t.Fatal(err)
	}
	faults, err := tok.Faults()
	if err != nil || !slices.Equal(faults, []string{"root 1: CKA_EXTRACTABLE is true"}) {
		t.Errorf("%q, %v", faults, err)
	}
}

// TestRootIsNotHandedOut: what our own interface refuses.
func TestRootIsNotHandedOut(t *testing.T) {
	tok := rooted(t)
	root := sam.Recipe{Version: 1}
	if _, err := tok.Value(root); !errors.Is(err, ErrGuarded) {
		t.Errorf("value: %v", err)
	}
	if _, err := tok.CMAC(root, []byte("x")); !errors.Is(err, ErrGuarded) {
		t.Errorf("cmac: %v", err)
	}
	if _, err := tok.TripleDES(root, [8]byte{}, make([]byte, 8)); !errors.Is(err, ErrGuarded) {
		t.Errorf("triple des: %v", err)
	}
}

// TestNothingLiesInTheClear: neither root nor PIN is in SoftHSM's files.
func TestNothingLiesInTheClear(t *testing.T) {
	tok := opened(t)
	key := sam.Component()
	secret, _ := key.Expose()
	if err := tok.Add(1, key); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(hsm.Tokens(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, secret[:]) || bytes.Contains(b, []byte(softhsm.PIN)) {
			t.Errorf("%s holds it", path)
		}
		return err
	})
	if err != nil || files < 2 {
		t.Errorf("%d files, %v", files, err)
	}
}
