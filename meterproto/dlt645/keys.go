package dlt645

import "context"

// MAC is what proves a command to the meter, or a meter's answer to us.
type MAC [4]byte

// Challenge is what the key service makes to prove itself to a meter: Random
// enciphered under the key that Diversifier derives.
type Challenge struct {
	Cipher, Random, Diversifier [8]byte
}

// Session is an identity that a meter has accepted. It ages: the meter drops it
// after its lifetime, and after every third wrong MAC.
type Session struct {
	Meter     Address
	Challenge Challenge
	Random    [4]byte // the meter's
	ESAM      [8]byte // the number of the meter's chip
}

// Keys computes what only the holder of the meters' keys can: an HSM or ESAM
// behind the caller. This package never sees a key.
type Keys interface {
	// Challenge begins a session with a meter.
	Challenge(ctx context.Context, meter Address) (Challenge, error)
	// MAC proves data, which is sent in plain, as a part of the command di.
	MAC(ctx context.Context, s Session, di DI, data []byte) (MAC, error)
	// Encipher hides data and proves it, as the command di: for commands of LevelCipher.
	Encipher(ctx context.Context, s Session, di DI, data []byte) (cipher []byte, mac MAC, err error)
}
