//go:build cgo

package token

import (
	"crypto/aes"
	"encoding/hex"
	"fmt"
	"runtime"
	"testing"
)

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// kcv is the check value of an AES key, done here once more.
func kcv(key []byte) string {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	var zero [16]byte
	block.Encrypt(zero[:], zero[:])
	return fmt.Sprintf("%X", zero[:3])
}

// withData lends do the parameter that names data.
func withData(data []byte, do func(parameter []byte)) {
	var pinned runtime.Pinner
	defer pinned.Unpin()
	do(stringData(&pinned, data))
}
