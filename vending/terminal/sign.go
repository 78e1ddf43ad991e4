package terminal

import "crypto/ed25519"

// signContext keeps a signature of a script from being one of anything else.
const signContext = "vendgate terminal script 1\x00"

// sign signs the frame, its insertion and number included: a script is good once.
func (f *Frame) sign(key ed25519.PrivateKey) {
	f.Signature = ed25519.Sign(key, f.signedBytes())
}

// signed tells whether the frame is as the owner of key signed it.
func (f Frame) signed(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, f.signedBytes(), f.Signature)
}

func (f Frame) signedBytes() []byte {
	f.Signature = nil
	return append([]byte(signContext), f.Encode()...)
}
