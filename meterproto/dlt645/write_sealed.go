package dlt645

import (
	"context"
	"fmt"
)

// SealedWrite is a write that is proven by a MAC (§4): its Body is the values, in plain at LevelMAC, else hidden by the ESAM.
type SealedWrite struct {
	DI    DI
	Grant Grant // its password is nothing
	Body  []byte
	MAC   MAC
}

// SealWrite has the key service hide and prove a write, as its level says: LevelCipher or LevelMAC. Under which key
// it is hidden, and which data the MAC is made over, the key service decides, by the identifier; a source that says it is not known. Errors: ErrMalformed for
// another level, and the key service's.
func SealWrite(ctx context.Context, keys Keys, s Session, w Write) (sealed SealedWrite, err error) {
	sealed = SealedWrite{DI: w.DI, Grant: Grant{Access: Access{Level: w.Grant.Access.Level}, Operator: w.Grant.Operator}}
	switch w.Grant.Access.Level {
	case LevelMAC:
		sealed.Body = w.Values
		sealed.MAC, err = keys.MAC(ctx, s, w.DI, w.Values)
	case LevelCipher:
		sealed.Body, sealed.MAC, err = keys.Encipher(ctx, s, w.DI, w.Values)
	default:
		return SealedWrite{}, fmt.Errorf("%w: level %02X is not proven by a MAC", ErrMalformed, w.Grant.Access.Level)
	}
	if err != nil {
		return SealedWrite{}, fmt.Errorf("seal a write of %v: %w", w.DI, err)
	}
	return sealed, nil
}

// Frame is the request to meter a.
func (w SealedWrite) Frame(a Address) Frame {
	return Write{DI: w.DI, Grant: w.Grant, Values: append(append([]byte{}, w.Body...), w.MAC[:]...)}.Frame(a)
}
