package dlt645

import (
	"context"
	"fmt"
)

// SealedRelay is a relay command that is proven by a MAC (§4): its Body is the
// ESAM's, in plain at LevelMAC.
type SealedRelay struct {
	Grant Grant // its password is nothing
	Body  []byte
	MAC   MAC
}

const (
	macSize      = len(MAC{})
	maxRelayBody = 32
	cipherBlock  = 8
)

// SealRelay has the key service hide and prove a relay command, as its level says:
// LevelCipher or LevelMAC. Errors: ErrDate, ErrMalformed for another level or a
// ciphertext that no meter takes, and the key service's.
func SealRelay(ctx context.Context, keys Keys, s Session, r Relay) (sealed SealedRelay, err error) {
	plain, err := r.body()
	if err != nil {
		return SealedRelay{}, err
	}
	sealed.Grant = Grant{Access: Access{Level: r.Grant.Access.Level}, Operator: r.Grant.Operator}
	switch r.Grant.Access.Level {
	case LevelMAC:
		sealed.Body = plain
		sealed.MAC, err = keys.MAC(ctx, s, DI{}, plain) // a relay command has no identifier
	case LevelCipher:
		sealed.Body, sealed.MAC, err = keys.Encipher(ctx, s, DI{}, plain)
	default:
		return SealedRelay{}, fmt.Errorf("%w: level %02X is not proven by a MAC", ErrMalformed, r.Grant.Access.Level)
	}
	if err != nil {
		return SealedRelay{}, fmt.Errorf("seal a relay command: %w", err)
	}
	if !sealed.fits() {
		return SealedRelay{}, fmt.Errorf("%w: %d bytes of ciphertext", ErrMalformed, len(sealed.Body))
	}
	return sealed, nil
}

// fits reports whether the body has a length of its level.
func (r SealedRelay) fits() bool {
	n := len(r.Body)
	if r.Grant.Access.Level == LevelMAC {
		return n == relaySize
	}
	return n > 0 && n <= maxRelayBody && n%cipherBlock == 0
}

// Frame is the request to meter a.
func (r SealedRelay) Frame(a Address) Frame {
	data := append(r.Grant.appendTo(nil), r.Body...)
	return Frame{Address: a, Control: SwitchRelay, Data: append(data, r.MAC[:]...)}
}

// DecodeSealedRelay reads a request that SealedRelay.Frame made. Its Body is a part
// of f.Data. It fails with ErrMalformed where the frame is anything else.
func DecodeSealedRelay(f Frame) (r SealedRelay, err error) {
	if f.Control != SwitchRelay || len(f.Data) < grantSize+macSize {
		return SealedRelay{}, malformed(f, "sealed relay command")
	}
	var rest []byte
	r.Grant, rest = cutGrant(f.Data)
	body := len(rest) - macSize
	r.Body, r.MAC = rest[:body], MAC(rest[body:])
	if !r.Grant.Access.Sealed() || !r.fits() {
		return SealedRelay{}, malformed(f, "sealed relay command")
	}
	return r, nil
}
