//go:build cgo && !windows

package token

import (
	"crypto/subtle"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
)

// use is the one thing that a derived key may do.
type use struct{ keyType, attribute uint }

var (
	derivesAES = use{pkcs11.CKK_AES, pkcs11.CKA_DERIVE}
	derivesDES = use{pkcs11.CKK_DES2, pkcs11.CKA_DERIVE}
	signs      = use{pkcs11.CKK_AES, pkcs11.CKA_SIGN}
	enciphers  = use{pkcs11.CKK_DES2, pkcs11.CKA_ENCRYPT}
	isRead     = use{pkcs11.CKK_GENERIC_SECRET, pkcs11.CKA_EXTRACTABLE}
)

// base is a key from which another one is derived.
type base struct {
	object pkcs11.ObjectHandle
	zero   *[16]byte // the zero block under it, where that is known already
}

// follow makes the key of a recipe, for one use, in the token.
func (s *session) follow(r sam.Recipe, last use) (pkcs11.ObjectHandle, error) {
	root, ok := s.roots[r.Version]
	if !ok {
		return 0, fmt.Errorf("%w: %d", sam.ErrVersion, r.Version)
	}
	if len(r.Steps) == 0 {
		return 0, ErrGuarded
	}
	from := base{root.object, &root.zero}
	for i, step := range r.Steps {
		to := last
		if i+1 < len(r.Steps) {
			to = derivesBy(r.Steps[i+1].Rule)
		}
		object, err := s.step(from, step, to)
		if err != nil {
			return 0, err
		}
		from = base{object: object}
	}
	return from.object, nil
}

func derivesBy(rule sam.Rule) use {
	if rule == sam.ByTripleDES {
		return derivesDES
	}
	return derivesAES
}

func (s *session) step(from base, step sam.Step, to use) (pkcs11.ObjectHandle, error) {
	switch step.Rule {
	case sam.ByCMAC:
		return s.byCMAC(from, step.Data, to)
	case sam.ByTripleDES:
		return s.derive(pkcs11.CKM_DES3_ECB_ENCRYPT_DATA, from.object, step.Data, to)
	}
	return 0, fmt.Errorf("%w: half of a key", ErrMechanism)
}

// byCMAC derives the key that is the AES-CMAC (RFC 4493) of message. No token at
// hand has NIST SP 800-108 as a mechanism, but CMAC ends with one block under the
// key, and a key can be derived as one block under another key. The chain before
// the last block and the zero block do come out; neither is a key, nor tells one.
func (s *session) byCMAC(from base, message []byte, to use) (pkcs11.ObjectHandle, error) {
	if from.zero == nil {
		zero, err := s.block(from.object, [16]byte{})
		if err != nil {
			return 0, err
		}
		from.zero = &zero
	}
	var chain [16]byte
	for len(message) > 16 {
		subtle.XORBytes(chain[:], chain[:], message[:16])
		var err error
		if chain, err = s.block(from.object, chain); err != nil {
			return 0, err
		}
		message = message[16:]
	}
	last := lastBlock(*from.zero, message)
	subtle.XORBytes(chain[:], chain[:], last[:])
	return s.derive(pkcs11.CKM_AES_ECB_ENCRYPT_DATA, from.object, chain[:], to)
}

// lastBlock is the end of a message, at most 16 bytes, under one of CMAC's two
// subkeys, which come of the zero block (RFC 4493 §2.3).
func lastBlock(zero [16]byte, end []byte) [16]byte {
	var block [16]byte
	subkey := double(zero)
	if copy(block[:], end) < len(block) {
		block[len(end)] = 0x80
		subkey = double(subkey)
	}
	subtle.XORBytes(block[:], block[:], subkey[:])
	return block
}

// double multiplies by x in GF(2^128).
func double(b [16]byte) (out [16]byte) {
	for i := range 15 {
		out[i] = b[i]<<1 | b[i+1]>>7
	}
	out[15] = b[15]<<1 ^ b[0]>>7*0x87
	return out
}

// block is one block under a key that only derives: a key that may be read.
func (s *session) block(key pkcs11.ObjectHandle, plain [16]byte) ([16]byte, error) {
	object, err := s.derive(pkcs11.CKM_AES_ECB_ENCRYPT_DATA, key, plain[:], isRead)
	if err != nil {
		return [16]byte{}, err
	}
	return s.read(object)
}

func (s *session) read(object pkcs11.ObjectHandle) (value [16]byte, err error) {
	got, err := s.module.GetAttributeValue(s.handle, object, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)})
	if err != nil {
		return value, err
	}
	if len(got) != 1 || len(got[0].Value) != len(value) {
		return value, fmt.Errorf("%w: a derived key of another size", ErrMechanism)
	}
	return [16]byte(got[0].Value), nil
}

// derive makes a session object: data under a key, in ECB. It is destroyed when
// the session goes back.
func (s *session) derive(mechanism uint, from pkcs11.ObjectHandle, data []byte, to use) (pkcs11.ObjectHandle, error) {
	var pinned runtime.Pinner
	defer pinned.Unpin()
	how := pkcs11.NewMechanism(mechanism, stringData(&pinned, data))
	object, err := s.module.DeriveKey(s.handle, []*pkcs11.Mechanism{how}, from, to.template())
	if err == nil {
		s.derived = append(s.derived, object)
	}
	return object, err
}

// template is a session object for one use. Who may read it gets a plain secret:
// a DES key's parity would be adjusted.
func (u use) template() []*pkcs11.Attribute {
	readable := u == isRead
	t := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, u.keyType),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, !readable),
	}
	for _, may := range []uint{pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_DERIVE, pkcs11.CKA_SIGN, pkcs11.CKA_ENCRYPT,
		pkcs11.CKA_VERIFY, pkcs11.CKA_DECRYPT, pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP} {
		t = append(t, pkcs11.NewAttribute(may, may == u.attribute))
	}
	if u.keyType != pkcs11.CKK_DES2 {
		t = append(t, pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, sam.KeySize))
	}
	return t
}

// stringData is a CK_KEY_DERIVATION_STRING_DATA (PKCS#11 2.40, §2.15), which the
// binding does not know: a pointer and a length. The data stays where it is while pinned.
func stringData(pinned *runtime.Pinner, data []byte) []byte {
	pinned.Pin(&data[0])
	parameter := struct {
		data uintptr
		size uint
	}{uintptr(unsafe.Pointer(&data[0])), uint(len(data))}
	return append([]byte{}, unsafe.Slice((*byte)(unsafe.Pointer(&parameter)), unsafe.Sizeof(parameter))...)
}
