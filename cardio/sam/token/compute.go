//go:build cgo && !windows

package token

import (
	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
)

// CMAC is AES-CMAC under a derived key, all of it in the token: sam.ErrVersion, ErrGuarded, ErrGone.
func (t *Token) CMAC(r sam.Recipe, message []byte) (mac [16]byte, err error) {
	err = t.with(func(s *session) error {
		key, err := s.follow(r, signs)
		if err != nil {
			return err
		}
		if err := s.module.SignInit(s.handle, mechanism(pkcs11.CKM_AES_CMAC, nil), key); err != nil {
			return err
		}
		got, err := s.module.Sign(s.handle, message)
		if err == nil {
			copy(mac[:], got)
		}
		return err
	})
	return mac, err
}

// TripleDES enciphers blocks in CBC under a derived key, all of it in the token; it fails as CMAC does.
func (t *Token) TripleDES(r sam.Recipe, iv [8]byte, blocks []byte) (out []byte, err error) {
	err = t.with(func(s *session) error {
		key, err := s.follow(r, enciphers)
		if err != nil {
			return err
		}
		if err := s.module.EncryptInit(s.handle, mechanism(pkcs11.CKM_DES3_CBC, iv[:]), key); err != nil {
			return err
		}
		out, err = s.module.Encrypt(s.handle, blocks)
		return err
	})
	return out, err
}

// Value lets a derived key out, for the card or meter that is given it. A root stays: ErrGuarded.
func (t *Token) Value(r sam.Recipe) (value [sam.KeySize]byte, err error) {
	err = t.with(func(s *session) error {
		key, err := s.follow(r, isRead)
		if err != nil {
			return err
		}
		value, err = s.read(key)
		return err
	})
	return value, err
}

func mechanism(m uint, parameter []byte) []*pkcs11.Mechanism {
	if parameter == nil {
		return []*pkcs11.Mechanism{pkcs11.NewMechanism(m, nil)}
	}
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(m, parameter)}
}
