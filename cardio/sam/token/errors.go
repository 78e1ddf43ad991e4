package token

import "errors"

// What can be wrong with a token. Callers branch on these.
var (
	ErrNotBuiltIn = errors.New("this vendgate was built without PKCS#11: use a key file, or the Linux build")
	ErrModule     = errors.New("not a PKCS#11 module, or it cannot be loaded")
	ErrNoToken    = errors.New("no token with that label")
	ErrTwoTokens  = errors.New("two tokens with that label")
	ErrGone       = errors.New("the token does not answer")
	ErrClosed     = errors.New("the token was closed")
	ErrPIN        = errors.New("the token refused the PIN: it is not tried again")
	ErrPINLow     = errors.New("a wrong PIN was tried on the token before: none is tried unless somebody says so")
	ErrPINLocked  = errors.New("the token's PIN is locked, or has one try left, which is not for a program")
	ErrPINLength  = errors.New("the token takes no PIN of that length")
	ErrMechanism  = errors.New("the token cannot compute what cards need")
	ErrGuarded    = errors.New("a root does not leave its token")
	ErrTwoRoots   = errors.New("the token holds two roots of one version")
	ErrTaken      = errors.New("a token with that label is there already")
	ErrNoRoom     = errors.New("no slot has room for a new token")
)

// Options say which token, and how to log in.
type Options struct {
	Module string // path of the PKCS#11 library
	Label  string
	// PIN is asked for at each login, and its answer is not kept.
	PIN func() (string, error)
	// SpendTry logs in although somebody gave a wrong PIN before. The last try is never spent.
	SpendTry bool
}
