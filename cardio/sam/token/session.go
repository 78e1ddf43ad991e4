//go:build cgo && !windows

package token

import (
	"sync/atomic"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
)

const (
	// sessions are as many as compute at once; who comes then waits for one.
	sessions = 8
	// wear is how many derived keys a login makes before the module is entered anew.
	// SoftHSM 2.6 keeps some 250 bytes of every session object that was destroyed,
	// until C_Finalize: this bounds it to some 60 MB.
	wear = 1 << 18
)

// login is what was opened by one C_Initialize.
type login struct {
	module *pkcs11.Ctx
	idle   chan pkcs11.SessionHandle
	roots  map[uint8]root // as found at the login
	made   atomic.Int64   // session objects
}

// root is a token object that only derives.
type root struct {
	sam.Root
	object pkcs11.ObjectHandle
	zero   [16]byte // the zero block under it: what CMAC needs to know of it, and its KCV
}

func (l *login) worn() bool { return l.made.Load() > wear }

// session is one line to the token in the hands of one goroutine, which it leaves
// without a derived key. A session that two share crashed SoftHSM.
type session struct {
	*login
	handle  pkcs11.SessionHandle
	derived []pkcs11.ObjectHandle
}

// run lends do a session.
func (l *login) run(do func(*session) error) error {
	s := &session{login: l, handle: <-l.idle}
	defer func() {
		for _, object := range s.derived {
			_ = l.module.DestroyObject(s.handle, object) // fails only when it is gone
		}
		l.made.Add(int64(len(s.derived)))
		l.idle <- s.handle
	}()
	return do(s)
}
