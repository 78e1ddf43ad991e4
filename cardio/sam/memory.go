package sam

import (
	"crypto/cipher"
	"crypto/des"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/prf/subtle"
)

// memory is the module that has its roots in this program, by version. Each lies
// in a closure: fmt follows pointers of unexported fields where a verb does not
// fit, and a debugger's dump follows all of them, but nothing prints what a
// function holds.
type memory map[uint8]func() [KeySize]byte

func hold(secret [KeySize]byte) func() [KeySize]byte {
	return func() [KeySize]byte { return secret }
}

// newKey is a key of its own, from which nothing need be derived.
func newKey(secret [KeySize]byte) *Key {
	return &Key{module: memory{0: hold(secret)}}
}

// CMAC is AES-CMAC (RFC 4493).
func (m memory) CMAC(r Recipe, message []byte) ([16]byte, error) {
	secret, err := m.Value(r)
	if err != nil {
		return [16]byte{}, err
	}
	return aesCMAC(secret, message)
}

// TripleDES enciphers blocks in CBC.
func (m memory) TripleDES(r Recipe, iv [8]byte, blocks []byte) ([]byte, error) {
	secret, err := m.Value(r)
	if err != nil {
		return nil, err
	}
	return tripleDES(secret, iv, blocks)
}

// Value follows the recipe.
func (m memory) Value(r Recipe) ([KeySize]byte, error) {
	root, ok := m[r.Version]
	if !ok {
		return [KeySize]byte{}, fmt.Errorf("%w: %d", ErrVersion, r.Version)
	}
	secret, err := root(), error(nil)
	for _, step := range r.Steps {
		if secret, err = step.follow(secret); err != nil {
			break
		}
	}
	return secret, err
}

func (s Step) follow(secret [KeySize]byte) ([KeySize]byte, error) {
	switch s.Rule {
	case ByCMAC:
		return aesCMAC(secret, s.Data)
	case ByTripleDES:
		left, err := tripleDES(secret, [8]byte{}, s.Data[:8])
		if err != nil {
			return secret, err
		}
		right, err := tripleDES(secret, [8]byte{}, s.Data[8:])
		return [KeySize]byte(append(left, right...)), err
	default: // LeftTwice
		copy(secret[8:], secret[:8])
		return secret, nil
	}
}

func aesCMAC(secret [KeySize]byte, message []byte) ([16]byte, error) {
	prf, err := subtle.NewAESCMACPRF(secret[:])
	if err != nil {
		return [16]byte{}, fmt.Errorf("aes-cmac: %w", err)
	}
	tag, err := prf.ComputePRF(message, 16)
	if err != nil {
		return [16]byte{}, fmt.Errorf("aes-cmac: %w", err)
	}
	return [16]byte(tag), nil
}

func tripleDES(secret [KeySize]byte, iv [8]byte, blocks []byte) ([]byte, error) {
	block, err := des.NewTripleDESCipher(append(secret[:], secret[:8]...))
	if err != nil {
		return nil, fmt.Errorf("triple des: %w", err)
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCEncrypter(block, iv[:]).CryptBlocks(out, blocks)
	return out, nil
}
