//go:build cgo && !windows

package token

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
)

// Token is a PKCS#11 token. It is safe for concurrent use.
type Token struct {
	module  *pkcs11.Ctx
	options Options

	// mu is held for reading while an operation runs, for writing while the module
	// is entered or left: nothing may be under way in it then.
	mu      sync.RWMutex
	login   *login // nil: not logged in
	serial  string // of the token that was opened; another one is never taken for it
	refused error  // final: the PIN was wrong, or Close was called
}

var _ sam.Module = (*Token)(nil)

// Open loads the module, finds the token and logs in. It fails with ErrModule,
// ErrNoToken, ErrTwoTokens, ErrMechanism, ErrTwoRoots, or one of the PIN's errors.
func Open(o Options) (*Token, error) {
	module := pkcs11.New(o.Module)
	if module == nil {
		return nil, fmt.Errorf("%w: %s", ErrModule, o.Module)
	}
	t := &Token{module: module, options: o}
	if err := t.with(func(*session) error { return nil }); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close logs out and lets go of the module. Nothing can be computed afterwards.
func (t *Token) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused == ErrClosed {
		return nil
	}
	t.leave()
	t.refused = ErrClosed
	t.module.Destroy()
	return nil
}

// with runs do in a session of its own. When the token is away, or does not know
// us any more, it is entered anew and do is run once more: an operation has no
// effect but its result.
func (t *Token) with(do func(*session) error) error {
	for first := true; ; first = false {
		l, err := t.enter()
		if err != nil {
			return err
		}
		err = l.run(do)
		t.mu.RUnlock()
		if away(err) || l.worn() {
			t.drop(l)
		}
		switch {
		case !away(err):
			return explain(err)
		case !first:
			return fmt.Errorf("%w: %w", ErrGone, err)
		}
	}
}

// enter returns a login, with mu held for reading.
func (t *Token) enter() (*login, error) {
	for {
		t.mu.RLock()
		if t.login != nil {
			return t.login, nil
		}
		t.mu.RUnlock()
		if err := t.come(); err != nil {
			return nil, err
		}
	}
}

// come logs in, unless somebody else just did. A PIN that was refused stays refused.
func (t *Token) come() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.login != nil {
		return nil
	}
	if t.refused != nil {
		return t.refused
	}
	l, err := t.logIn()
	if err != nil {
		t.leave()
		if errors.Is(err, ErrPIN) {
			t.refused = err
		}
		return err
	}
	t.login = l
	return nil
}

// drop leaves the module, unless somebody else did and it was entered anew since.
func (t *Token) drop(l *login) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.login == l {
		t.leave()
	}
}

// leave forgets everything that the module holds for us. Its errors say that it
// had forgotten before.
func (t *Token) leave() {
	t.login = nil
	_ = t.module.Finalize()
}

// forgetful are the answers of a token that is away, was reset, or does not know
// our sessions or objects any more. SoftHSM says GENERAL_ERROR when its files are
// gone, and KEY_FUNCTION_NOT_PERMITTED of a key whose login has ended.
var forgetful = [...]pkcs11.Error{
	pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_DEVICE_ERROR, pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_TOKEN_NOT_RECOGNIZED,
	pkcs11.CKR_SLOT_ID_INVALID, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED,
	pkcs11.CKR_USER_NOT_LOGGED_IN, pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED, pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED,
	pkcs11.CKR_OBJECT_HANDLE_INVALID, pkcs11.CKR_KEY_HANDLE_INVALID,
	pkcs11.CKR_OPERATION_ACTIVE, pkcs11.CKR_OPERATION_NOT_INITIALIZED,
	pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED,
}

func away(err error) bool {
	var code pkcs11.Error
	return errors.As(err, &code) && slices.Contains(forgetful[:], code)
}

// explain puts the error that callers branch on before the token's own.
func explain(err error) error {
	var code pkcs11.Error
	switch {
	case !errors.As(err, &code):
		return err
	case code == pkcs11.CKR_PIN_INCORRECT, code == pkcs11.CKR_PIN_INVALID, code == pkcs11.CKR_PIN_LEN_RANGE:
		return fmt.Errorf("%w: %w", ErrPIN, err)
	case code == pkcs11.CKR_PIN_LOCKED, code == pkcs11.CKR_PIN_EXPIRED:
		return fmt.Errorf("%w: %w", ErrPINLocked, err)
	case code == pkcs11.CKR_MECHANISM_INVALID:
		return fmt.Errorf("%w: %w", ErrMechanism, err)
	case away(err):
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return fmt.Errorf("token: %w", err)
}
