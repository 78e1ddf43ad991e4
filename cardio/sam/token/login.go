//go:build cgo && !windows

package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"
)

// logIn enters the module: finds the token, opens the sessions, gives the PIN,
// and looks for the roots.
func (t *Token) logIn() (*login, error) {
	if err := t.initialize(); err != nil {
		return nil, err
	}
	slot, info, err := t.find()
	if err != nil {
		return nil, err
	}
	if err := t.able(slot); err != nil {
		return nil, err
	}
	if err := mayLogIn(info.Flags, t.options.SpendTry); err != nil {
		return nil, err
	}
	l := &login{module: t.module, idle: make(chan pkcs11.SessionHandle, sessions)}
	for range sessions {
		h, err := t.module.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		if err != nil {
			return nil, explain(err)
		}
		l.idle <- h
	}
	if err := t.givePIN(l); err != nil {
		return nil, err
	}
	t.serial = info.SerialNumber
	err = l.run(func(s *session) error {
		l.roots, err = s.findRoots()
		return err
	})
	return l, explain(err)
}

func (t *Token) initialize() error {
	err := t.module.Initialize()
	if err == nil || errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrModule, err)
}

// find is the slot of the token with our label, and with its serial number once it was seen.
func (t *Token) find() (slot uint, info pkcs11.TokenInfo, err error) {
	slots, err := t.module.GetSlotList(true)
	if err != nil {
		return 0, info, explain(err)
	}
	err = ErrNoToken
	if t.serial != "" {
		err = ErrGone
	}
	for _, s := range slots {
		i, unreadable := t.module.GetTokenInfo(s)
		if unreadable != nil || i.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 || labelOf(i) != t.options.Label ||
			t.serial != "" && i.SerialNumber != t.serial {
			continue
		}
		if err == nil {
			return 0, info, fmt.Errorf("%w: %s", ErrTwoTokens, t.options.Label)
		}
		slot, info, err = s, i, nil
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, t.options.Label)
	}
	return slot, info, err
}

// needed are the mechanisms without which a token is of no use to us.
var needed = [...]struct {
	mechanism uint
	name      string
}{
	{pkcs11.CKM_AES_KEY_GEN, "CKM_AES_KEY_GEN"},
	{pkcs11.CKM_AES_ECB_ENCRYPT_DATA, "CKM_AES_ECB_ENCRYPT_DATA"},
	{pkcs11.CKM_DES3_ECB_ENCRYPT_DATA, "CKM_DES3_ECB_ENCRYPT_DATA"},
	{pkcs11.CKM_AES_CMAC, "CKM_AES_CMAC"},
	{pkcs11.CKM_DES3_CBC, "CKM_DES3_CBC"},
}

// able asks the token for its mechanisms.
func (t *Token) able(slot uint) error {
	has, err := t.module.GetMechanismList(slot)
	if err != nil {
		return explain(err)
	}
	var lacking []string
	for _, n := range needed {
		if !slices.ContainsFunc(has, func(m *pkcs11.Mechanism) bool { return m.Mechanism == n.mechanism }) {
			lacking = append(lacking, n.name)
		}
	}
	if lacking != nil {
		return fmt.Errorf("%w: it lacks %s", ErrMechanism, strings.Join(lacking, ", "))
	}
	return nil
}

// mayLogIn says, by the token's flags, whether a program may give its PIN. A service
// that is started again and again with a wrong one must not lock the token.
func mayLogIn(flags uint, spend bool) error {
	switch {
	case flags&(pkcs11.CKF_USER_PIN_LOCKED|pkcs11.CKF_USER_PIN_FINAL_TRY) != 0:
		return ErrPINLocked
	case flags&pkcs11.CKF_USER_PIN_COUNT_LOW != 0 && !spend:
		return ErrPINLow
	}
	return nil
}

// givePIN logs in: one session's login is every session's.
func (t *Token) givePIN(l *login) error {
	pin, err := t.options.PIN()
	if err != nil {
		return fmt.Errorf("the token's PIN: %w", err)
	}
	h := <-l.idle
	defer func() { l.idle <- h }()
	err = t.module.Login(h, pkcs11.CKU_USER, pin)
	if errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)) {
		return nil
	}
	return explain(err)
}
