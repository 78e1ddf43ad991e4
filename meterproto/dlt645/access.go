package dlt645

import (
	"errors"
	"fmt"
)

// Password is P0 P1 P2. It prints and marshals as stars.
type Password [3]byte

const stars = "***"

// Format keeps the password out of every verb of fmt.
func (p Password) Format(s fmt.State, _ rune) { fmt.Fprint(s, stars) }

// MarshalText keeps the password out of JSON.
func (p Password) MarshalText() ([]byte, error) { return []byte(stars), nil }

// Access is PA and the password of that level, without which a meter changes
// nothing.
type Access struct {
	Level    byte // 02 and 04 by password, 98 and 99 by a MAC instead (§4)
	Password Password
}

// Levels that are proven by a MAC of the key service, not by a password (§4).
const (
	LevelCipher byte = 0x98 // ciphertext and MAC
	LevelMAC    byte = 0x99 // plaintext and MAC
)

// ErrSealed is a command that is proven by a MAC: only who has the keys can make
// or read it.
var ErrSealed = errors.New("the command is sealed by the meter's keys")

// Sealed reports whether a MAC takes the place of the password.
func (a Access) Sealed() bool { return a.Level == LevelCipher || a.Level == LevelMAC }

// Operator is C0 C1 C2 C3 in wire order: who asks, as the meter will store it.
type Operator [4]byte

const (
	accessSize   = 4
	operatorSize = 4
	grantSize    = accessSize + operatorSize
)

// Grant is what a command that changes something begins with.
type Grant struct {
	Access   Access
	Operator Operator
}

func (a Access) appendTo(dst []byte) []byte {
	return append(append(dst, a.Level), a.Password[:]...)
}

func (g Grant) appendTo(dst []byte) []byte {
	return append(g.Access.appendTo(dst), g.Operator[:]...)
}

// cutAccess takes the access from the beginning of b, which is long enough.
func cutAccess(b []byte) (Access, []byte) {
	return Access{Level: b[0], Password: Password(b[1:accessSize])}, b[accessSize:]
}

// cutGrant takes the grant from the beginning of b, which is long enough.
func cutGrant(b []byte) (g Grant, rest []byte) {
	g.Access, rest = cutAccess(b)
	g.Operator = Operator(rest[:operatorSize])
	return g, rest[operatorSize:]
}
